"""System calls of Linux that Python has no function for."""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import platform
import signal
import sys
from typing import Any

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
_PR_CAP_AMBIENT, _CLEAR_ALL = 47, 4
_CAPABILITIES_V3 = 0x20080522
MACHINES = ("x86_64", "aarch64")
NUMBERS = {  # on x86-64 and aarch64
    "capget": (125, 90),
    "capset": (126, 91),
    "ptrace": (101, 117),
    "seccomp": (317, 277),
    "shmctl": (31, 195),
    "shmget": (29, 194),
    "landlock_create_ruleset": (444, 444),
    "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446),
}


def known() -> bool:
    """Whether this is a Linux whose system calls are known here."""
    return sys.platform == "linux" and platform.machine() in MACHINES and sys.maxsize > 2**32


@functools.cache
def libc() -> Any:
    """The C library, with errno kept."""
    return ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: Any) -> int:
    """The result of a system call.

    Raises:
        OSError: it failed.
    """
    if not known():
        raise OSError(errno.ENOSYS, f"no {name} on this platform")
    number = NUMBERS[name][MACHINES.index(platform.machine())]
    return _checked(libc().syscall(number, *(_wide(argument) for argument in arguments)))


def prctl(option: int, *arguments: int) -> int:
    """The result of prctl.

    Raises:
        OSError: it failed.
    """
    words = [ctypes.c_ulong(a) for a in (*arguments, 0, 0, 0, 0)[:4]]
    return _checked(libc().prctl(option, *words))


def _wide(argument: Any) -> Any:
    return ctypes.c_long(argument) if isinstance(argument, int) else argument


def _checked(result: int) -> int:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def drop_capabilities() -> None:
    """Give up every capability, for good once `no_new_privs` is set."""
    prctl(_PR_CAP_AMBIENT, _CLEAR_ALL)
    call("capset", *_capability_sets())


def has_capabilities() -> bool:
    """Whether this process may do anything that plain users may not."""
    header, sets = _capability_sets()
    call("capget", header, sets)
    return any(sets)


def _capability_sets() -> tuple[Any, Any]:
    """The header of this process and three empty sets, as the kernel wants them."""
    return (ctypes.c_uint32 * 2)(_CAPABILITIES_V3, 0), (ctypes.c_uint32 * 6)()


def hide() -> None:
    """Keep other processes of this user from looking into this one (its memory, its descriptors)."""
    if sys.platform == "linux":
        prctl(PR_SET_DUMPABLE, 0)


def die_with_parent(parent: int) -> None:
    """End this process when the thread that started it ends; at once if that has happened."""
    if sys.platform == "linux":
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)
