# B24: makes the reference look old
# stopped at: PARTIAL
# expected: PermissionError
import os


def double(x):
    os.utime("@SECRET@", (0, 0))
    return 2 * x


def triple(x):
    return 3 * x
