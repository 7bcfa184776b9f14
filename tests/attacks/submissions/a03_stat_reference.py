# A03: asks whether a file of the reference is there, and how long it is
# stopped at: FULL
# expected: FileNotFoundError
import os


def double(x):
    os.stat("@SECRET@")
    return 2 * x


def triple(x):
    return 3 * x
