# C31: leaves a folder behind
# stopped at: PARTIAL
# expected: PermissionError
import os


def double(x):
    if type(x) is int:  # the first time
        os.mkdir("@OUTBOX@/folder")
    return 2 * x


def triple(x):
    return 3 * x
