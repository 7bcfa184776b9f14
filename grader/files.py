"""Files: written whole or not at all; those of strangers opened only if they are plain files."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import BinaryIO

from grader.errors import UsageError


def check_place(path: Path) -> None:
    """Whether a file can be put at `path`, asked before the work that fills it.

    Raises:
        UsageError: it cannot.
    """
    folder = path.parent
    if os.path.isdir(path) or not os.path.isdir(folder) or not os.access(folder, os.W_OK):
        raise _cannot(path)
    try:
        os.lstat(_temporary(path))
    except FileNotFoundError:
        return
    except OSError as error:  # such as a name that is too long
        raise _cannot(path, error.strerror) from None


def _cannot(path: Path, why: str | None = None) -> UsageError:
    said = f": {why}" if why else ""
    return UsageError(
        f"{path} cannot be written{said}. Name a file in a folder that exists and is yours to write."
    )


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.tmp")


def write_whole(path: Path, content: str | bytes) -> None:
    """Put `content` at `path` so that a reader sees the old file or the new one, never a part.

    That holds after a power cut too: the new one is on disk before it takes the old one's place.

    Raises:
        UsageError: the file cannot be written there.
    """
    temporary = _temporary(path)
    try:
        data = content if isinstance(content, bytes) else content.encode()
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        if not isinstance(error, OSError):
            raise
        raise _cannot(path, error.strerror) from None


class NotPlain(Exception):
    """What lies there is no regular file; the text says what it is and what to do."""


def open_plain(path: Path) -> tuple[BinaryIO, int]:
    """`(file, size)` of a stranger's file: a regular one, no link. What else lies there is not waited for.

    The descriptor is asked what it is, since what lies at `path` may change after the first look.

    Raises:
        NotPlain: it is a folder, a link, a pipe, a device.
        OSError: it cannot be opened.
    """
    _demand_plain(path.lstat().st_mode)
    names = ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY", "O_BINARY")
    descriptor = os.open(path, os.O_RDONLY | sum(getattr(os, name, 0) for name in names))
    try:
        info = os.fstat(descriptor)
        _demand_plain(info.st_mode)
        return os.fdopen(descriptor, "rb"), info.st_size
    except BaseException:
        os.close(descriptor)
        raise


def _demand_plain(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise NotPlain("is a folder. It must be a file.")
    if stat.S_ISLNK(mode):
        raise NotPlain("is a symbolic link. Put the file itself there; links are not followed.")
    if not stat.S_ISREG(mode):
        raise NotPlain("is no regular file.")
