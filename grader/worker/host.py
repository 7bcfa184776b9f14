"""The grader's side of a worker: send it requests, never wait for it beyond a deadline.

    Worker ── load() / start(call) ──> Pending ── result() ──> Outcome

Three threads per worker move bytes, so that a process which neither reads nor writes blocks nobody.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from dataclasses import dataclass
from typing import Any, Protocol

from grader.model import Outcome
from grader.worker import wire
from grader.worker.replies import read_outcome

KEEP_OUTPUT = 64 * 2**10  # bytes of a call's output that are kept
OUTPUT_CAP = 64 * 2**20  # bytes that one call may print before its worker is stopped


class Process(Protocol):
    """A running worker process, however it was started."""

    def write(self, data: Any) -> None:
        """Send all of `data` (bytes of any kind); blocks until the worker has read it."""

    def read_reply(self, count: int) -> bytes:
        """At most `count` bytes of its replies; empty at the end."""

    def read_output(self, count: int) -> bytes:
        """At most `count` bytes of what it printed; empty at the end."""

    def stop(self, kill: bool) -> str:
        """End the process; how it ended, in words."""

    def close(self) -> None:
        """Give back the pipes; only after the threads that use them have ended."""


class _Printed:
    """What a worker prints: the first 64 KiB of each call, counted and cut at the call's marker."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._head = bytearray()
        self._tail = b""
        self._marker = b""
        self._found: bytes | None = None
        self._dropped = 0
        self._closed = False
        self.total = 0

    def expect(self, marker: bytes) -> None:
        with self._changed:
            self._marker, self._found = marker, None
            self._head.clear()
            self._tail, self._dropped, self.total = b"", 0, 0

    def feed(self, data: bytes) -> None:
        with self._changed:
            self.total += len(data)
            data = self._tail + data
            end = data.find(self._marker) if self._marker else -1
            if end >= 0:
                self._keep(data[:end])
                self._found, self._tail = bytes(self._head), b""
            else:
                cut = max(0, len(data) - 15)
                self._keep(data[:cut])
                self._tail = data[cut:]
            self._changed.notify_all()

    def _keep(self, data: bytes) -> None:
        room = max(0, KEEP_OUTPUT - len(self._head))
        self._head += data[:room]
        self._dropped += max(0, len(data) - room)

    def close(self) -> None:
        with self._changed:
            if self._found is None:
                self._keep(self._tail)
                self._found = bytes(self._head)
            self._closed = True
            self._changed.notify_all()

    def text(self, seconds: float) -> str:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._found is not None, seconds)
            kept = self._found if self._found is not None else bytes(self._head) + self._tail
            note = f"\n[{self._dropped:,} more bytes were printed]" if self._dropped else ""
        return kept.decode("utf-8", errors="replace") + note


@dataclass(frozen=True)
class Clock:
    """When, after the word "go", a worker said that it had the value, and how much later it was here."""

    done: float
    late: float

    def seconds(self, allowance: float) -> float:
        """The time of the call: lateness beyond `allowance` seconds is part of it."""
        return self.done + max(0.0, self.late - allowance)


