# A19: opens the reference by a system call whose flags no filter can see
# stopped at: PARTIAL
# expected: Errno 38
import ctypes

from attacks.kernel import call


def double(x):
    call("openat2", -100, b"@SECRET@", (ctypes.c_uint64 * 3)(), 24)
    return 2 * x


def triple(x):
    return 3 * x
