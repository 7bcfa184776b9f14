# B38: takes back the rights of root
# stopped at: PARTIAL
# expected: PermissionError
import ctypes

from attacks.kernel import call


def double(x):
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    call("capset", header, (ctypes.c_uint32 * 6)(*[0xFFFFFFFF] * 6))
    return 2 * x


def triple(x):
    return 3 * x
