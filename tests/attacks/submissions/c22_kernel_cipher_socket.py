# C22: opens a socket to the ciphers of the kernel
# stopped at: PARTIAL
# expected: PermissionError
import socket


def double(x):
    socket.socket(38, socket.SOCK_SEQPACKET).close()
    return 2 * x


def triple(x):
    return 3 * x
