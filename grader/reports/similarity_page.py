"""The page on submissions that are alike: pairs side by side, what matches marked. Hints, not verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from grader.errors import UsageError
from grader.files import write_whole
from grader.pack import Pack
from grader.reports import learner_pages
from grader.reports.class_page import CLASS_PAGE, SIMILARITY, write_class_page
from grader.reports.learner_pages import shown_name
from grader.reports.page import asset, render
from grader.similarity import Match, Pair, Progress, Side, Similarity, compare
from grader.text import clean, one_line

_MATCHES = 12  # of a pair that are shown
_LINES = 60  # of a statement
_COLUMNS = 160  # of a line


class Class(learner_pages.Class, Protocol):
    """What is read of the store of a class."""

    @property
    def pack_name(self) -> str:
        """Whose exercises these are."""

    def texts(self, name: str) -> dict[str, str]:
        """Chapter names and their source as handed in."""


@dataclass(frozen=True)
class Line:
    """A line of code, as it is shown."""

    number: int
    text: str
    marked: bool


@dataclass(frozen=True)
class Panel:
    """Two statements beside each other; `more` are the lines left out on each side."""

    title: str
    id: str
    sides: tuple[tuple[Line, ...], tuple[Line, ...]]
    more: tuple[int, int]


@dataclass(frozen=True)
class Row:
    """A pair on the page."""

    names: tuple[str, str]
    pair: Pair
    where: tuple[tuple[str, int], ...]
    panels: tuple[Panel, ...]
    more: int


def make_similarity_page(
    found: Similarity, pack: Pack, shown: Mapping[str, str], class_page: str = ""
) -> str:
    """The page; `shown` are the names to show for the names of submissions."""
    style = asset("page.css") + asset("similarity_page.css")
    rows = [_row(pair, pack, shown) for pair in found.pairs]
    groups = [([_shown(name, shown) for name in g.names], g.has_own) for g in found.groups]
    return render(
        "similarity_page.html",
        style,
        "",
        title=pack.title,
        class_page=class_page,
        found=found,
        rows=rows,
        groups=groups,
    )


def write_similarity_page(
    found: Similarity, pack: Pack, shown: Mapping[str, str], path: Path, class_page: str = ""
) -> None:
    """Write the page to `path`, whole or not at all.

    Raises:
        UsageError: the file cannot be written there.
    """
    write_whole(path, make_similarity_page(found, pack, shown, class_page))


def _shown(name: str, shown: Mapping[str, str]) -> str:
    return one_line(shown.get(name) or name, 100)


def _row(pair: Pair, pack: Pack, shown: Mapping[str, str]) -> Row:
    places = Counter(match.chapter for match in pair.matches)
    where = {c.title: places[c.name] for c in pack.chapters if places[c.name]}
    panels = tuple(_panel(match, pack) for match in pair.matches[:_MATCHES])
    names = (_shown(pair.names[0], shown), _shown(pair.names[1], shown))
    return Row(names, pair, tuple(where.items()), panels, len(pair.matches) - len(panels))


def _panel(match: Match, pack: Pack) -> Panel:
    name = one_line(match.name, 100)
    exercises = {
        exercise.name: exercise.title for exercise in pack.chapter(match.chapter).exercises
    }
    sides = (_lines(match.first), _lines(match.second))
    more = (len(match.first.lines) - len(sides[0]), len(match.second.lines) - len(sides[1]))
    return Panel(
        exercises.get(name, "A statement beside the exercises"),
        f"{match.chapter}.{name}" if name else match.chapter,
        sides,
        more,
    )


def _lines(side: Side) -> tuple[Line, ...]:
    return tuple(
        Line(side.first + at, _code(text), at in side.marked)
        for at, text in enumerate(side.lines[:_LINES])
    )


def _code(text: str) -> str:
    """A line of code, cleaned; its indentation stays."""
    text = clean(text).replace("\n", " ").expandtabs(4)
    return text if len(text) <= _COLUMNS else f"{text[: _COLUMNS - 4]} ..."


def write_similarity(
    store: Class, pack: Pack, folder: Path, progress: Progress = lambda what, done, of: None
) -> Similarity:
    """Compare the submissions in `store` and write the page on them beside that of the class.

    The page of the class is written again, with a link to it.

    Raises:
        UsageError: the store belongs to another pack, or a page cannot be written.
    """
    if store.pack_name not in ("", pack.name):
        raise UsageError(
            f"{folder} holds the results of the pack {store.pack_name}, not of {pack.name}. "
            "Name that pack with --pack."
        )
    entries = store.entries()
    found = compare(entries, store.texts, pack, progress)
    shown = {entry.name: shown_name(entry) for entry in entries}
    write_similarity_page(found, pack, shown, folder / SIMILARITY, CLASS_PAGE)
    write_class_page(store, pack, folder / CLASS_PAGE)
    return found
