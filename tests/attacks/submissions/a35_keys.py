# A35: opens the keyring of the user who runs the grader
# stopped at: PARTIAL
# expected: PermissionError
from attacks.kernel import call


def double(x):
    call("keyctl", 0, -4, 0, 0, 0)
    return 2 * x


def triple(x):
    return 3 * x
