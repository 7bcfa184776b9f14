# C18: makes a pair of sockets, by which descriptors are passed on
# stopped at: PARTIAL
# expected: PermissionError
import socket


def double(x):
    one, other = socket.socketpair()
    socket.send_fds(one, [b"x"], [0])
    other.close()
    return 2 * x


def triple(x):
    return 3 * x
