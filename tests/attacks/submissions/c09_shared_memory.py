# C09: leaves shared memory of System V behind
# stopped at: PARTIAL
# expected: PermissionError
from attacks.kernel import call


def double(x):
    call("shmget", 0, 4096, 0o1600)
    return 2 * x


def triple(x):
    return 3 * x
