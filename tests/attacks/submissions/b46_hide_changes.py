# B46: changes its arguments, and the code of what would notice
# expected: double changed its arguments
from grader.worker import child


def unchanged(given, args):
    return ""


child.changed_arguments.__code__ = unchanged.__code__


def double(x):
    x *= 2
    return x


def triple(x):
    return 3 * x
