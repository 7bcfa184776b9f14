"""The grader's side of a worker: start it, send it requests, never wait for it beyond a deadline.

    Launcher ── start() ──> Worker ── load() / start(call) ──> Pending ── result() ──> Outcome

A worker is forked from a warm zygote where the platform can, and spawned as a fresh process elsewhere.
Three threads per worker move bytes, so that a process which neither reads nor writes blocks nobody.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

from grader.errors import InternalError
from grader.model import Frame, Outcome, Raised
from grader.worker import wire

KEEP_OUTPUT = 64 * 2**10  # bytes of a call's output that are kept
OUTPUT_CAP = 64 * 2**20  # bytes a worker may print before it is stopped
_START_SECONDS = 120.0
_PACKAGE_PARENT = str(Path(__file__).resolve().parents[2])
_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); from grader.worker import {module} as start; "
    "sys.path.pop(0); start.main({arguments})"
)


class Process(Protocol):
    """A running worker process, however it was started."""

    def write(self, data: bytes) -> None: ...
    def read_reply(self, count: int) -> bytes: ...
    def read_output(self, count: int) -> bytes: ...
    def stop(self, kill: bool) -> str: ...


class Launcher:
    """Starts workers; one zygote for each set of libraries to have at hand."""

    def __init__(self) -> None:
        self._zygotes: dict[tuple[str, ...], Zygote] = {}

    def warm(self, preload: Iterable[str] = ()) -> None:
        """Start the zygote for `preload` in the background, if this platform has zygotes."""
        key = tuple(preload)
        if _HAS_ZYGOTES and key not in self._zygotes:
            self._zygotes[key] = Zygote(key)

    def start(self, preload: Iterable[str] = ()) -> Worker:
        """A new worker process."""
        key = tuple(preload)
        self.warm(key)
        zygote = self._zygotes.get(key)
        if zygote is None or not zygote.forks:
            return Worker(SpawnedProcess(key))
        try:
            return Worker(zygote.fork())
        except (OSError, EOFError):  # the zygote is gone; a new one takes its place, once
            zygote.close()
            self._zygotes[key] = Zygote(key)
            return Worker(self._zygotes[key].fork())

    def close(self) -> None:
        """End every process that was started here."""
        for zygote in self._zygotes.values():
            zygote.close()
        self._zygotes.clear()


_HAS_ZYGOTES = hasattr(os, "fork") and hasattr(socket, "send_fds")


def clean_environment() -> dict[str, str]:
    """The environment of a worker: what the libraries need, nothing of the user's."""
    kept = (
        "PATH",
        "LANG",
        "LC_ALL",
        "TMPDIR",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "SYSTEMROOT",
        "OPENBLAS_CORETYPE",
        "OPENBLAS_L2_SIZE",
    )
    fixed = {
        "JAX_PLATFORMS": "cpu",
        "NPROC": "2",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONHASHSEED": "0",
    }
    return {name: os.environ[name] for name in kept if name in os.environ} | fixed


def _boot(module: str, arguments: str, *argv: str) -> list[str]:
    code = _BOOT.format(module=module, arguments=arguments)
    return [sys.executable, "-I", "-c", code, _PACKAGE_PARENT, *argv]


class Zygote:
    """The grader's handle on a zygote process."""

    def __init__(self, preload: tuple[str, ...]) -> None:
        self._control, theirs = socket.socketpair()
        self._log = tempfile.TemporaryFile()
        self._lock = threading.Lock()
        self._forks: bool | None = None
        self._process = subprocess.Popen(
            _boot("zygote", "int(sys.argv[2]), sys.argv[3:]", str(theirs.fileno()), *preload),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            env=clean_environment(),
            cwd=os.sep,
            start_new_session=True,
        )
        theirs.close()
        self._control.settimeout(_START_SECONDS)

    @property
    def forks(self) -> bool:
        """Whether this process can be forked safely; waits until it is ready."""
        if self._forks is None:
            try:
                self._forks = bool(self._receive()["forks"])
            except (OSError, EOFError):
                self._log.seek(0)
                text = self._log.read().decode(errors="replace").strip()
                raise InternalError(f"the worker zygote did not start:\n{text[-2000:]}") from None
        return self._forks

    def fork(self) -> ForkedProcess:
        """A new worker process."""
        if not self.forks:
            raise InternalError("this zygote cannot be forked safely")
        request_read, request_write = os.pipe()
        reply_read, reply_write = os.pipe()
        output_read, output_write = os.pipe()
        theirs = [request_read, reply_write, output_write]
        try:
            with self._lock:
                socket.send_fds(self._control, [b'{"op": "fork"}'], theirs)
                pid = int(self._receive()["pid"])
        except BaseException:
            for fd in (request_write, reply_read, output_read):
                os.close(fd)
            raise
        finally:
            for fd in theirs:
                os.close(fd)
        return ForkedProcess(self, pid, request_write, reply_read, output_read)

    def reap(self, pid: int, kill: bool) -> int:
        """The exit code of a worker, as in `os.waitstatus_to_exitcode`."""
        with self._lock:
            command = {"op": "reap", "pid": pid, "kill": kill}
            self._control.sendall(json.dumps(command).encode())
            return int(self._receive()["status"])

    def _receive(self) -> dict[str, Any]:
        data = b""
        while not data.endswith(b"\n"):
            part = self._control.recv(4096)
            if not part:
                raise EOFError("the zygote is gone")
            data += part
        return json.loads(data)

    def close(self) -> None:
        """End the zygote and every worker it has forked."""
        self._control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


