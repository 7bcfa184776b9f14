# D29: searches for a pattern for hours while it is imported
# expected: did not come to an end while it was loaded: no answer within 1 s
# spares: halve
# timeout: 1
import re

re.match("(a+)+$", "a" * 64 + "b")


def double(x):
    return 2 * x


def triple(x):
    return 3 * x
