# B32: sends a signal to the grader's process group
# stopped at: PARTIAL
# expected: PermissionError
import os


def double(x):
    os.killpg(int("@GRADER_GROUP@"), 0)
    return 2 * x


def triple(x):
    return 3 * x
