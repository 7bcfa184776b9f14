# B14: sends a signal to the grader
# stopped at: PARTIAL
# expected: PermissionError
import os


def double(x):
    os.kill(int("@GRADER@"), 0)
    return 2 * x


def triple(x):
    return 3 * x
