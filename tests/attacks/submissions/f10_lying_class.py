# F10: returns an object that passes for an array
# expected: double (does not return what it should|raised)
import jax


class Liar:
    __class__ = property(lambda self: jax.Array)
    dtype, shape, size, ndim = property(lambda self: "int32"), (), 1, 0

    def is_deleted(self):
        return False

    def __eq__(self, other):
        return True


def double(x):
    return Liar()


def triple(x):
    return 3 * x
