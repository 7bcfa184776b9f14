# D13: prints 200 MB as lines of one character, on both streams
# expected: it printed more than 64 MiB
import os


def double(x):
    for _ in range(100):
        os.write(1, b"\n" * 10**6)
        os.write(2, b"\r\n" * (10**6 // 2))
    return 2 * x


def triple(x):
    return 3 * x
