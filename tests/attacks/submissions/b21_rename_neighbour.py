# B21: takes the file of another learner away
# stopped at: PARTIAL
# expected: PermissionError
import os


def double(x):
    if type(x) is int:  # the first time
        os.rename("@NEIGHBOUR@", "@NEIGHBOUR@.old")
    return 2 * x


def triple(x):
    return 3 * x
