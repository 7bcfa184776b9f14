# E03: replies with an array that claims to be larger than its bytes
# expected: a reply that breaks the protocol
import os
import sys

from grader.worker import wire


def double(x):
    frame = sys._getframe()
    while "nonce" not in frame.f_locals:
        frame = frame.f_back
    value = ["array", "numpy", "float32", [2**39, 2**39], b"1234"]
    reply = {"nonce": frame.f_locals["nonce"], "kind": "value", "value": value}
    os.write(4, b"".join(wire.pack(reply, wire.REPLY)))
    return 2 * x


def triple(x):
    return 3 * x
