# B39: makes sure that it lives on when the grader ends
# stopped at: PARTIAL
# expected: PermissionError
from attacks.kernel import call


def double(x):
    call("prctl", 1, 0, 0, 0, 0)
    return 2 * x


def triple(x):
    return 3 * x
