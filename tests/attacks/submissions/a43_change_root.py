# A43: walks out of its root folder
# stopped at: PARTIAL
# expected: PermissionError
import os


def double(x):
    os.chroot("/")
    return 2 * x


def triple(x):
    return 3 * x
