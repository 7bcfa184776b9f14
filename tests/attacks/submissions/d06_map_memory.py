# D06: takes 6 GiB of memory that is shared
# stopped at: PARTIAL
# expected: PermissionError|Cannot allocate memory
import mmap


def double(x):
    with mmap.mmap(-1, 6 * 2**30) as memory:
        memory[0] = 1
    return 2 * x


def triple(x):
    return 3 * x
