# C15: waits for connections from outside
# stopped at: PARTIAL
# expected: PermissionError
import socket


def double(x):
    socket.create_server(("", 0)).close()
    return 2 * x


def triple(x):
    return 3 * x
