# B33: gives all processes of the user the lowest priority
# stopped at: PARTIAL
# expected: PermissionError
import os


def double(x):
    os.setpriority(os.PRIO_PROCESS, int("@GRADER@"), 1)
    return 2 * x


def triple(x):
    return 3 * x
