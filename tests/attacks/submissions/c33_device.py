# C33: makes a device of its own
# stopped at: PARTIAL
# expected: PermissionError
import os
import stat


def double(x):
    if type(x) is int:  # the first time
        os.mknod("@OUTBOX@/null", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    return 2 * x


def triple(x):
    return 3 * x
