# A42: leaves its namespaces for those of the grader
# stopped at: PARTIAL
# expected: PermissionError
from attacks.kernel import call


def double(x):
    call("setns", call("pidfd_open", int("@GRADER@"), 0), 0x20000)
    return 2 * x


def triple(x):
    return 3 * x
