# B37: becomes another user
# stopped at: PARTIAL
# expected: PermissionError
import os


def double(x):
    os.setresuid(os.getuid(), os.getuid(), os.getuid())
    return 2 * x


def triple(x):
    return 3 * x
