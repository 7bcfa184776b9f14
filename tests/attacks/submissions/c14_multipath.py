# C14: connects by a protocol that rules about TCP do not cover
# stopped at: PARTIAL
# expected: PermissionError
import socket


def double(x):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262) as connection:
        connection.settimeout(1)
        connection.connect(("127.0.0.1", int("@PORT@")))
    return 2 * x


def triple(x):
    return 3 * x
