"""The plain table of a class: one row for each submission, one column for each exercise."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from grader.batch.entries import Entry, Verdict
from grader.exports.sheet import Sheet, with_verdicts
from grader.text import for_csv

if TYPE_CHECKING:
    from grader.batch.store import Store


def grades(entries: list[Entry]) -> Sheet:
    """The table. A submission without a verdict has a row with its name alone; an exercise that was not
    counted has an empty cell.
    """
    ids = with_verdicts(entries)
    rows = [("name", "score", "max_score", *ids)]
    for entry in entries:
        graded = entry.graded
        known = graded.verdicts if graded else {}
        scores = (f"{graded.score:.6g}", f"{graded.max_score:.6g}") if graded else ("", "")
        rows.append((for_csv(entry.name), *scores, *(_points(known.get(id)) for id in ids)))
    return Sheet(tuple(rows))


def _points(verdict: Verdict | None) -> str:
    return "" if verdict is None or verdict.status == "unavailable" else f"{verdict.score:.6g}"


def write_grades(store: Store, path: Path) -> None:
    """Write the table of a batch to `path`.

    Raises:
        UsageError: the file cannot be written there.
    """
    grades(store.entries()).write(path)
