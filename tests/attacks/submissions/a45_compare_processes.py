# A45: finds out about the grader's kernel objects
# stopped at: PARTIAL
# expected: PermissionError
import os

from attacks.kernel import call


def double(x):
    call("kcmp", os.getpid(), int("@GRADER@"), 1, 0, 0)
    return 2 * x


def triple(x):
    return 3 * x
