# A12: takes a descriptor out of the grader
# stopped at: PARTIAL
# expected: PermissionError
from attacks.kernel import call


def double(x):
    process = call("pidfd_open", int("@GRADER@"), 0)
    call("pidfd_getfd", process, 1, 0)
    return 2 * x


def triple(x):
    return 3 * x
