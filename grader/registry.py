"""What files of Python register by decorators: here, and apart in a file that a pack brings along."""

from __future__ import annotations

import contextlib
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, TypeVar

from grader.errors import PackError

Item = TypeVar("Item")


class Registry(Generic[Item]):
    """Items in the order in which they were registered."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self._current = self.items  # where an item that is registered now goes to

    @property
    def known(self) -> list[Item]:
        """The items that there are for who registers now."""
        return [*self.items, *self._current]

    def add(self, item: Item) -> None:
        """Register an item."""
        self._current.append(item)

    @contextlib.contextmanager
    def collecting(self) -> Iterator[list[Item]]:
        """What is registered inside goes to the list that comes out, in place of `items`."""
        before, self._current = self._current, []
        try:
            yield self._current
        finally:
            self._current = before

    def run(self, path: Path) -> list[Item]:
        """What the file at `path` registers; nothing where there is no such file.

        Raises:
            PackError: it cannot be executed.
        """
        if not path.is_file():
            return []
        try:
            with self.collecting() as found:
                runpy.run_path(str(path))
        except Exception as error:
            raise PackError(f"{path} cannot be loaded: {type(error).__name__}: {error}") from None
        return found
