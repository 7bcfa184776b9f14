"""What the tests have the nodes of a cluster do."""

import os
import signal
import threading
import time

from grader.errors import IsolationError

_running = threading.Semaphore(1)


def end_process():
    """End this node at once, as a machine does that loses power."""
    os.kill(os.getpid(), signal.SIGKILL)


def refuse():
    """Refuse as the grader does where isolation is missing."""
    raise IsolationError("too little")


def fail():
    """Fail as the grader would by a mistake of its own."""
    raise LookupError("a bug")


def alone(seconds):
    """Whether nothing else of this kind runs in this process meanwhile."""
    if not _running.acquire(blocking=False):
        return False
    time.sleep(seconds)
    _running.release()
    return True


class Hostile:
    """Runs code where it is unpickled."""

    def __reduce__(self):
        return (os.abort, ())


def hand_over_an_object():
    """Return what no report is made of."""
    return Hostile()
