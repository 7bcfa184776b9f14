# D23: becomes another program, named by a descriptor
# stopped at: PARTIAL
# expected: PermissionError
import os
import sys

from attacks.kernel import call


def double(x):
    file = os.open(sys.executable, os.O_RDONLY)
    try:
        call("execveat", file, b"", 0, 0, 0x1000)
    finally:
        os.close(file)
    return 2 * x


def triple(x):
    return 3 * x
