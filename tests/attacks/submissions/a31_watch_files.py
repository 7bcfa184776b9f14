# A31: watches what the grader and others do with their files
# stopped at: PARTIAL
# expected: PermissionError
from attacks.kernel import call


def double(x):
    call("inotify_init1", 0)
    return 2 * x


def triple(x):
    return 3 * x
