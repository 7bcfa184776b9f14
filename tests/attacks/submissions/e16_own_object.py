# E16: replies with an object of a type that only a decoder of its own would know
# expected: ended early:
import os

import msgpack

from grader.worker import wire


def double(x):
    os.write(4, b"".join(wire.pack({"nonce": msgpack.ExtType(1, b"x" * 16)}, wire.REPLY)))
    return 2 * x


def triple(x):
    return 3 * x
