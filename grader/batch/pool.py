"""The processes of this machine that grade side by side, one piece of work each at a time."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import queue
import signal
import sys
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol, Self


class Pool(Protocol):
    """Whatever grades side by side: this machine's processes, or a cluster."""

    @property
    def width(self) -> int:
        """How many pieces of work it wants to have in hand."""

    def submit(self, call: Callable[..., Any], *args: Any) -> Future[Any]:
        """Have `call(*args)` run somewhere."""

    def lost(self, error: BaseException) -> bool:
        """Whether this is how a future fails whose process or node has ended: it may be tried again."""

    def waits_for(self) -> str:
        """Why nothing goes on at present, for people; "" if it does."""

    def close(self) -> None:
        """End what it is doing."""


class LocalPool:
    """Processes of this machine, spawned anew where one is lost.

    Each is an executor of its own, so that the end of one breaks no other.

    Args:
        begin: called in every process before anything else is.
    """

    def __init__(self, jobs: int, begin: Callable[[], None] | None = None) -> None:
        self.width = jobs
        self._begin = begin
        self._idle: queue.SimpleQueue[_Process | None] = queue.SimpleQueue()
        self._processes: set[_Process] = set()
        for _ in range(jobs):
            self._idle.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def submit(self, call: Callable[..., Any], *args: Any) -> Future[Any]:
        """Have an idle process run `call(*args)`; where all are busy, this waits for one."""
        process = self._idle.get()
        if process is None:  # made here, because a process ends with the thread that started it
            process = _Process(self._begin)
            self._processes.add(process)
        future = process.executor.submit(call, *args)
        future.add_done_callback(functools.partial(self._done, process))
        return future

    def _done(self, process: _Process, future: Future[Any]) -> None:
        lost = not future.cancelled() and self.lost(future.exception())
        if lost:  # its executor ends by itself, and holds its lock meanwhile
            self._processes.discard(process)
        self._idle.put(None if lost else process)

    def lost(self, error: BaseException | None) -> bool:
        """Whether this is how a future fails whose process has ended."""
        return isinstance(error, BrokenProcessPool)

    def waits_for(self) -> str:
        """Nothing: a process that is lost is started again."""
        return ""

    def close(self) -> None:
        """End all processes; what they are doing is given up."""
        for process in self._processes:
            process.end()


class _Process:
    """An executor of one process, which can be ended without its consent."""

    def __init__(self, begin: Callable[[], None] | None) -> None:
        context = multiprocessing.get_context("spawn")
        self.executor = ProcessPoolExecutor(1, context, initializer=_begin, initargs=(begin,))
        self._pid = self.executor.submit(os.getpid)

    def end(self) -> None:
        self.executor.shutdown(wait=False, cancel_futures=True)
        with contextlib.suppress(BrokenProcessPool, TimeoutError):
            pid = self._pid.result(timeout=10)
            for child in multiprocessing.active_children():  # its number may be another's by now
                if child.pid == pid:
                    child.terminate()


def _begin(more: Callable[[], None] | None) -> None:
    """Leave interrupts to whoever hands out the work, and end when that ends; then `more`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        from grader.worker.linux import die_with_parent

        die_with_parent(os.getppid())
    if more is not None:
        more()
