"""The canary: what a locked-down worker can still do, found out by trying.

It runs in a worker of its own before any answer does, and reports the attacks that got through. None of
them leaves a trace where it does.
"""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grader.worker import linux

SEEING_NAMES = "sees that a private file exists"
_STANDARD_DESCRIPTORS = 5  # the three streams, requests, replies
_MUCH = 64 * 2**30  # bytes
_MAP_NORESERVE = 0x4000
_DISCARD_PORT = 9
_PTRACE_SEIZE, _PTRACE_DETACH = 0x4206, 17
_IPC_CREATE, _IPC_REMOVE = 0o1600, 0


@dataclass(frozen=True)
class Target:
    """What is attacked: a private file with its mode and the grader's process."""

    file: str
    mode: int
    grader: int


def attempt(file: str, mode: int, grader: int) -> dict[str, Any]:
    """How many attacks were tried, and the names of those that got through."""
    target = Target(file, mode, grader)
    through = [name for name, attack in ATTACKS.items() if _gets_through(attack, target)]
    return {"tried": len(ATTACKS), "through": through}


def _gets_through(attack: Callable[[Target], bool | None], target: Target) -> bool:
    try:
        return attack(target) is not False
    except (OSError, OverflowError):
        return False


def _read(target: Target) -> None:
    with open(target.file, "rb") as file:
        file.read(1)


def _see(target: Target) -> None:
    os.stat(target.file)


def _change(target: Target) -> None:
    os.close(os.open(target.file, os.O_WRONLY))


def _set_mode(target: Target) -> None:
    os.chmod(target.file, target.mode)


def _write(target: Target) -> bool:
    for folder in (os.path.dirname(target.file), "/tmp", "/dev/shm", "/", "."):
        with contextlib.suppress(OSError):
            os.close(os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600))
            return True
    return False


def _fork(target: Target) -> None:
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)


def _run_program(target: Target) -> bool:
    try:
        os.execv("/nonexistent", ["nonexistent"])
    except OSError as error:
        return error.errno == errno.ENOENT


def _connect(target: Target) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.settimeout(1)
        return connection.connect_ex(("127.0.0.1", _DISCARD_PORT)) in (0, errno.ECONNREFUSED)


def _send_datagram(target: Target) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        connection.sendto(b"", ("127.0.0.1", _DISCARD_PORT))


def _share_memory(target: Target) -> None:
    segment = linux.call("shmget", 0, mmap.PAGESIZE, _IPC_CREATE)
    linux.call("shmctl", segment, _IPC_REMOVE, None)


def _look_into_grader(target: Target) -> bool:
    with contextlib.suppress(OSError), open(f"/proc/{target.grader}/mem", "rb"):
        return True
    with contextlib.suppress(OSError):
        linux.call("ptrace", _PTRACE_SEIZE, target.grader, None, None)
        linux.call("ptrace", _PTRACE_DETACH, target.grader, None, None)
        return True
    return False


def _reach_grader(target: Target) -> bool:
    with contextlib.suppress(OSError):
        os.kill(target.grader, 0)
        return True
    import resource  # not on every platform on which this module is read

    with contextlib.suppress(OSError):
        resource.prlimit(target.grader, resource.RLIMIT_CORE)
        return True
    return False


def _take_memory(target: Target) -> None:
    mmap.mmap(-1, _MUCH, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _MAP_NORESERVE).close()


def _find_descriptors(target: Target) -> bool:
    for fd in range(_STANDARD_DESCRIPTORS, 4096):
        with contextlib.suppress(OSError):
            os.fstat(fd)
            return True
    return False


def _has_capabilities(target: Target) -> bool:
    return linux.has_capabilities()


ATTACKS: dict[str, Callable[[Target], bool | None]] = {
    "reads a private file": _read,
    SEEING_NAMES: _see,
    "opens a private file for writing": _change,
    "sets the mode of a private file": _set_mode,
    "writes a new file": _write,
    "starts a process": _fork,
    "runs a program": _run_program,
    "connects by TCP": _connect,
    "sends by UDP": _send_datagram,
    "makes shared memory": _share_memory,
    "looks into the grader's memory": _look_into_grader,
    "reaches the grader with signals and limits": _reach_grader,
    "takes 64 GiB of memory": _take_memory,
    "finds descriptors of others": _find_descriptors,
    "has capabilities of root": _has_capabilities,
}
