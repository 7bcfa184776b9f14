# E13: claims to be loaded, and never reads a question
# expected: gave no answer within 1 s|did not come to an end|breaks the protocol
# spares: halve
# timeout: 1
import os
import sys
import time

from grader.worker import wire


def double(x):
    return 2 * x


def triple(x):
    return 3 * x


frame = sys._getframe()
while "nonce" not in frame.f_locals:
    frame = frame.f_back
reply = {"nonce": frame.f_locals["nonce"], "kind": "value", "value": ["plain", None]}
os.write(4, b"".join(wire.pack(reply, wire.REPLY)))
time.sleep(600)
