# E21: keeps the answer to a question and sends it before the next one
# expected: a reply to a question that was not asked
import os
import sys

from grader.worker import wire

frame = sys._getframe()
while "nonce" not in frame.f_locals:
    frame = frame.f_back
nonce = frame.f_locals["nonce"]


def double(x):
    os.write(
        4,
        b"".join(
            wire.pack({"nonce": nonce, "kind": "value", "value": ["plain", 2 * x]}, wire.REPLY)
        ),
    )
    return 2 * x


def triple(x):
    return 3 * x
