"""Programs that have been compiled before: kept in a folder, found by a digest of the program.

Workers of the reference put them there; workers of answers may only take out what they can name, and only
who has written the same program can name it: their folder cannot be listed. So the reference gives
nothing away, and no answer can leave anything for others.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import Any

NAME = "jax-workshop-kit"
_MOST_ENTRIES = 50_000
_NEVER = float("inf")


def find_folder() -> Path | None:
    """The folder, made if need be; None where this user has no place for it.

    Whoever could write to it could run code in workers of the reference.
    """
    folder = own_folder("compiled")
    try:
        entries = list(os.scandir(folder)) if folder else []
    except OSError:
        return None
    if len(entries) > _MOST_ENTRIES:
        for entry in entries:
            with contextlib.suppress(OSError):
                os.unlink(entry)
    return folder


def own_folder(name: str) -> Path | None:
    """A folder for what can be made again, the user's alone; None where there is no place for it."""
    folder = _caches() / NAME / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = folder.stat()
    except OSError:
        return None
    if hasattr(os, "getuid") and (state.st_uid != os.getuid() or state.st_mode & 0o022):
        return None
    return folder


def _caches() -> Path:
    """Where this user's programs keep what they can make again."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local"))
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


class Shelf:
    """The folder as JAX's compilation cache: entries are written whole or not at all."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def get(self, key: str) -> bytes | None:
        """The entry of `key`, if there is one."""
        try:
            return self._file(key).read_bytes()
        except OSError:
            return None

    def put(self, key: str, value: bytes) -> None:
        """Keep an entry, if this process may."""
        file = self._file(key)
        temporary = file.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError):
            temporary.write_bytes(value)
            os.replace(temporary, file)

    def _file(self, key: str) -> Path:
        return self._path / key.rpartition("-")[2]


def offer() -> None:
    """Have JAX use a `Shelf` wherever a cache is asked for, if this version of JAX lets us."""
    with contextlib.suppress(ImportError):
        from jax._src import compilation_cache

        if hasattr(compilation_cache, "get_file_cache"):
            found: Any = compilation_cache
            found.get_file_cache = lambda path: (Shelf(path), path)


def use(folder: str, keep: bool) -> None:
    """Look programs up in `folder` from now on, and keep new ones there if `keep`."""
    import jax

    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0 if keep else _NEVER)
    jax.config.update("jax_compilation_cache_dir", folder)
