"""The rules that a pack brings along, in `exercises/checks/misconceptions.py`.

    from grader.misconceptions import Evidence, misconception

    @misconception("rows counted from 1", "Rows count from 0.", "ch02_shapes", "https://...")
    def rows_from_one(e: Evidence) -> str | None:
        return "..." if ... else None

They come before the general ones, and speak only about their own pack.
"""

from __future__ import annotations

from pathlib import Path

from grader.errors import PackError
from grader.misconceptions.rule import REGISTRY, Misconception
from grader.pack import Pack

FILE = "misconceptions.py"
_known: dict[Path, tuple[Misconception, ...]] = {}


def pack_rules(pack: Pack) -> tuple[Misconception, ...]:
    """The pack's own rules, in order; none where it has no such file. Read once per pack.

    Raises:
        PackError: the file cannot be executed, or one of its rules breaks a rule; the message names it.
    """
    if pack.root not in _known:
        _known[pack.root] = _read(pack)
    return _known[pack.root]


def _read(pack: Pack) -> tuple[Misconception, ...]:
    path = pack.exercises_dir / "checks" / FILE
    rules = REGISTRY.run(path)
    chapters = {chapter.name for chapter in pack.chapters}
    for known in rules:
        if known.lesson and known.lesson not in chapters:
            raise PackError(
                f"{path}: {known.name!r} names the lesson {known.lesson!r}, which is no chapter."
            )
        if not known.page.startswith("https://"):
            raise PackError(f"{path}: {known.name!r} needs a page that starts with https://.")
    return tuple(rules)
