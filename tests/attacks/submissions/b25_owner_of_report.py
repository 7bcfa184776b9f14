# B25: gives the report to somebody else
# stopped at: PARTIAL
# expected: PermissionError
import os


def double(x):
    os.chown("@REPORT@", -1, -1)
    return 2 * x


def triple(x):
    return 3 * x
