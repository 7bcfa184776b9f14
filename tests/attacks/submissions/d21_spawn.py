# D21: starts a program by the way that needs no fork
# stopped at: PARTIAL
# expected: PermissionError
import os


def double(x):
    os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)
    return 2 * x


def triple(x):
    return 3 * x
