"""Processes and their descendants, read from /proc, for tests that look for what is left behind."""

import contextlib
import os
import time
from pathlib import Path


def children(pid):
    """The processes that the threads of a process have started."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(word) for word in task.read_text().split()]
    return found


def descendants(pid):
    """The processes that a process has started, and theirs."""
    found = children(pid)
    return found + [one for child in found for one in descendants(child)]


def zygotes(pid):
    """The descendants that workers are forked from; others, such as git, come and go."""
    return [one for one in descendants(pid) if _is_zygote(one) and not _is_zygote(parent(one))]


def _is_zygote(pid):
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"python" in words[0] and any(b"zygote" in word for word in words)


def _fields(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def parent(pid):
    """The process that started it; 0 if it has ended."""
    try:
        return int(_fields(pid)[1])
    except OSError:
        return 0


def state(pid):
    """The letter of its state, such as T for stopped; "" if it has ended."""
    try:
        return _fields(pid)[0]
    except OSError:
        return ""


def ignores(pid, number):
    """Whether it ignores a signal."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    mask = next(line.split()[1] for line in status.splitlines() if line.startswith("SigIgn"))
    return bool(int(mask, 16) >> (number - 1) & 1)


def cpu_seconds(pid):
    """The processor time that it has used; 0 if it has ended."""
    try:
        fields = _fields(pid)
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def gone(pid, seconds=30):
    """Whether it ends within some seconds (a zombie has ended)."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if _fields(pid)[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False
