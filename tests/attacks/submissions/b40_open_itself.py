# B40: lets other processes of the user look into it, to be reached by a helper
# stopped at: PARTIAL
# expected: PermissionError
from attacks.kernel import call


def double(x):
    call("prctl", 4, 1, 0, 0, 0)
    return 2 * x


def triple(x):
    return 3 * x
