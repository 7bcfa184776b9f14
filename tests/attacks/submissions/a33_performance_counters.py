# A33: listens to the processor's counters
# stopped at: PARTIAL
# expected: PermissionError
import ctypes

from attacks.kernel import call


def double(x):
    attributes = (ctypes.c_uint64 * 16)(1, 0)  # a software event; excludes nothing
    ctypes.cast(attributes, ctypes.POINTER(ctypes.c_uint32))[1] = 128
    call("perf_event_open", attributes, 0, -1, -1, 0)
    return 2 * x


def triple(x):
    return 3 * x
