# F12: returns an array that equals every other
# expected: double (does not return what it should|raised)
import numpy as np


class Same(np.ndarray):
    def __eq__(self, other):
        return np.ones(self.shape, bool)

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return np.ones((), bool)

    def tobytes(self, order="C"):
        return np.int64(42).tobytes()


def double(x):
    return np.int64(5).reshape(()).view(Same) if False else np.asarray(5).view(Same)


def triple(x):
    return 3 * x
