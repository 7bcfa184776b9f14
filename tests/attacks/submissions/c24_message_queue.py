# C24: leaves a message for others in a POSIX queue
# stopped at: PARTIAL
# expected: PermissionError
from attacks.kernel import call


def double(x):
    call("mq_open", b"left-by-an-attack", 0o102, 0o600, 0)
    return 2 * x


def triple(x):
    return 3 * x
