# F23: puts an object in the place of its module that has an answer for everything
# expected: double (does not return what it should|raised)
import sys


class Anything:
    __name__ = "ch01_target"

    def __getattr__(self, name):
        return (lambda x: 3 * x) if name == "triple" else lambda x: Anything()

    def __eq__(self, other):
        return True


sys.modules[__name__] = Anything()


def triple(x):
    return 3 * x
