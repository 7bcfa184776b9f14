# C16: waits for connections from outside, by IPv6
# stopped at: PARTIAL
# expected: PermissionError
import socket


def double(x):
    socket.create_server(("::", 0), family=socket.AF_INET6).close()
    return 2 * x


def triple(x):
    return 3 * x
