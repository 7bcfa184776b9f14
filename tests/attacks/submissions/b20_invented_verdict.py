# B20: steals the nonce of the question and replies with a verdict
# expected: its process sent a reply that breaks the protocol
import os
import sys

from grader.worker import wire


def double(x):
    frame = sys._getframe()
    while "nonce" not in frame.f_locals:
        frame = frame.f_back
    reply = {"nonce": frame.f_locals["nonce"], "kind": "passed", "value": ["plain", None]}
    os.write(4, b"".join(wire.pack(reply, wire.REPLY)))
    return 2 * x


def triple(x):
    return 3 * x
