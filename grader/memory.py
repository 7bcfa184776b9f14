"""What the reference has answered, kept because every submission meets the same inputs."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from grader.kept import Kept
from grader.model import Outcome
from grader.worker.wire import Array, Frame


class ReferenceMemory:
    """Outcomes of the reference, by world and call, up to a number of bytes.

    Args:
        kept: what is kept from run to run besides.
    """

    def __init__(self, max_bytes: int = 256 * 2**20, kept: Kept | None = None) -> None:
        self._outcomes: dict[tuple[Hashable, bytes], Outcome] = {}
        self._bytes = 0
        self._max_bytes = max_bytes
        self._kept = kept

    def get(self, world: Hashable, key: bytes) -> Outcome | None:
        """What is remembered of a call, if anything."""
        found = self._outcomes.get((world, key))
        if found is None and self._kept is not None:
            found = self._kept.get(world, key)
            if found is not None:
                self._remember(world, key, found)
        return found

    def keep(
        self, world: Hashable, key: bytes, outcome: Outcome, frame: Frame | None = None
    ) -> None:
        """Remember a value or an exception, which came in `frame`; a full memory starts anew."""
        if outcome.kind not in ("value", "raised"):
            return
        self._remember(world, key, outcome)
        if self._kept is not None and frame is not None and outcome.kind == "value":
            self._kept.add(world, key, frame, outcome.printed)

    def _remember(self, world: Hashable, key: bytes, outcome: Outcome) -> None:
        size = 1000 + array_bytes(outcome.value)
        if self._bytes + size > self._max_bytes:
            self._outcomes.clear()
            self._bytes = 0
        self._outcomes[world, key] = outcome
        self._bytes += size

    def save(self) -> None:
        """Write down what is new, for other runs."""
        if self._kept is not None:
            self._kept.save()


def array_bytes(value: Any) -> int:
    """The bytes of all arrays in a decoded value."""
    if isinstance(value, Array):
        return value.values.nbytes
    if isinstance(value, list | tuple):
        return sum(map(array_bytes, value))
    return sum(map(array_bytes, value.values())) if isinstance(value, dict) else 0
