"""A process that has imported JAX, has not started its backend, and forks workers on request.

It is started by the grader with `exec`, so that no object of the grader is in it, and a fork of it is
ready in milliseconds. Forking after the backend has started hangs; forking with a second thread alive
may. Both are asserted against before every fork.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import signal
import socket
import sys
import time

import jax
import jax.numpy as jnp

from grader.worker import child

_PR_SET_PDEATHSIG = 1
# What a library imports at the first use of nearly every answer: better once here than in each fork.
_LATE_IMPORTS = {"torch": ("torch._dynamo",)}


def main(control_fd: int, preload: list[str]) -> None:
    """Serve fork and reap commands on the socket `control_fd` until it closes."""
    for name in preload:
        for module in (name, *_LATE_IMPORTS.get(name, ())):
            importlib.import_module(module)
    warm_up()
    gc.collect()
    gc.freeze()
    control = socket.socket(fileno=control_fd)
    children: set[int] = set()
    _send(control, {"forks": thread_count() == 1 and survives_fork()})
    while True:
        message, fds, _, _ = socket.recv_fds(control, 4096, 3)
        if not message:
            break
        command = json.loads(message)
        if command["op"] == "fork":
            pid = _fork(control, fds)
            children.add(pid)
            _send(control, {"pid": pid})
        elif command["pid"] in children:
            _send(control, {"status": _reap(command["pid"], command["kill"])})
            children.discard(command["pid"])
    for pid in children:
        _reap(pid, kill=True)


def warm_up() -> None:
    """Trace once (which starts no backend), so that every fork inherits the imports of tracing."""
    spec = jax.ShapeDtypeStruct((3,), jnp.float32)
    jax.jit(jax.grad(lambda x: jnp.where(x > 0, x, jnp.exp(x)).sum())).trace(spec)


def thread_count() -> int:
    """The number of threads of this process, where the platform tells; 1 elsewhere."""
    try:
        return len(os.listdir("/proc/self/task"))
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


def _fork(control: socket.socket, fds: list[int]) -> int:
    if thread_count() != 1:
        raise RuntimeError("the zygote has more than one thread; a fork of it may hang")
    parent = os.getpid()
    pid = os.fork()
    if pid:
        for fd in fds:
            os.close(fd)
        return pid
    try:
        control.close()
        _become_worker(parent, fds)
    except BaseException:  # the child must never return into the zygote's loop
        os._exit(70)
    os._exit(0)


def _become_worker(parent: int, fds: list[int]) -> None:
    os.setsid()
    _die_with_parent(parent)
    request, reply, output = (os.dup2(fd, 20 + i, inheritable=False) for i, fd in enumerate(fds))
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(request, 3, inheritable=False)
    os.dup2(reply, 4, inheritable=False)
    os.closerange(5, 256)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    child.serve(3, 4, 1)


def _die_with_parent(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


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
