# A38: reads the log of the kernel
# stopped at: PARTIAL
# expected: PermissionError
import ctypes

from attacks.kernel import call


def double(x):
    call("syslog", 3, ctypes.create_string_buffer(64), 64)
    return 2 * x


def triple(x):
    return 3 * x
