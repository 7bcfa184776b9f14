# C26: leaves a semaphore of System V behind
# stopped at: PARTIAL
# expected: PermissionError
from attacks.kernel import call


def double(x):
    call("semget", 0, 1, 0o1600)
    return 2 * x


def triple(x):
    return 3 * x
