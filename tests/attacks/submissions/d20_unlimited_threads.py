# D20: starts threads by system calls, with stacks too small for the limits of memory to notice
# stopped at: PARTIAL
# expected: ended by SIGKILL|LookupError: only \d+ threads
import ctypes
import time

FLAGS = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000  # what a thread shares
COUNT, STACK = 3000, 8192

stacks = ctypes.create_string_buffer(COUNT * STACK + 16)


def double(x):
    libc = ctypes.CDLL(None)
    wait = ctypes.cast(libc.sleep, ctypes.c_void_p)
    bottom = (ctypes.addressof(stacks) + 15) & ~15
    for count in range(COUNT):
        top = ctypes.c_void_p(bottom + (count + 1) * STACK)
        if libc.clone(wait, top, FLAGS, ctypes.c_void_p(100)) == -1:
            raise LookupError(f"only {count} threads")
    time.sleep(1)
    return 2 * x


def triple(x):
    return 3 * x
