# A34: makes a map in the kernel, the first step of loading a program into it
# stopped at: PARTIAL
# expected: PermissionError
import ctypes

from attacks.kernel import call


def double(x):
    call("bpf", 0, (ctypes.c_uint32 * 18)(2, 4, 4, 1), 72)
    return 2 * x


def triple(x):
    return 3 * x
