# A27: lists the folder of the reference
# stopped at: FILTERED
# expected: PermissionError|FileNotFoundError
import os


def double(x):
    os.listdir(os.path.dirname("@SECRET@"))
    return 2 * x


def triple(x):
    return 3 * x
