# A44: attaches to the process that all workers are forked from
# stopped at: PARTIAL
# expected: PermissionError
import os

from attacks.kernel import call

SEIZE, DETACH = 0x4206, 17


def double(x):
    call("ptrace", SEIZE, os.getppid(), 0, 0)
    call("ptrace", DETACH, os.getppid(), 0, 0)
    return 2 * x


def triple(x):
    return 3 * x
