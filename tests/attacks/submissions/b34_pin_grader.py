# B34: pins the grader to a processor
# stopped at: PARTIAL
# expected: PermissionError
import os


def double(x):
    os.sched_setaffinity(int("@GRADER@"), os.sched_getaffinity(0))
    return 2 * x


def triple(x):
    return 3 * x
