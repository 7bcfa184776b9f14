# B11: answers by itself, with a reply to a question that it has made up
# expected: a reply to a question that was not asked
import os

from grader.worker import wire


def double(x):
    reply = {"nonce": bytes(16), "kind": "value", "value": ["plain", 2 * x]}
    os.write(4, b"".join(wire.pack(reply, wire.REPLY)))
    return 2 * x


def triple(x):
    return 3 * x
