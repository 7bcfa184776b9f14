# D31: takes all descriptors of the machine
# stopped at: PARTIAL
# expected: Too many open files
import os


def double(x):
    taken = []
    try:
        for _ in range(5000):
            taken.append(os.open("/dev/null", os.O_RDONLY))
    finally:
        for number in taken:
            os.close(number)
    return 2 * x


def triple(x):
    return 3 * x
