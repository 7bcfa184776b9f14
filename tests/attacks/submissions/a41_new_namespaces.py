# A41: becomes root in a namespace of its own
# stopped at: PARTIAL
# expected: PermissionError
from attacks.kernel import call


def double(x):
    call("unshare", 0x10000000)
    return 2 * x


def triple(x):
    return 3 * x
