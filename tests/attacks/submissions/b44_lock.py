# B44: locks a library against others
# stopped at: PARTIAL
# expected: PermissionError
import fcntl
import os


def double(x):
    with open(os.__file__) as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return 2 * x


def triple(x):
    return 3 * x
