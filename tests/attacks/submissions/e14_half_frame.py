# E14: ends its process in the middle of a reply
# expected: ended early: .*(inside a frame|exited with status 0)
import os


def double(x):
    os.write(4, b"\0\0\x10\0\0\0\0\x10half")
    os._exit(0)


def triple(x):
    return 3 * x
