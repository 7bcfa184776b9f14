# D32: closes the descriptors by which it is asked and answers
# expected: ended early: its process exited with status
import os


def double(x):
    os.closerange(0, 5)
    return 2 * x


def triple(x):
    return 3 * x
