# A20: gives the reference a second name
# stopped at: PARTIAL
# expected: PermissionError
import os


def double(x):
    if type(x) is int:  # the first time
        os.link("@SECRET@", "@OUTBOX@/copy.py")
    return 2 * x


def triple(x):
    return 3 * x
