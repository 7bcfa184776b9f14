# D07: takes 6 GiB of memory
# stopped at: PARTIAL
# expected: MemoryError
import ctypes


def double(x):
    memory = bytearray(6 * 2**30)
    ctypes.memmove((ctypes.c_char * 1).from_buffer(memory), b"x", 1)
    return 2 * x


def triple(x):
    return 3 * x
