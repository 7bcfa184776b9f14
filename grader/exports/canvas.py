"""Grades for Canvas: the gradebook that it exported, with the column of one assignment filled in.

Canvas reads the columns up to "Section" as the student, and any other as an assignment, which it knows by
the number in "Title (number)". It takes an empty cell for "no score" and would delete what is there, so
rows without a submission keep theirs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from grader.batch.entries import Entry
from grader.errors import UsageError
from grader.exports.matching import Key, match
from grader.exports.rosters import Roster, Row, same_title
from grader.exports.sheet import Sheet, as_it_was, full_points, grade, number, split
from grader.text import for_csv, one_line

_ASSIGNMENT = re.compile(r"(?P<title>.*\S)\s*\((?P<id>\d+)\)")
_POINTS = "points possible"
_NO_STUDENT = re.compile(r"\s*(muted|manual posting.*)?\s*", re.IGNORECASE)
_RESERVED = re.compile(
    "current (score|points|grade)|final (score|points|grade)|override (score|grade|status)",
    re.IGNORECASE,
)
_EXCUSED = "EX"


def sheet(
    entries: Iterable[Entry], roster: Roster, column: str | None = None, points: float | None = None
) -> Sheet:
    """The gradebook with the grades of `entries` in one column.

    Args:
        column: the assignment's title, with or without its number; a new one becomes a new assignment.
        points: what the full score is worth; by default what the gradebook says, else the points of the
            exercises.

    Raises:
        UsageError: the roster is no Canvas gradebook, or `column` names no single assignment.
    """
    graded, astray = split(entries)
    last = _check(roster)
    place, title = _column(roster, last, column)
    students = [row for row in roster.rows if not _describes(row)]
    found = match(roster, students, graded, _keys(roster), _full_name(roster))
    notes = []
    known = _points_of(roster, place)
    worth = points or known or full_points(graded)
    if place is None:
        notes.append(f"{title!r} is not in the gradebook: Canvas will offer to make it.")
    if known and worth != known:
        notes.append(
            f"The gradebook gives {number(known)} points; with {number(worth)} it changes."
        )
    cells, excused = [], []
    for row in students:
        entry = found.of_line.get(row.line)
        kept = row[place] if place is not None else ""
        if entry is not None and kept.strip().upper() == _EXCUSED:
            excused.append((entry, f"is excused in line {row.line} of the roster; that stays"))
        elif entry is not None and entry.graded is not None:
            kept = grade(entry.graded, worth)
        cells.append((*map(for_csv, row.cells[: last + 1]), as_it_was(kept)))
    head = (*roster.header[: last + 1], for_csv(title))
    possible = ("    Points Possible", *[""] * last, number(worth))
    without = tuple(row for row in students if row.line not in found.of_line)
    gone = (*astray, *found.astray, *excused)
    return Sheet((head, possible, *cells), gone, without, tuple(_notes(place, title, known, worth)))


def _notes(place: int | None, title: str, known: float | None, worth: float) -> Iterator[str]:
    if place is None:
        yield f"{title!r} is not in the gradebook: Canvas will offer to make it."
    if known and worth != known:
        yield f"The gradebook gives {number(known)} points; with {number(worth)} it changes."


def _check(roster: Roster) -> int:
    """The number of the column "Section", which ends what Canvas knows of a student."""
    remedy = "Export it from Canvas: Grades, Export, Export Entire Gradebook"
    if roster.column("LastName", "FirstName") is None:
        roster.needed("Student", remedy=remedy)
    roster.needed("ID", remedy=remedy)
    last = roster.needed("Section", remedy=remedy)
    people = Roster(roster.path, roster.header, tuple(r for r in roster.rows if not _describes(r)))
    columns = [roster.column("ID"), roster.column("SIS User ID"), roster.column("SIS Login ID")]
    people.demand_distinct([c for c in columns if c is not None])
    if not people.rows:
        raise roster.fault(f"has no students. {remedy}")
    return last


def _full_name(roster: Roster) -> Callable[[Row], str]:
    names = [roster.column(name) for name in ("Student", "FirstName", "LastName")]
    return lambda row: " ".join(row[column] for column in names if column is not None)


def _describes(row: Row) -> bool:
    """Whether a row is about the assignments, and about no student."""
    return _POINTS in row[0].casefold() or all(_NO_STUDENT.fullmatch(cell) for cell in row.cells)


def _keys(roster: Roster) -> list[Key]:
    columns = [roster.column(name) for name in ("ID", "SIS User ID", "SIS Login ID")]
    return [Key(column) for column in columns if column is not None]


def _column(roster: Roster, last: int, wanted: str | None) -> tuple[int | None, str]:
    """The assignment's column and its title; no column where it is new."""
    titles = {place: roster.header[place] for place in range(last + 1, len(roster.header))}
    if wanted is None:
        fitting = [place for place, title in titles.items() if _ASSIGNMENT.fullmatch(title)]
        if len(fitting) != 1:
            raise _choose(roster, [titles[place] for place in fitting])
        return fitting[0], titles[fitting[0]]
    names = {place: (same_title(t), same_title(_plain(t))) for place, t in titles.items()}
    fitting = [place for place, both in names.items() if same_title(wanted) in both]
    if len(fitting) > 1:
        raise _choose(roster, [titles[place] for place in fitting])
    if fitting:
        return fitting[0], titles[fitting[0]]
    if not wanted.strip() or _RESERVED.search(wanted):
        raise UsageError(
            f"--column {one_line(wanted)!r} is a name that Canvas keeps for itself. Choose another."
        )
    return None, one_line(wanted)


def _plain(title: str) -> str:
    """A title without the assignment's number."""
    found = _ASSIGNMENT.fullmatch(title)
    return found["title"] if found else title


def _choose(roster: Roster, titles: Sequence[str]) -> UsageError:
    """The instructor must say which column it is."""
    which = ", ".join(repr(one_line(title, 60)) for title in titles[:8]) or "none"
    return roster.fault(
        f"has {len(titles)} columns that may be the assignment ({which}). Name one with --column, with its "
        "number, or a new one"
    )


def _points_of(roster: Roster, place: int | None) -> float | None:
    """The points that the gradebook gives to the column."""
    said = [row[place] for row in roster.rows if place is not None and _POINTS in row[0].casefold()]
    if not said:
        return None
    if "read only" in said[0].casefold():
        raise roster.fault("has a column that Canvas computes itself. Name another with --column")
    try:
        points = float(said[0].strip().replace(",", "."))
    except ValueError:
        return None
    return points if 0 < points < float("inf") else None
