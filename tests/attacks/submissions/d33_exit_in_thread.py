# D33: ends its process from a thread while the grader waits
# expected: ended early: its process exited with status 0
import os
import threading
import time


def double(x):
    threading.Timer(0.02, os._exit, [0]).start()
    time.sleep(10)
    return 2 * x


def triple(x):
    return 3 * x
