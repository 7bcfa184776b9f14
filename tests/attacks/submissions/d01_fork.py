# D01: starts a process
# stopped at: PARTIAL
# expected: PermissionError
import os
import time


def double(x):
    if not os.fork():
        time.sleep(600)
    return 2 * x


def triple(x):
    return 3 * x
