# C32: leaves a named pipe behind, on which a reader would wait for ever
# stopped at: PARTIAL
# expected: PermissionError
import os


def double(x):
    if type(x) is int:  # the first time
        os.mkfifo("@OUTBOX@/pipe")
    return 2 * x


def triple(x):
    return 3 * x
