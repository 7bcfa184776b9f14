"""The processes of workers: forked from a warm zygote where the platform can, spawned elsewhere."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from grader.errors import InternalError
from grader.worker import boot, bubblewrap
from grader.worker.places import Places

HAS_ZYGOTES = hasattr(os, "fork") and hasattr(socket, "send_fds")
MECHANISMS = ("bwrap", "landlock", "seccomp", "rlimits")
_START_SECONDS = 120.0


@functools.cache
def _starter() -> ThreadPoolExecutor:
    """The thread that starts zygotes: they end when it does, so it must live as long as this process."""
    return ThreadPoolExecutor(1, thread_name_prefix="starts zygotes")


class Zygote:
    """The grader's handle on a zygote process.

    Args:
        preload: libraries to import before any worker is forked.
        mechanisms: what may be used to lock workers down, of `MECHANISMS`.
    """

    def __init__(
        self, preload: tuple[str, ...], places: Places, mechanisms: tuple[str, ...] = MECHANISMS
    ) -> None:
        self._preload, self._places = preload, places
        self._wanted = mechanisms
        self._lock = threading.Lock()
        self._ready: dict[str, Any] | None = None
        self._why_not = ""  # it could not be started
        self.in_bubblewrap = "bwrap" in mechanisms and self._start(in_bubblewrap=True)
        if not self.in_bubblewrap:
            self._start(in_bubblewrap=False)

    def _start(self, in_bubblewrap: bool) -> bool:
        """Whether the process has been started; it may still fail."""
        self._control, theirs = socket.socketpair()
        control = theirs.fileno()
        program = boot.command(self._places, "zygote", "int(sys.argv[3])", str(control))
        command = bubblewrap.command(program, self._places) if in_bubblewrap else program
        if command is None:
            self._control.close()
            theirs.close()
            return False
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the zygote lives
        self._process = (
            _starter()
            .submit(
                subprocess.Popen,
                command,
                pass_fds=[control],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                env=boot.clean_environment(),
                cwd=os.sep,
                start_new_session=True,
            )
            .result()
        )
        theirs.close()
        self._control.settimeout(_START_SECONDS)
        settings = boot.settings(self._preload, self._places, self._wanted)
        with contextlib.suppress(OSError):  # a zygote that has ended already says so when asked
            self._control.sendall(json.dumps(settings).encode() + b"\n")
        return True

    def _state(self) -> dict[str, Any]:
        """What the zygote has said of itself; waits until it is ready."""
        while self._ready is None:
            if self._why_not:
                raise InternalError(self._why_not)
            try:
                self._ready = self._receive()
            except (OSError, EOFError):
                self._log.seek(0)
                text = self._log.read().decode(errors="replace").strip()
                self.close()
                if not self.in_bubblewrap:
                    self._why_not = f"the worker zygote did not start:\n{text[-2000:]}"
                    continue
                self.in_bubblewrap = False  # not to be had here, though it is installed
                self._start(in_bubblewrap=False)
        return self._ready

    @property
    def forks(self) -> bool:
        """Whether this process can be forked safely."""
        return bool(self._state()["forks"])

    def fork(self, trusted: bool = False) -> ForkedProcess:
        """A new worker process, locked down unless it is to be `trusted`."""
        if not self.forks:
            raise InternalError("this zygote cannot be forked safely")
        request_read, request_write = os.pipe()
        reply_read, reply_write = os.pipe()
        output_read, output_write = os.pipe()
        theirs = [request_read, reply_write, output_write]
        try:
            with self._lock:
                command = json.dumps({"op": "fork", "trusted": trusted}).encode()
                socket.send_fds(self._control, [command], theirs)
                born = self._receive()
            if "problem" in born:
                raise InternalError(f"a worker could not be locked down: {born['problem']}")
        except BaseException:
            for fd in (request_write, reply_read, output_read):
                os.close(fd)
            raise
        finally:
            for fd in theirs:
                os.close(fd)
        return ForkedProcess(self, born["pid"], request_write, reply_read, output_read)

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
        message: dict[str, Any] = json.loads(data)
        return message

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
        self._open = [request, reply, output]
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
        """Give back the descriptors, once; only after the threads that use them have ended."""
        while self._open:  # closed twice, they would be somebody else's by then
            os.close(self._open.pop())


class SpawnedProcess:
    """A worker started from scratch; it talks over its standard streams."""

    def __init__(
        self,
        preload: tuple[str, ...],
        places: Places,
        mechanisms: tuple[str, ...] = MECHANISMS,
        trusted: bool = False,
    ) -> None:
        settings = json.dumps(boot.settings(preload, places, mechanisms) | {"trusted": trusted})
        self._process = subprocess.Popen(
            boot.command(places, "spawned", "sys.argv[3]", settings),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=boot.clean_environment(),
            cwd=tempfile.gettempdir() if os.name == "nt" else os.sep,
            start_new_session=True,
        )

    def write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[_there(self._process.stdin).write(view) :]

    def read_reply(self, count: int) -> bytes:
        return _there(self._process.stdout).read(count)

    def read_output(self, count: int) -> bytes:
        return _there(self._process.stderr).read(count)

    def stop(self, kill: bool) -> str:
        """End the process; how it ended, in words."""
        if self._process.returncode is not None:
            return describe_exit(self._process.returncode)
        try:
            if kill:
                self._process.kill()
            status = self._process.wait(1)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        if hasattr(os, "killpg"):
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)  # what the worker has started itself
        return describe_exit(status)

    def close(self) -> None:
        """Give back the pipes."""
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            with contextlib.suppress(OSError):
                _there(pipe).close()


def _there(pipe: IO[bytes] | None) -> IO[bytes]:
    """A pipe of a process that was started with one."""
    if pipe is None:
        raise InternalError("a worker without pipes")
    return pipe


def describe_exit(status: int) -> str:
    """`status` (negative: killed by that signal) in words."""
    if status >= 0:
        return f"its process exited with status {status}"
    try:
        return f"its process was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"its process was ended by signal {-status}"