class Worker:
    """One worker process with one chapter loaded (or being loaded)."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._printed = _Printed()
        self._replies: queue.SimpleQueue[tuple[wire.Frame | str, float]] = queue.SimpleQueue()
        self._requests: queue.SimpleQueue[list[wire.Buffer] | None] = queue.SimpleQueue()
        self._room = threading.Semaphore()
        self.alive = True
        self.arrived = 0.0
        self.frame: wire.Frame | None = None  # the last that was received
        self._threads = [
            threading.Thread(target=run, daemon=True)
            for run in (self._write, self._read_replies, self._read_output)
        ]
        for thread in self._threads:
            thread.start()

    # The three threads.

    def _write(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while (parts := self._requests.get()) is not None:
                for part in parts:
                    self._process.write(part)

    def _read_replies(self) -> None:
        why = "end"
        try:
            read, wait = self._process.read_reply, self._wait_for_room
            while (frame := wire.read_frame(read, wire.REPLY, wait)) is not None:
                self._replies.put((frame, time.perf_counter()))
        except wire.WireError as error:
            why = str(error)
        except (OSError, ValueError):
            pass
        self._replies.put((why, time.perf_counter()))

    def _wait_for_room(self) -> None:
        """Until the last frame has been received: one that nobody asks for is read ahead, no more."""
        self._room.acquire()
        if not self.alive:
            raise OSError("the worker was stopped")

    def _read_output(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := self._process.read_output(2**16):
                self._printed.feed(data)
                if self._printed.total > OUTPUT_CAP:
                    why = f"it printed more than {OUTPUT_CAP // 2**20} MiB"
                    self._replies.put((why, time.perf_counter()))
                    break
        self._printed.close()

    # Requests.

    def load(self, request: dict[str, Any], timeout: float) -> Outcome:
        """Have the worker execute the chapter's source."""
        return self.start({"op": "load"} | request, timeout).result()

    def start(self, request: dict[str, Any], timeout: float) -> Pending:
        """Send a request; its outcome is due within `timeout` seconds from now."""
        nonce = os.urandom(16)
        self._printed.expect(nonce)
        self._requests.put(wire.pack(request | {"nonce": nonce}, wire.REQUEST))
        return Pending(self, nonce, time.monotonic() + timeout, timeout)

    def timed(self, request: dict[str, Any], timeout: float) -> tuple[Outcome, Clock]:
        """The outcome of a call and its times, by this process's clock.

        The arguments are there before the clock starts, the value is sent after "done". That word can
        be said too early, so it does not count without the time at which the value was here.
        """
        pending = self.start(request | {"timed": True}, timeout)
        if not pending.hears("ready"):
            return pending.result(), Clock(0.0, 0.0)
        start = time.perf_counter()
        self._requests.put(wire.pack({"op": "go"}, wire.REQUEST))
        pending.hears("done")
        done = self.arrived
        outcome = pending.result()
        return outcome, Clock(max(0.0, done - start), max(0.0, self.arrived - done))

    def receive(self, seconds: float) -> dict[str, Any] | str:
        """The next reply, or why there is none ("timeout", "end", or what was wrong with it)."""
        try:
            frame, self.arrived = self._replies.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return "timeout"
        if isinstance(frame, str):
            return frame
        self.frame = frame
        try:
            return wire.unpack(frame)
        except wire.WireError as error:
            return str(error)
        finally:
            self._room.release()

    def printed(self) -> str:
        return self._printed.text(1.0)

    def stop(self, kill: bool = True) -> str:
        """End the process and its threads; how it ended, in words."""
        self.alive = False
        self._room.release()
        ended = self._process.stop(kill)
        self._requests.put(None)
        for thread in self._threads:
            thread.join(2)
        if not any(thread.is_alive() for thread in self._threads):
            self._process.close()
        return ended


class Pending:
    """A request on its way; `result` waits for its outcome until the deadline."""

    def __init__(self, worker: Worker, nonce: bytes, deadline: float, timeout: float) -> None:
        self._worker = worker
        self._nonce = nonce
        self._deadline = deadline
        self._timeout = timeout
        self._next: dict[str, Any] | str | None = None

    def hears(self, what: str) -> bool:
        """Whether the worker's next word is `what` ("ready", "done"); any other is kept for `result`."""
        self._next = self._receive()
        said = self._next == {"nonce": self._nonce, "kind": what, "buffers": []}
        if said:
            self._next = None
        return said

    def _receive(self) -> dict[str, Any] | str:
        reply, self._next = self._next, None
        return reply or self._worker.receive(self._deadline - time.monotonic())

    def result(self) -> Outcome:
        """The outcome of the request."""
        reply = self._receive()
        if reply == "timeout":
            self._worker.stop()
            detail = f"no answer within {self._timeout:g} s"
            return Outcome("timed out", detail=detail, printed=self._worker.printed())
        if isinstance(reply, str):
            ended = self._worker.stop(kill=reply != "end")
            detail = ended if reply == "end" else reply
            return Outcome("crashed", detail=detail, printed=self._worker.printed())
        if reply.get("nonce") != self._nonce:
            return self._refuse("a reply to a question that was not asked")
        try:
            return read_outcome(reply, self._worker.printed)
        except wire.WireError as error:
            return self._refuse(f"a reply that breaks the protocol ({error})")

    def _refuse(self, reason: str) -> Outcome:
        self._worker.stop()
        return Outcome("crashed", detail=f"its process sent {reason}")
