# A10: attaches to the grader as a debugger does
# stopped at: PARTIAL
# expected: PermissionError
from attacks.kernel import call

SEIZE, DETACH = 0x4206, 17


def double(x):
    call("ptrace", SEIZE, int("@GRADER@"), 0, 0)
    call("ptrace", DETACH, int("@GRADER@"), 0, 0)
    return 2 * x


def triple(x):
    return 3 * x
