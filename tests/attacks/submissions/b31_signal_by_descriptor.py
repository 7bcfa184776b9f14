# B31: sends the grader a signal by a descriptor of its process
# stopped at: PARTIAL
# expected: PermissionError
from attacks.kernel import call


def double(x):
    call("pidfd_send_signal", call("pidfd_open", int("@GRADER@"), 0), 0, 0, 0)
    return 2 * x


def triple(x):
    return 3 * x
