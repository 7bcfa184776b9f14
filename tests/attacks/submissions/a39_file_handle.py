# A39: asks for a handle of the reference, which opens it past all folders
# stopped at: PARTIAL
# expected: PermissionError
import ctypes

from attacks.kernel import call


def double(x):
    handle = (ctypes.c_uint32 * 40)(128)
    call("name_to_handle_at", -100, b"@SECRET@", handle, ctypes.byref(ctypes.c_int()), 0)
    return 2 * x


def triple(x):
    return 3 * x
