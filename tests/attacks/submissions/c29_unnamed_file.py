# C29: writes a file that has no name
# stopped at: PARTIAL
# expected: PermissionError
import os


def double(x):
    os.open("@OUTBOX@", os.O_TMPFILE | os.O_RDWR, 0o600)
    return 2 * x


def triple(x):
    return 3 * x
