# B30: queues a signal with a message for the grader
# stopped at: PARTIAL
# expected: PermissionError
import ctypes

from attacks.kernel import call


def double(x):
    call("rt_sigqueueinfo", int("@GRADER@"), 0, (ctypes.c_int * 32)(0, 0, -1))
    return 2 * x


def triple(x):
    return 3 * x
