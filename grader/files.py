"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from grader.errors import UsageError


def check_place(path: Path) -> None:
    """Whether a file can be put at `path`, asked before the work that fills it.

    Raises:
        UsageError: it cannot.
    """
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise UsageError(
            f"{path} cannot be written. Name a file in a folder that exists and is yours to write."
        )


def write_whole(path: Path, text: str) -> None:
    """Put `text` at `path` so that a reader sees the old file or the new one, never a part.

    Raises:
        UsageError: the file cannot be written there.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        if not isinstance(error, OSError):
            raise
        raise UsageError(
            f"{path} cannot be written: {error.strerror}. Name a file in a folder that exists."
        ) from None
