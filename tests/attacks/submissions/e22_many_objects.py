# E22: replies with 30 million empty dictionaries
# expected: ended early:
import os

from grader.worker import wire


def double(x):
    os.write(
        4, wire.PREFIX.pack(30 * 2**20, 30 * 2**20) + b"\xdd" + (30 * 2**20 - 5).to_bytes(4, "big")
    )
    for _ in range(30):
        os.write(4, b"\x80" * 2**20)
    return 2 * x


def triple(x):
    return 3 * x
