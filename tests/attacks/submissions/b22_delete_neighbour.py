# B22: deletes the file of another learner
# stopped at: PARTIAL
# expected: PermissionError
import os


def double(x):
    if type(x) is int:  # the first time
        os.unlink("@NEIGHBOUR@")
    return 2 * x


def triple(x):
    return 3 * x
