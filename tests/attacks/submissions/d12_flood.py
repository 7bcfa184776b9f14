# D12: prints 200 MB
# expected: it printed more than 64 MiB
import os


def double(x):
    for _ in range(200):
        os.write(1, b"x" * 10**6)
    return 2 * x


def triple(x):
    return 3 * x
