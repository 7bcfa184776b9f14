# C02: sends a datagram
# stopped at: PARTIAL
# expected: PermissionError
import socket


def double(x):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"text", ("127.0.0.1", int("@PORT@")))
    return 2 * x


def triple(x):
    return 3 * x
