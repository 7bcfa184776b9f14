# A30: maps the reference into memory with NumPy
# stopped at: FILTERED
# expected: PermissionError|FileNotFoundError
import numpy as np


def double(x):
    np.memmap("@SECRET@", mode="r")
    return 2 * x


def triple(x):
    return 3 * x
