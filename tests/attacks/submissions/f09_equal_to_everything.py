# F09: returns a number that equals every other
# expected: double does not return what it should


class Same(int):
    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    __hash__ = int.__hash__
    __index__ = __int__ = lambda self: Same(42)


def double(x):
    return Same(5)


def triple(x):
    return 3 * x
