# B36: raises its own limits
# stopped at: PARTIAL
# expected: PermissionError|ValueError: not allowed to raise maximum limit
import resource


def double(x):
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
    return 2 * x


def triple(x):
    return 3 * x
