# D03: leaves a daemon behind
# stopped at: PARTIAL
# expected: PermissionError
import os
import time


def double(x):
    if not os.fork():
        os.setsid()
        if not os.fork():
            time.sleep(600)
        os._exit(0)
    return 2 * x


def triple(x):
    return 3 * x
