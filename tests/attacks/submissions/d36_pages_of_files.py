# D36: takes 6 GiB of memory in many small mappings
# stopped at: PARTIAL
# expected: Cannot allocate memory
import mmap


def double(x):
    taken = []
    try:
        for _ in range(6 * 16):
            taken.append(mmap.mmap(-1, 64 * 2**20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS))
    finally:
        for memory in taken:
            memory.close()
    return 2 * x


def triple(x):
    return 3 * x
