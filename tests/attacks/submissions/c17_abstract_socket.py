# C17: offers a socket without a file to other processes of the machine
# stopped at: PARTIAL
# expected: PermissionError
import socket


def double(x):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind("\0left-by-an-attack")
        server.listen()
    return 2 * x


def triple(x):
    return 3 * x
