# D34: crashes its process by a wild pointer
# expected: ended early: its process was ended by SIGSEGV
import ctypes


def double(x):
    ctypes.string_at(0)
    return 2 * x


def triple(x):
    return 3 * x
