# C30: makes a file in memory, to run it
# stopped at: PARTIAL
# expected: PermissionError
from attacks.kernel import call


def double(x):
    call("memfd_create", b"attack", 0)
    return 2 * x


def triple(x):
    return 3 * x
