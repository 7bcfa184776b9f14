# C21: opens a socket to the host of a virtual machine
# stopped at: PARTIAL
# expected: PermissionError
import socket


def double(x):
    socket.socket(40, socket.SOCK_STREAM).close()
    return 2 * x


def triple(x):
    return 3 * x
