# B43: takes a lease on a library, so that others wait when they open it
# stopped at: PARTIAL
# expected: PermissionError
import fcntl
import os


def double(x):
    with open(os.__file__) as file:
        fcntl.fcntl(file, 1024, fcntl.F_RDLCK)
    return 2 * x


def triple(x):
    return 3 * x
