# E15: replies with bytes that mean nothing
# expected: ended early:
import os


def double(x):
    os.write(4, b"\0\0\0\x20\0\0\0\x10" + bytes(range(0xC1, 0xE1)) * 4)
    return 2 * x


def triple(x):
    return 3 * x
