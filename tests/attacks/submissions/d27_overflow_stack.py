# D27: calls itself until its stack is full
# expected: ended early: its process was ended by SIG(SEGV|BUS|ABRT)|RecursionError|MemoryError|the Python int 0
import ctypes
import sys

sys.setrecursionlimit(10**9)


def double(x):
    @ctypes.CFUNCTYPE(ctypes.c_int)
    def again():
        return again()

    return again()


def triple(x):
    return 3 * x
