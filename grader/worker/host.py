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
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from grader.model import Frame, Outcome, Raised
from grader.worker import wire

KEEP_OUTPUT = 64 * 2**10  # bytes of a call's output that are kept
OUTPUT_CAP = 64 * 2**20  # bytes that one call may print before its worker is stopped


class Process(Protocol):
    """A running worker process, however it was started."""

    def write(self, data: bytes) -> None:
        """Send all of `data`; blocks until the worker has read it."""

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
            self._changed.notify_all()

    def text(self, seconds: float) -> str:
        with self._changed:
            self._changed.wait_for(lambda: self._found is not None, seconds)
            kept = self._found if self._found is not None else bytes(self._head) + self._tail
            note = f"\n[{self._dropped:,} more bytes were printed]" if self._dropped else ""
        return kept.decode("utf-8", errors="replace") + note


class Worker:
    """One worker process with one chapter loaded (or being loaded)."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._printed = _Printed()
        self._replies: queue.SimpleQueue[bytes | str | None] = queue.SimpleQueue()
        self._requests: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self.alive = True
        self._threads = [
            threading.Thread(target=run, daemon=True)
            for run in (self._write, self._read_replies, self._read_output)
        ]
        for thread in self._threads:
            thread.start()

    # The three threads.

    def _write(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while (data := self._requests.get()) is not None:
                self._process.write(data)

    def _read_replies(self) -> None:
        try:
            while (body := wire.read_frame(self._process.read_reply)) is not None:
                self._replies.put(body)
            self._replies.put(None)
        except wire.WireError as error:
            self._replies.put(str(error))
        except (OSError, ValueError):
            self._replies.put(None)

    def _read_output(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while data := self._process.read_output(2**16):
                self._printed.feed(data)
                if self._printed.total > OUTPUT_CAP:
                    self._replies.put(f"it printed more than {OUTPUT_CAP // 2**20} MiB")
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
        self._requests.put(wire.pack(request | {"nonce": nonce}))
        return Pending(self, nonce, time.monotonic() + timeout, timeout)

    def timed(self, request: dict[str, Any], timeout: float) -> tuple[Outcome, float]:
        """`(outcome, seconds)` of a call, by this process's clock.

        The arguments are there before the clock starts, the value is sent after it has stopped.
        """
        pending = self.start(request | {"timed": True}, timeout)
        if not pending.hears("ready"):
            return pending.result(), 0.0
        start = time.perf_counter()
        self._requests.put(wire.pack("go"))
        pending.hears("done")
        seconds = time.perf_counter() - start
        return pending.result(), seconds

    def receive(self, seconds: float) -> dict[str, Any] | str:
        """The next reply, or why there is none ("timeout", "end", or what was wrong with it)."""
        try:
            body = self._replies.get(timeout=max(0.0, seconds))
        except queue.Empty:
            return "timeout"
        if body is None:
            return "end"
        if isinstance(body, str):
            return body
        try:
            message = wire.unpack(body)
        except wire.WireError as error:
            return str(error)
        return message if isinstance(message, dict) else "a reply that is no dictionary"

    def printed(self) -> str:
        return self._printed.text(1.0)

    def stop(self, kill: bool = True) -> str:
        """End the process and its threads; how it ended, in words."""
        self.alive = False
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
        said = isinstance(self._next, dict) and (
            (self._next.get("nonce"), self._next.get("kind")) == (self._nonce, what)
        )
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
        except (
            wire.WireError,
            LookupError,
            TypeError,
            ValueError,
            ArithmeticError,
            AttributeError,
            RecursionError,
        ) as error:
            return self._refuse(f"a reply that breaks the protocol ({error})")

    def _refuse(self, reason: str) -> Outcome:
        self._worker.stop()
        return Outcome("crashed", detail=f"its process sent {reason}")


def read_outcome(reply: dict[str, Any], printed: Callable[[], str]) -> Outcome:
    """A worker's reply as an `Outcome`.

    Raises:
        wire.WireError, KeyError, TypeError, ValueError: the reply breaks the protocol.
    """
    outcome = Outcome(
        "value",
        printed=printed(),
        compilations=int(reply.get("compilations", 0)),
        compile_seconds=float(reply.get("compile_s", 0.0)),
        changed=str(reply.get("changed", ""))[:200],
        leaked=str(reply.get("leaked", ""))[:100],
        replaced=tuple(str(name)[:100] for name in reply.get("replaced", ())[:8]),
        duration=float(reply.get("duration", 0.0)),
    )
    if reply["kind"] == "value":
        return replace(outcome, value=wire.decode(reply["value"]))
    if reply["kind"] == "refused":
        return replace(outcome, kind="crashed", detail=str(reply["reason"])[:200])
    if reply["kind"] != "raised":
        raise wire.WireError("an unknown kind of reply")
    return replace(outcome, kind="raised", error=_read_error(reply["error"]))


def _read_error(error: dict[str, Any]) -> Raised:
    frames = tuple(
        Frame(int(line), str(function)[:200], str(text)[:400])
        for line, function, text in error["frames"][:16]
    )
    types = tuple(str(name)[:100] for name in error["types"][:32]) or ("Exception",)
    return Raised(types, str(error["message"])[:4000], frames)
