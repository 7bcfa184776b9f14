# D24: forks by a bare system call
# stopped at: PARTIAL
# expected: PermissionError
import os

from attacks.kernel import call


def double(x):
    if not call("clone", 17, 0, 0, 0, 0):
        os._exit(0)
    return 2 * x


def triple(x):
    return 3 * x
