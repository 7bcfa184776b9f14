"""A worker started from scratch, for platforms whose processes cannot be forked from a zygote.

Its standard streams are the three pipes: requests come in on stdin, replies leave on stdout, and what
the learner's code prints goes to stderr.
"""

from __future__ import annotations

import importlib
import os
import sys

from grader.worker import child


def main(preload: list[str]) -> None:
    """Move the pipes away from the standard streams, then serve."""
    request, reply = os.dup(0), os.dup(1)
    if sys.platform == "win32":
        import msvcrt

        for fd in (request, reply, 2):
            msvcrt.setmode(fd, os.O_BINARY)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(2, 1)
    for name in preload:
        importlib.import_module(name)
    child.serve(request, reply, 1)
