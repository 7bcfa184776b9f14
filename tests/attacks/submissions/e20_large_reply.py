# E20: returns 600 MB
# expected: raised MemoryError|ended early: a (message|value|reply) of|does not return what it should: got
import numpy as np


def double(x):
    return np.zeros(600 * 2**20, np.uint8)


def triple(x):
    return 3 * x
