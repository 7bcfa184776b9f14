# D22: becomes another program
# stopped at: PARTIAL
# expected: PermissionError
import os
import sys


def double(x):
    os.execv(sys.executable, ["python", "-c", ""])


def triple(x):
    return 3 * x
