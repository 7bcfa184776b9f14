"""A process that has imported JAX, has not started its backend, and forks workers on request.

It is started by the grader with `exec`, so that no object of the grader is in it, and a fork of it is
ready in milliseconds. Forking after the backend has started hangs; forking with a second thread alive
may. Both are asserted against before every fork.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Iterable
from typing import Any

import jax
import jax.numpy as jnp

from grader.worker import child, linux
from grader.worker.lockdown import Lockdown, Refused, tidy

_LOCKED = "locked down"
_REQUESTS, _REPLIES = 3, 4  # a worker's descriptors, after the standard streams
_MANY_DESCRIPTORS = 4096
_MANY_THREADS, _LOOK_SECONDS = 1000, 0.1
# What a library imports at the first use of nearly every answer: better once here than in each fork.
_LATE_IMPORTS = {"torch": ("torch._dynamo",)}


def main(control_fd: int) -> None:
    """Serve fork and reap commands on the socket `control_fd` until it closes.

    The first thing to come is a line of settings, as in `spawned.main`.
    """
    linux.die_with_parent(os.getppid())
    while os.open(os.devnull, os.O_RDONLY) < _REPLIES:
        pass  # a worker's pipes go there: nothing else may
    control = socket.socket(fileno=control_fd)
    settings = _receive_settings(control)
    for name in settings["preload"]:
        for module in (name, *_LATE_IMPORTS.get(name, ())):
            importlib.import_module(module)
    warm_up()
    linux.hide()
    nursery = Nursery(
        control,
        Lockdown.prepare(
            settings["mechanisms"], settings["readable"], settings["private"], settings["compiled"]
        ),
    )
    gc.collect()
    gc.freeze()
    _send(control, {"forks": thread_count() == 1 and survives_fork()})
    children: set[int] = set()
    while True:
        watch(control, children)
        message, fds, _, _ = socket.recv_fds(control, 4096, 3)
        if not message:
            break
        command = json.loads(message)
        if command["op"] == "fork":
            born = nursery.fork(fds, command["trusted"])
            children |= {born["pid"]} if "pid" in born else set()
            _send(control, born)
        elif command["pid"] in children:
            _send(control, {"status": _reap(command["pid"], command["kill"])})
            children.discard(command["pid"])
    for pid in children:
        _reap(pid, kill=True)


def watch(control: socket.socket, children: Iterable[int]) -> None:
    """Wait for a command; meanwhile, end children with more threads than any program has a use for.

    No limit of the system does that: the one there is counts all processes of a user, and spares root.
    """
    while not select.select([control], [], [], _LOOK_SECONDS if children else None)[0]:
        for pid in children:
            if thread_count(pid) > _MANY_THREADS:
                _kill(pid)


def _receive_settings(control: socket.socket) -> dict[str, Any]:
    line = b""
    while not line.endswith(b"\n"):
        part = control.recv(65536)
        if not part:
            sys.exit(0)
        line += part
    settings: dict[str, Any] = json.loads(line)
    return settings


def warm_up() -> None:
    """Trace once (which starts no backend), so that every fork inherits the imports of tracing."""
    spec = jax.ShapeDtypeStruct((3,), jnp.float32)
    jax.jit(jax.grad(lambda x: jnp.where(x > 0, x, jnp.exp(x)).sum())).trace(spec)


def thread_count(pid: int | str = "self") -> int:
    """The number of threads of a process, where the platform tells; 1 elsewhere."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return int(file.read().rpartition(")")[2].split()[17])
    except OSError:
        return 1


def survives_fork() -> bool:
    """Whether a fork of this process can run a program. Known on Linux; tried elsewhere."""
    if sys.platform == "linux":
        return True
    pid = os.fork()
    if not pid:
        signal.alarm(20)
        ok = float(jnp.float32(1) + 1) == 2.0
        os._exit(0 if ok else 1)
    return os.waitpid(pid, 0)[1] == 0


class Nursery:
    """Forks workers and sees them locked down.

    A mechanism that the first worker is refused is not to be had on this machine, and is left out from
    then on; the canary tells what that costs. Later, a refusal is an error.
    """

    def __init__(self, control: socket.socket, lockdown: Lockdown) -> None:
        self._control = control
        self._lockdown = lockdown
        self._settled = False

    def fork(self, fds: list[int], trusted: bool) -> dict[str, Any]:
        """A new worker on the pipes `fds`: its `pid`, or the `problem`. A trusted one keeps its rights."""
        try:
            while True:
                pid, refused = self._try(fds, trusted)
                if refused is None:
                    self._settled = self._settled or not trusted
                    return {"pid": pid}
                _reap(pid, kill=True)
                if self._settled or refused not in self._lockdown.mechanisms:
                    return {"problem": refused or "it ended at once"}
                self._lockdown = self._lockdown.without(refused)
        finally:
            for fd in fds:
                os.close(fd)

    def _try(self, fds: list[int], trusted: bool) -> tuple[int, str | None]:
        """A fork and what it was refused: None if nothing, "" if it ended before that was known."""
        if thread_count() != 1:
            raise RuntimeError("the zygote has more than one thread; a fork of it may hang")
        parent = os.getpid()
        hear, tell = os.pipe()
        pid = os.fork()
        if not pid:
            try:
                self._become_worker(parent, fds, tell, trusted)
            except BaseException:  # the child must never return into the zygote's loop
                os._exit(70)
            os._exit(0)
        os.close(tell)
        with open(hear, "rb") as file:
            said = file.read().decode()
        return pid, None if said == _LOCKED else said

    def _become_worker(self, parent: int, fds: list[int], tell: int, trusted: bool) -> None:
        os.setsid()
        linux.die_with_parent(parent)
        self._control.close()
        request, reply, output = (os.dup2(fd, 20 + i) for i, fd in enumerate(fds))
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.dup2(request, _REQUESTS, inheritable=False)
        os.dup2(reply, _REPLIES, inheritable=False)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        lockdown = self._lockdown
        try:
            tidy() if trusted else lockdown.apply()
        except Refused as refused:
            os.write(tell, str(refused).encode())
            os._exit(70)
        os.write(tell, _LOCKED.encode())
        os.closerange(_REPLIES + 1, _MANY_DESCRIPTORS)
        child.serve(_REQUESTS, _REPLIES, 1, lockdown, trusted)


def _reap(pid: int, kill: bool) -> int:
    """The exit code of a child that has ended; one that has not ended soon is killed."""
    end = time.monotonic() + (0.0 if kill else 1.0)
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            with contextlib.suppress(OSError):
                os.killpg(pid, signal.SIGKILL)  # what the worker has forked itself, if anything
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= end:
            _kill(pid)
            return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        time.sleep(0.005)


def _kill(pid: int) -> None:
    """End the worker's whole process group."""
    for kill in (os.killpg, os.kill):
        try:
            kill(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue
        return


def _send(control: socket.socket, message: dict[str, object]) -> None:
    control.sendall(json.dumps(message).encode() + b"\n")
