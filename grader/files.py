"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from grader.errors import UsageError


def write_whole(path: Path, text: str) -> None:
    """Put `text` at `path` so that a reader sees the old file or the new one, never a part.

    Raises:
        UsageError: the file cannot be written there.
    """
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except BaseException as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        if not isinstance(error, OSError):
            raise
        raise UsageError(
            f"{path} cannot be written: {error.strerror}. Name a file in a folder that exists."
        ) from None
