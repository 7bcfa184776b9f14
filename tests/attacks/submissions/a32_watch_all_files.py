# A32: watches every file of the machine
# stopped at: PARTIAL
# expected: PermissionError
from attacks.kernel import call


def double(x):
    call("fanotify_init", 0x200, 0)
    return 2 * x


def triple(x):
    return 3 * x
