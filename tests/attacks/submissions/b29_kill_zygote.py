# B29: sends a signal to the process that all workers are forked from
# stopped at: PARTIAL
# expected: PermissionError
import os

from attacks.kernel import call


def double(x):
    call("tgkill", os.getppid(), os.getppid(), 0)
    return 2 * x


def triple(x):
    return 3 * x
