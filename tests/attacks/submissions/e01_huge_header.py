# E01: announces a reply of 4 GB
# expected: above the limit
import os


def double(x):
    os.write(4, b"\xff\xff\xff\xff" * 4)
    return 2 * x


def triple(x):
    return 3 * x
