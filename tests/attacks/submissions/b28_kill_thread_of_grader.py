# B28: sends a signal to a thread of the grader
# stopped at: PARTIAL
# expected: PermissionError
from attacks.kernel import call


def double(x):
    call("tgkill", int("@GRADER@"), int("@GRADER@"), 0)
    return 2 * x


def triple(x):
    return 3 * x
