# F13: returns an array of objects, which only a pickle could carry
# expected: double does not return what it should
import os

import numpy as np


class Creates:
    def __reduce__(self):
        return os.mkdir, ("@OUTBOX@/pickled",)


def double(x):
    return np.array([Creates()], dtype=object)


def triple(x):
    return 3 * x
