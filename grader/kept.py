"""Replies of the reference from earlier runs, as they came over the wire, in a file that is the user's alone.

A reply is found again under a digest of all that it rests on: the pack, the grader, the libraries, the
world and the call. It is read by the same strict decoder as a new one. The file may be removed at any
time; one that cannot be used is as good as none.
"""

from __future__ import annotations

import contextlib
import hashlib
import platform
import sqlite3
from collections.abc import Hashable
from pathlib import Path

import grader
from grader.model import Outcome
from grader.worker.compiled import own_folder
from grader.worker.replies import read_outcome
from grader.worker.wire import Frame, WireError, unpack

_FILE = "replies.sqlite"
_TABLE = """
CREATE TABLE IF NOT EXISTS replies (key BLOB PRIMARY KEY, head BLOB, body BLOB, printed TEXT) WITHOUT ROWID
"""
_MOST = 20_000  # replies, of some 2 KB each; then all are forgotten
_BUSY_SECONDS = 1.0  # that another process may hold the file
_Row = tuple[bytes, bytes, bytes, str]


class Kept:
    """The replies in `folder` (None: nothing is kept) that rest on `terms`."""

    def __init__(self, folder: Path | None, terms: str) -> None:
        self._terms = f"{terms}\0{_own_digest()}\0{platform.machine()}"
        self._new: list[_Row] = []
        self._connection: sqlite3.Connection | None = None
        if folder is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection = _connected(folder / _FILE)

    @classmethod
    def of_user(cls, terms: str) -> Kept:
        """Those in this user's folder for what can be made again."""
        return cls(own_folder("reference"), terms)

    def get(self, world: Hashable, call: bytes) -> Outcome | None:
        """What the reference replied to `call` in `world`, if that is known."""
        if self._connection is None:
            return None
        with contextlib.suppress(sqlite3.Error, WireError, TypeError, ValueError):
            query = "SELECT head, body, printed FROM replies WHERE key = ?"
            row = self._connection.execute(query, (self._key(world, call),)).fetchone()
            if row is not None:
                head, body, printed = row
                return read_outcome(
                    unpack((bytearray(head), memoryview(body))), lambda: str(printed)
                )
        return None

    def add(self, world: Hashable, call: bytes, frame: Frame, printed: str) -> None:
        """Have `save` write down the reply to `call` in `world`."""
        head, body = frame
        self._new.append((self._key(world, call), bytes(head), bytes(body), printed))

    def save(self) -> None:
        """Write down what was added."""
        new, self._new = self._new, []
        if self._connection is None or not new:
            return
        with contextlib.suppress(sqlite3.Error), self._connection:
            (count,) = self._connection.execute("SELECT COUNT(*) FROM replies").fetchone()
            if count > _MOST:
                self._connection.execute("DELETE FROM replies")
            self._connection.executemany("INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?)", new)

    def _key(self, world: Hashable, call: bytes) -> bytes:
        return hashlib.sha256(f"{self._terms}\0{world!r}\0".encode() + call).digest()


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(_TABLE)
    return connection


def _own_digest() -> str:
    """SHA-256 of the grader's own code."""
    digest = hashlib.sha256()
    for path in sorted(Path(grader.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
