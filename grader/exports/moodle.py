"""Grades for Moodle: the grading worksheet filled in, or a table for the gradebook's CSV import.

A worksheet (an assignment's "Download grading worksheet") comes back whole: Moodle wants its columns
Identifier, Grade and Last modified (grade). The gradebook's import takes any table with one column that
tells the user; a grade above the maximum or one that is no number stops the whole import there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from grader.batch.entries import Entry, Graded
from grader.errors import UsageError
from grader.exports.matching import Key, Matching, match
from grader.exports.rosters import Roster, Row
from grader.exports.sheet import Sheet, as_it_was, feedback, full_points, grade, number, split
from grader.text import for_csv, for_html, one_line

IDENTIFIER, GRADE, MODIFIED = "Identifier", "Grade", "Last modified (grade)"
MAXIMUM, FEEDBACK = "Maximum Grade", "Feedback comments"
_USERS = {  # the columns that tell who somebody is, in the order of preference
    "Email address": ("Email address", "email", "e-mail", "e-mail address", "useremail"),
    "Username": ("Username", "login", "user name"),
    "ID number": ("ID number", "idnumber", "useridnumber", "student id"),
}
_OF_LEARNER = {"Email address": "email", "Username": "login"}  # without a roster
_FULL_NAME = ("Full name", "fullname", "name")
_LAST_NUMBER = re.compile(r"(\d+)\D*$")


def sheet(
    entries: Iterable[Entry],
    roster: Roster | None = None,
    column: str | None = None,
    points: float | None = None,
) -> Sheet:
    """The table for Moodle.

    Args:
        roster: a grading worksheet, or a list of participants; None: by the learners' own e-mail
            addresses or logins.
        column: the title of the column of grades; of a worksheet it is fixed.
        points: what the full score is worth; by default what the worksheet says, else the points of the
            exercises.

    Raises:
        UsageError: the roster is neither, or nothing tells who the learners are.
    """
    graded, astray = split(entries)
    if roster is None:
        return _plain(graded, astray, column or GRADE, points)
    if roster.column(IDENTIFIER) is not None:
        return _worksheet(graded, astray, roster, column, points)
    return _participants(graded, astray, roster, column or GRADE, points)


def _comment(graded: Graded) -> str:
    """Feedback as Moodle shows it: it takes the text for HTML."""
    return for_csv(for_html(feedback(graded)))


def _worksheet(
    graded: Sequence[Entry],
    astray: Sequence[tuple[Entry, str]],
    roster: Roster,
    column: str | None,
    points: float | None,
) -> Sheet:
    remedy = "Download the grading worksheet from Moodle again; with the site in English"
    if column is not None:
        raise UsageError("A grading worksheet has a column Grade already. Leave --column out.")
    identifier = roster.needed(IDENTIFIER, remedy=remedy)
    place = roster.needed(GRADE, remedy=remedy)
    roster.needed(MODIFIED, remedy=remedy)
    comments = roster.column(FEEDBACK)
    header = roster.header if comments is not None else (*roster.header, FEEDBACK)
    comments = len(roster.header) if comments is None else comments
    found = _match(roster, graded, [Key(identifier, _participant)])
    cells = []
    for row in roster.rows:
        filled = [as_it_was(cell) for cell in (*row.cells, "")][: len(header)]
        entry = found.of_line.get(row.line)
        if entry is not None and entry.graded is not None:
            worth = points or _maximum(roster, row) or full_points(graded)
            filled[place] = grade(entry.graded, worth)
            filled[comments] = _comment(entry.graded)
        cells.append(tuple(filled))
    notes = []
    if roster.column(FEEDBACK) is None:
        notes.append(
            f"The worksheet has no column {FEEDBACK!r}: switch that feedback type on in the assignment, or "
            "Moodle leaves the comments out."
        )
    without = tuple(row for row in roster.rows if row.line not in found.of_line)
    return Sheet((header, *cells), (*astray, *found.astray), without, tuple(notes))


def _participant(cell: str) -> str:
    """The number of "Participant 123", in whatever language."""
    found = _LAST_NUMBER.search(cell)
    return found[1] if found else ""


def _maximum(roster: Roster, row: Row) -> float | None:
    place = roster.column(MAXIMUM)
    if place is None:
        return None
    try:
        value = float(row[place].strip().replace(",", "."))
    except ValueError:
        return None
    return value if 0 < value < float("inf") else None


def _participants(
    graded: Sequence[Entry],
    astray: Sequence[tuple[Entry, str]],
    roster: Roster,
    title: str,
    points: float | None,
) -> Sheet:
    there = {name: roster.column(*names) for name, names in _USERS.items()}
    users = [place for place in there.values() if place is not None]
    if not users:
        roster.needed(
            "Email address",
            remedy="A roster for Moodle has one of the columns Identifier, Email address, Username, ID number",
        )
    by = next(
        (place for place in users if all(row[place].strip() for row in roster.rows)), users[0]
    )
    found = _match(roster, graded, [])
    worth = points or full_points(graded)
    cells, nameless = [], []
    for row in roster.rows:
        entry = found.of_line.get(row.line)
        if entry is None or entry.graded is None:
            continue
        if row[by].strip():
            cells.append((for_csv(row[by]), grade(entry.graded, worth), _comment(entry.graded)))
        else:
            nameless.append((entry, f"has no {roster.header[by]} in line {row.line} of the roster"))
    without = tuple(row for row in roster.rows if row.line not in found.of_line)
    head = (for_csv(roster.header[by]), for_csv(title), "Feedback")
    gone = (*astray, *found.astray, *nameless)
    return Sheet((head, *cells), gone, without, _worth(worth, points))


def _match(roster: Roster, graded: Sequence[Entry], keys: list[Key]) -> Matching:
    columns = [roster.column(*names) for names in _USERS.values()]
    keys = [*keys, *(Key(column) for column in columns if column is not None)]
    roster.demand_distinct([key.column for key in keys])
    names = [
        roster.column(*_FULL_NAME),
        roster.column("First name"),
        roster.column("Last name", "Surname"),
    ]
    return match(
        roster,
        roster.rows,
        graded,
        keys,
        lambda row: " ".join(row[place] for place in names if place is not None),
    )


def _plain(
    graded: Sequence[Entry], astray: Sequence[tuple[Entry, str]], title: str, points: float | None
) -> Sheet:
    """By what is known of the learners themselves. A bare number is not used: it may be any of three."""
    counts = {
        name: sum(bool(getattr(entry.learner, field)) for entry in graded)
        for name, field in _OF_LEARNER.items()
    }
    name = max(counts, key=lambda name: counts[name])
    if graded and not counts[name]:
        raise UsageError(
            "No e-mail address and no login of a learner is known, so Moodle cannot tell whose grades these "
            "are. Name the grading worksheet or a list of participants with --roster."
        )
    worth = points or full_points(graded)
    cells, nameless = [], []
    for entry in graded:
        user = getattr(entry.learner, _OF_LEARNER[name])
        if user and entry.graded is not None:
            cells.append((for_csv(user), grade(entry.graded, worth), _comment(entry.graded)))
        else:
            nameless.append((entry, f"has no {name} that is known"))
    twice = [user for user, count in Counter(cell[0] for cell in cells).items() if count > 1]
    if twice:
        raise UsageError(
            f"Several submissions are of {one_line(min(twice), 60)}. Remove all but one of them, and "
            "grade again."
        )
    head = (name, for_csv(title), "Feedback")
    return Sheet((head, *cells), (*astray, *nameless), (), _worth(worth, points))


def _worth(worth: float, points: float | None) -> tuple[str, ...]:
    """What the grade item must look like."""
    if points or worth <= 0:
        return ()
    return (
        f"Grades are out of {number(worth)}: give the grade item that maximum, or use --points.",
    )
