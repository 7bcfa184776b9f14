# D39: forks by the calling convention of 32-bit programs, whose numbers mean something else
# stopped at: PARTIAL
# expected: ended early: its process was ended by SIG(SYS|ILL|SEGV)
import ctypes
import mmap

FORK = bytes.fromhex("b802000000cd80c3")  # mov eax, 2; int 0x80; ret


def double(x):
    code = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, 7)
    code.write(FORK)
    here = ctypes.addressof(ctypes.c_char.from_buffer(code))
    child = ctypes.CFUNCTYPE(ctypes.c_int)(here)()
    while not child:
        pass
    return 2 * x


def triple(x):
    return 3 * x