class ForkedProcess:
    """A worker forked from a zygote; it talks over three pipes."""

    def __init__(self, zygote: Zygote, pid: int, request: int, reply: int, output: int) -> None:
        self._zygote = zygote
        self.pid = pid
        self._request, self._reply, self._output = request, reply, output
        self._status: int | None = None

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._request, view) :]

    def read_reply(self, count: int) -> bytes:
        return os.read(self._reply, count)

    def read_output(self, count: int) -> bytes:
        return os.read(self._output, count)

    def stop(self, kill: bool) -> str:
        """End the process; how it ended, in words."""
        if self._status is None:
            try:
                self._status = self._zygote.reap(self.pid, kill)
            except (OSError, EOFError):
                self._status = -9
        return describe_exit(self._status)

    def close(self) -> None:
        """Give back the descriptors; only after the threads that use them have ended."""
        for fd in (self._request, self._reply, self._output):
            with contextlib.suppress(OSError):
                os.close(fd)


class SpawnedProcess:
    """A worker started from scratch; it talks over its standard streams."""

    def __init__(self, preload: tuple[str, ...]) -> None:
        self._process = subprocess.Popen(
            _boot("spawned", "sys.argv[2:]", *preload),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=clean_environment(),
            cwd=tempfile.gettempdir() if os.name == "nt" else os.sep,
            start_new_session=True,
        )

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._pipe(self._process.stdin).write(view) :]

    def read_reply(self, count: int) -> bytes:
        return self._pipe(self._process.stdout).read(count)

    def read_output(self, count: int) -> bytes:
        return self._pipe(self._process.stderr).read(count)

    def stop(self, kill: bool) -> str:
        """End the process; how it ended, in words."""
        try:
            if kill:
                self._process.kill()
            return describe_exit(self._process.wait(1))
        except subprocess.TimeoutExpired:
            self._process.kill()
            return describe_exit(self._process.wait())

    def close(self) -> None:
        """Give back the pipes."""
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            with contextlib.suppress(OSError):
                self._pipe(pipe).close()

    @staticmethod
    def _pipe(pipe: Any) -> Any:
        return pipe


def describe_exit(status: int) -> str:
    """`status` (negative: killed by that signal) in words."""
    if status >= 0:
        return f"its process exited with status {status}"
    try:
        return f"its process was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"its process was ended by signal {-status}"


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
            self._tail, self._dropped = b"", 0

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

    def __init__(self, process: ForkedProcess | SpawnedProcess) -> None:
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
        """`(outcome, seconds)` of a call, by this process's clock; arguments are sent beforehand."""
        pending = self.start(request | {"timed": True}, timeout)
        early = pending.result(expect="ready")
        if early.kind != "value":
            return early, 0.0
        start = time.perf_counter()
        self._requests.put(wire.pack("go"))
        outcome = pending.result()
        return outcome, time.perf_counter() - start

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

    def result(self, expect: str = "") -> Outcome:
        """The outcome. With `expect="ready"`, that reply counts as a value and the call goes on."""
        reply = self._worker.receive(self._deadline - time.monotonic())
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
        if expect and reply.get("kind") == expect:
            return Outcome("value")
        try:
            return read_outcome(reply, self._worker.printed)
        except (wire.WireError, KeyError, TypeError, ValueError, AttributeError) as error:
            return self._refuse(f"a reply that breaks the protocol ({error})")

    def _refuse(self, reason: str) -> Outcome:
        self._worker.stop()
        return Outcome("crashed", detail=f"its process sent {reason}")


def read_outcome(reply: dict[str, Any], printed: Callable[[], str]) -> Outcome:
    """A worker's reply as an `Outcome`.

    Raises:
        wire.WireError, KeyError, TypeError, ValueError: the reply breaks the protocol.
    """
    common = {
        "printed": printed(),
        "compilations": int(reply.get("compilations", 0)),
        "changed": str(reply.get("changed", ""))[:200],
        "duration": float(reply.get("duration", 0.0)),
    }
    if reply["kind"] == "value":
        return Outcome("value", value=wire.decode(reply["value"]), **common)
    if reply["kind"] == "refused":
        return Outcome("crashed", detail=str(reply["reason"])[:200], **common)
    if reply["kind"] != "raised":
        raise wire.WireError("an unknown kind of reply")
    error = reply["error"]
    frames = tuple(
        Frame(int(line), str(function)[:200], str(text)[:400])
        for line, function, text in error["frames"][:16]
    )
    types = tuple(str(name)[:100] for name in error["types"][:32]) or ("Exception",)
    return Outcome("raised", error=Raised(types, str(error["message"])[:4000], frames), **common)
