# D19: sends a reply so slowly that it never ends
# expected: gave no answer within 1 s
# timeout: 1
import os
import struct
import time


def double(x):
    os.write(4, struct.pack(">II", 4096, 4096))
    while True:
        os.write(4, b"x")
        time.sleep(0.05)


def triple(x):
    return 3 * x
