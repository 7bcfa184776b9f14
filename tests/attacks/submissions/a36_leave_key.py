# A36: leaves a message for others in the user's keyring
# stopped at: PARTIAL
# expected: PermissionError
from attacks.kernel import call


def double(x):
    call("add_key", b"user", b"left-by-an-attack", b"text", 4, -4)
    return 2 * x


def triple(x):
    return 3 * x
