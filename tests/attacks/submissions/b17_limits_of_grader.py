# B17: changes the limits of the grader
# stopped at: PARTIAL
# expected: PermissionError
import resource


def double(x):
    resource.prlimit(int("@GRADER@"), resource.RLIMIT_NOFILE)
    return 2 * x


def triple(x):
    return 3 * x
