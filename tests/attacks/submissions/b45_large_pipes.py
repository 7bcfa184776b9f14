# B45: takes the user's share of memory for pipes
# stopped at: PARTIAL
# expected: PermissionError
import fcntl


def double(x):
    fcntl.fcntl(4, 1031, 2**20)
    return 2 * x


def triple(x):
    return 3 * x
