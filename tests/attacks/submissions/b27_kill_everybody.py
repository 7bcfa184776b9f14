# B27: sends a signal to every process of the user
# stopped at: PARTIAL
# expected: PermissionError
import os


def double(x):
    os.kill(-1, 0)
    return 2 * x


def triple(x):
    return 3 * x
