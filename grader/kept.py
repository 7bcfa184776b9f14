"""Replies of the reference from earlier runs, as they came over the wire, in a file that is the user's alone.

A reply is found again under a digest of all that it rests on: the pack, the grader, the libraries, the
world and the call. It is read by the same strict decoder as a new one.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import platform
from collections.abc import Hashable
from pathlib import Path

import msgpack

import grader
from grader.model import Outcome
from grader.table import Table
from grader.worker.compiled import own_folder
from grader.worker.replies import read_outcome
from grader.worker.wire import Frame, WireError, unpack

_FILE = "replies.sqlite"


class Kept:
    """The replies in `folder` (None: nothing is kept) that rest on `terms`."""

    def __init__(self, folder: Path | None, terms: str) -> None:
        self._terms = f"{terms}\0{own_digest()}\0{platform.machine()}"
        self._table = Table(folder / _FILE if folder else None)

    @classmethod
    def of_user(cls, terms: str) -> Kept:
        """Those in this user's folder for what can be made again."""
        return cls(own_folder("reference"), terms)

    def get(self, world: Hashable, call: bytes) -> Outcome | None:
        """What the reference replied to `call` in `world`, if that is known."""
        entry = self._table.get(self._key(world, call))
        if entry is None:
            return None
        with contextlib.suppress(WireError, TypeError, ValueError, msgpack.UnpackException):
            head, body, printed = msgpack.unpackb(entry)
            return read_outcome(unpack((bytearray(head), memoryview(body))), lambda: str(printed))
        return None

    def add(self, world: Hashable, call: bytes, frame: Frame, printed: str) -> None:
        """Have `save` write down the reply to `call` in `world`."""
        head, body = frame
        entry = msgpack.packb((bytes(head), bytes(body), printed))
        self._table.add(self._key(world, call), entry)

    def save(self) -> None:
        """Write down what was added."""
        self._table.save()

    def _key(self, world: Hashable, call: bytes) -> bytes:
        return hashlib.sha256(f"{self._terms}\0{world!r}\0".encode() + call).digest()


@functools.cache
def own_digest() -> str:
    """SHA-256 of the grader's own code."""
    digest = hashlib.sha256()
    for path in sorted(Path(grader.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
