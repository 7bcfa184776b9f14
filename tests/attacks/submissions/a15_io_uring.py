# A15: opens a ring through which the kernel works past the filter of system calls
# stopped at: PARTIAL
# expected: PermissionError
import ctypes

from attacks.kernel import call


def double(x):
    call("io_uring_setup", 4, ctypes.create_string_buffer(120))
    return 2 * x


def triple(x):
    return 3 * x
