# E02: replies with a pickle that creates a file where it is read
# expected: ended early: (not a msgpack message|a reply|.* above the limit|.* breaks|its process sent)
import os
import pickle
import struct


class Creates:
    def __reduce__(self):
        return os.mkdir, ("@OUTBOX@/pickled",)


def double(x):
    data = pickle.dumps(Creates())
    os.write(4, struct.pack(">I", len(data)) + data)
    return 2 * x


def triple(x):
    return 3 * x
