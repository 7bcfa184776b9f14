"""A worker started from scratch, for platforms whose processes cannot be forked from a zygote.

Its standard streams are the three pipes: requests come in on stdin, replies leave on stdout, and what
the learner's code prints goes to stderr.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
import time
from typing import Any

from grader.worker import child
from grader.worker.lockdown import Lockdown, Refused, tidy

_LOOK_SECONDS = 2.0


def main(settings: str) -> None:
    """Move the pipes away from the standard streams, then serve.

    Args:
        settings: JSON with `preload`, `readable`, `private`, `compiled`, `mechanisms` and `trusted`.
    """
    chosen = json.loads(settings)
    request, reply = os.dup(0), os.dup(1)
    if sys.platform == "win32":
        import msvcrt

        for fd in (request, reply, 2):
            msvcrt.setmode(fd, os.O_BINARY)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    for name in chosen["preload"]:
        importlib.import_module(name)
    lockdown = lock_down(chosen)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    child.serve(request, reply, 1, lockdown, chosen["trusted"])


def lock_down(chosen: dict[str, Any]) -> Lockdown:
    """Lock this process down by what it is allowed to use; what is refused is left out."""
    lockdown = Lockdown.prepare(
        chosen["mechanisms"], chosen["readable"], chosen["private"], chosen["compiled"]
    )
    if chosen["trusted"]:
        tidy()
        return lockdown
    while True:
        try:
            lockdown.apply()
        except Refused as refused:
            lockdown = lockdown.without(str(refused))
        else:
            return lockdown


def _end_with(parent: int) -> None:
    """End this process once its parent is gone (a worker that computes does not see its pipe close)."""
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os._exit(0)
