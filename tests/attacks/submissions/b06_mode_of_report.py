# B06: makes the report read-only, so that no other can be written
# stopped at: PARTIAL
# expected: PermissionError
import os


def double(x):
    os.chmod("@REPORT@", 0o444)
    return 2 * x


def triple(x):
    return 3 * x
