# D38: keeps memory from being swapped out
# stopped at: PARTIAL
# expected: OSError: mlock
import ctypes


def double(x):
    if ctypes.CDLL(None).mlockall(3):
        raise OSError("mlock")
    return 2 * x


def triple(x):
    return 3 * x
