# D25: forks by the call whose flags no filter can see
# stopped at: PARTIAL
# expected: Errno 38
import ctypes
import os

from attacks.kernel import call


def double(x):
    if not call("clone3", (ctypes.c_uint64 * 11)(0, 0, 0, 0, 17), 88):
        os._exit(0)
    return 2 * x


def triple(x):
    return 3 * x
