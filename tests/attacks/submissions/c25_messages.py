# C25: leaves a message queue of System V behind
# stopped at: PARTIAL
# expected: PermissionError
from attacks.kernel import call


def double(x):
    call("msgget", 0, 0o1600)
    return 2 * x


def triple(x):
    return 3 * x
