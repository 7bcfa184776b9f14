# A40: takes hold of the reference's folder as a mount
# stopped at: PARTIAL
# expected: PermissionError
import os

from attacks.kernel import call


def double(x):
    call("open_tree", -100, os.path.dirname("@SECRET@").encode(), 0)
    return 2 * x


def triple(x):
    return 3 * x
