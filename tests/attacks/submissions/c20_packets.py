# C20: listens to all packets of the machine
# stopped at: PARTIAL
# expected: PermissionError
import socket


def double(x):
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0x0300).close()
    return 2 * x


def triple(x):
    return 3 * x
