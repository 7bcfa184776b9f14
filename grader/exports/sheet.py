"""A table of grades, as the file that a grade book imports and what is to be said about it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.batch.entries import Entry, Graded
from grader.exports.matching import shown
from grader.exports.rosters import Row
from grader.files import write_whole
from grader.text import for_csv, one_line

_NUMBER = re.compile(r"-?\d*[.,]?\d*%?")
PLACES = 2  # of a grade; grade books show two


@dataclass(frozen=True)
class Sheet:
    """A table and what has become of everybody.

    Args:
        astray: submissions whose grade is not in the table, and why.
        without: rows of the roster for which nothing was handed in.
        notes: what else the instructor should know, in sentences.
    """

    cells: tuple[tuple[str, ...], ...]
    astray: tuple[tuple[Entry, str], ...] = ()
    without: tuple[Row, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def write(self, path: Path) -> None:
        """Write the table as CSV.

        Raises:
            UsageError: the file cannot be written there.
        """
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(self.cells)
        write_whole(path, text.getvalue())

    def said(self) -> Iterable[str]:
        """The notes, and who has no grade in the table: line by line."""
        yield from self.notes
        if self.astray:
            yield f"{len(self.astray)} submissions have no grade in this file:"
            yield from (f"  {shown(entry)}: {why}" for entry, why in self.astray)
        if self.without:
            yield f"{len(self.without)} rows of the roster have no submission:"
            yield from (f"  line {row.line}: {row_shown(row)}" for row in self.without)


def row_shown(row: Row) -> str:
    """The beginning of a row of a roster."""
    return one_line(", ".join(cell for cell in row.cells if cell.strip()), 80)


def number(value: float) -> str:
    """A grade as grade books write it: at most two places, a point, no exponent."""
    text = f"{value:.{PLACES}f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def as_it_was(cell: str) -> str:
    """A cell of the roster that stays: numbers as they are, and no formulas."""
    return cell.strip() if _NUMBER.fullmatch(cell.strip()) else for_csv(cell)


def full_points(entries: Iterable[Entry]) -> float:
    """The most points that any of the submissions could get."""
    return max((e.graded.max_score for e in entries if e.graded), default=0.0)


def grade(graded: Graded, points: float) -> str:
    """The share of its points that a submission has got, of `points`; never above them.

    What could not be graded where the submission was graded (a missing extra) does not count.
    """
    share = graded.score / graded.max_score if graded.max_score > 0 else 0.0
    return number(points * min(1.0, max(0.0, share)))


def split(entries: Iterable[Entry]) -> tuple[list[Entry], list[tuple[Entry, str]]]:
    """The entries with a verdict; the others, with the reason why there is no grade."""
    entries = list(entries)
    waiting = [(entry, "has not been graded yet") for entry in entries if entry.graded is None]
    return [entry for entry in entries if entry.graded is not None], waiting


def feedback(graded: Graded, most: int = 20) -> str:
    """A line for the learner: points, and what has not passed. Ids and names of the pack alone."""
    ids = [id for id, verdict in graded.verdicts.items() if verdict.status not in _DONE]
    passed = sum(verdict.status == "passed" for verdict in graded.verdicts.values())
    text = f"{passed} of {len(graded.verdicts)} exercises passed."
    if ids:
        text += " Not passed: " + "; ".join(_not_passed(id, graded) for id in ids[:most])
        text += f"; and {len(ids) - most} more." if len(ids) > most else "."
    return text


_DONE = ("passed", "unavailable")


def _not_passed(id: str, graded: Graded) -> str:
    verdict = graded.verdicts[id]
    likely = f": {verdict.misconception}" if verdict.misconception else ""
    return f"{id} ({verdict.status}{likely})"


def with_verdicts(entries: Sequence[Entry]) -> list[str]:
    """The ids of all exercises that were graded, in the pack's order."""
    return list(dict.fromkeys(id for e in entries if e.graded for id in e.graded.verdicts))
