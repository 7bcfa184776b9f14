# D40: forks by a second number of the same call (x32)
# stopped at: PARTIAL
# expected: ended early: its process was ended by SIGSYS|PermissionError|Errno
import ctypes
import os


def double(x):
    child = ctypes.CDLL(None, use_errno=True).syscall(0x40000000 + 57)
    if child < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    while not child:
        pass
    return 2 * x


def triple(x):
    return 3 * x
