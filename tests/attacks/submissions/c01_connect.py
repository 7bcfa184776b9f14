# C01: connects to a server
# stopped at: PARTIAL
# expected: PermissionError
import socket


def double(x):
    socket.create_connection(("127.0.0.1", int("@PORT@")), timeout=1).close()
    return 2 * x


def triple(x):
    return 3 * x
