# B41: makes all readable memory executable
# stopped at: PARTIAL
# expected: PermissionError
from attacks.kernel import call


def double(x):
    call("personality", 0x0400000)
    return 2 * x


def triple(x):
    return 3 * x
