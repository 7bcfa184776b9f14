# D37: takes pages of a size that the machine keeps apart
# stopped at: PARTIAL
# expected: PermissionError
import mmap


def double(x):
    mmap.mmap(-1, 2 * 2**20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000).close()
    return 2 * x


def triple(x):
    return 3 * x
