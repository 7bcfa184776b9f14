"""Bytes by key in a file that processes share: work that need not be done again while the file is there.

It may be removed at any time. One that cannot be used is as good as none, and nobody waits for it long.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
import weakref
from pathlib import Path

_CREATE = "CREATE TABLE IF NOT EXISTS entries (key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID"
_MOST = 50_000  # entries, of some 2 KB each; then all are forgotten
_BUSY_SECONDS = 1.0  # that another process may hold the file
_ATTEMPTS = 5


class Table:
    """The entries in the file `path` (None: there are none)."""

    def __init__(self, path: Path | None) -> None:
        self._new: dict[bytes, bytes] = {}
        self._connection = _connected(path) if path else None
        if self._connection is not None:
            weakref.finalize(self, self._connection.close)

    def get(self, key: bytes) -> bytes | None:
        """The entry of `key`, if there is one."""
        if self._connection is None:
            return None
        with contextlib.suppress(sqlite3.Error):
            query = "SELECT value FROM entries WHERE key = ?"
            row = self._connection.execute(query, (key,)).fetchone()
            if row is not None and isinstance(row[0], bytes):
                return row[0]
        return None

    def add(self, key: bytes, value: bytes) -> None:
        """Have `save` write an entry down."""
        self._new[key] = value

    def save(self) -> None:
        """Write down what was added."""
        new, self._new = self._new, {}
        if self._connection is None or not new:
            return
        with contextlib.suppress(sqlite3.Error), self._connection:
            (count,) = self._connection.execute("SELECT COUNT(*) FROM entries").fetchone()
            if count > _MOST:
                self._connection.execute("DELETE FROM entries")
            insert = "INSERT OR REPLACE INTO entries VALUES (?, ?)"
            self._connection.executemany(insert, new.items())


def _connected(path: Path) -> sqlite3.Connection | None:
    """The file, made if need be; None if it cannot be used."""
    for _ in range(_ATTEMPTS):
        try:
            return _opened(path)
        except sqlite3.Error as error:  # where two make the file at once, one is turned away
            if getattr(error, "sqlite_errorcode", 0) != sqlite3.SQLITE_BUSY:
                return None
            time.sleep(_BUSY_SECONDS / _ATTEMPTS)
    return None


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(_CREATE)
    return connection
