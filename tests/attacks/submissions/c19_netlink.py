# C19: asks the kernel about the machine's network
# stopped at: PARTIAL
# expected: PermissionError
import socket


def double(x):
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).close()
    return 2 * x


def triple(x):
    return 3 * x
