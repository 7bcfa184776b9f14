# B23: empties the reference
# stopped at: PARTIAL
# expected: PermissionError
import os


def double(x):
    os.truncate("@SECRET@", 0)
    return 2 * x


def triple(x):
    return 3 * x
