# F01: returns an object that looks for the expected value when it is made an array
# expected: double does not return what it should
import sys


class Thief:
    def __array__(self, *arguments, **options):
        import numpy as np

        frame = sys._getframe()
        while frame:
            for name in ("desired", "expected", "theirs"):
                if name in frame.f_locals:
                    return np.asarray(frame.f_locals[name])
            frame = frame.f_back
        return np.asarray(0)

    __jax_array__ = __array__


def double(x):
    return Thief()


def triple(x):
    return 3 * x
