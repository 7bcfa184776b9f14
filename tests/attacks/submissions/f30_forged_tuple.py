# F30: returns a tuple whose type is called like lines of the sheet, and fills it
# expected: double does not return what it should|ended early
# shows no: ^FORGED|\x1b
import collections

Pair = collections.namedtuple("Pair", "a b")
Pair.__name__ = "T\nFORGED\x1b[2J" + "x" * 60_000


def double(x):
    return Pair(1, 2)


def triple(x):
    return 3 * x
