# B19: has the kernel send the grader a signal with each byte of a pipe
# stopped at: PARTIAL
# expected: PermissionError
import fcntl


def double(x):
    fcntl.fcntl(3, fcntl.F_SETOWN, int("@GRADER@"))
    return 2 * x


def triple(x):
    return 3 * x
