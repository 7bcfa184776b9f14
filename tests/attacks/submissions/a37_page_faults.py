# A37: makes the kernel wait in the middle of its work
# stopped at: PARTIAL
# expected: PermissionError
from attacks.kernel import call


def double(x):
    call("userfaultfd", 1)
    return 2 * x


def triple(x):
    return 3 * x
