"""A roster: the table of a class as a grade book has exported it, in whatever way it was saved since.

Encodings: UTF-16 and UTF-8 with and without their marks, else Windows-1252. Separators: comma, semicolon,
tab. What cannot be such a table is refused with one sentence.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError
from grader.text import one_line

_MOST_BYTES = 32 * 2**20
_SEPARATORS = ",;\t"
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


@dataclass(frozen=True)
class Row:
    """One line of a roster; `line` is where it stands in the file, for messages."""

    line: int
    cells: tuple[str, ...]

    def __getitem__(self, column: int) -> str:
        return self.cells[column]


@dataclass(frozen=True)
class Roster:
    """A table; every row has as many cells as the header."""

    path: Path
    header: tuple[str, ...]
    rows: tuple[Row, ...]

    def column(self, *names: str) -> int | None:
        """The number of the first column with one of these names; None if there is none.

        Raises:
            UsageError: two columns have that name.
        """
        titles = [same_title(title) for title in self.header]
        for name in map(same_title, names):
            if titles.count(name) > 1:
                raise self.fault(f"has two columns {name!r}. Remove one of them")
            if name in titles:
                return titles.index(name)
        return None

    def needed(self, *names: str, remedy: str) -> int:
        """As `column`.

        Raises:
            UsageError: there is no such column; the text says which there are.
        """
        found = self.column(*names)
        if found is None:
            there = ", ".join(one_line(title, 40) for title in self.header[:12])
            raise self.fault(f"has no column {names[0]!r} (there are: {there}). {remedy}")
        return found

    def demand_distinct(self, columns: Sequence[int]) -> None:
        """That no two rows have the same text in one of these columns.

        Raises:
            UsageError: two have.
        """
        for column in columns:
            seen: dict[str, Row] = {}
            for row in self.rows:
                key = same_key(row[column])
                if key and key in seen:
                    raise self.fault(
                        f"names {self.header[column]} {one_line(row[column], 60)!r} twice, in lines "
                        f"{seen[key].line} and {row.line}. Remove one of these lines"
                    )
                seen[key] = row

    def fault(self, what: str) -> UsageError:
        """What is wrong with the roster, as an error of its user."""
        return UsageError(f"{one_line(str(self.path))} {what}.")


def same_title(title: str) -> str:
    """`title` so that equal ones are the same column."""
    return " ".join(title.split()).casefold()


def same_key(text: str) -> str:
    """`text` so that equal ones are the same e-mail address, login or number."""
    return text.strip().casefold()


def read_roster(path: Path) -> Roster:
    """The table in a CSV file.

    Raises:
        UsageError: the file cannot be read, or holds no such table.
    """
    empty = Roster(path, (), ())
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise empty.fault(f"cannot be read: {error.strerror}. Name the CSV file") from None
    if len(data) > _MOST_BYTES:
        raise empty.fault(f"has more than {_MOST_BYTES:,} bytes. Name the CSV file of one class")
    text = _decoded(data)
    if "\0" in text or data.startswith(b"PK\x03\x04"):
        raise empty.fault("is no text. If it is a spreadsheet, save it as CSV first")
    lines = _lines(text, empty)
    if not lines:
        raise empty.fault("is empty. Export it again")
    header = tuple(title.strip() for title in lines[0].cells)
    if len(header) < 2:
        raise empty.fault(
            "has a single column. Its first line must hold the titles of columns, separated by commas, "
            "semicolons or tabs"
        )
    return Roster(path, header, tuple(_fitted(row, len(header), empty) for row in lines[1:]))


def _decoded(data: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = data[first:2000:2]
        if half and half.count(0) > 0.8 * len(half):
            return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _lines(text: str, empty: Roster) -> list[Row]:
    """The lines that hold anything."""
    first = text.split("\n", 1)[0].strip().casefold()
    skipped = 0
    if first.startswith("sep=") and len(first) == 5:  # a note that Excel writes for itself
        text, skipped = text.split("\n", 1)[-1], 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
    found = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append(Row(reader.line_num + skipped, tuple(cells)))
    except csv.Error as error:
        raise empty.fault(
            f"is no CSV: {error} in line {reader.line_num}. Export it again"
        ) from None
    return found


def _separator(text: str) -> str:
    """The separator that makes most columns of the first line."""
    widths = {
        separator: len(next(csv.reader([text.split("\n", 1)[0]], delimiter=separator), []))
        for separator in _SEPARATORS
    }
    return max(widths, key=lambda separator: widths[separator])


def _fitted(row: Row, width: int, empty: Roster) -> Row:
    """The row with as many cells as the header; empty ones at its end may be missing or too many."""
    if any(cell.strip() for cell in row.cells[width:]):
        raise empty.fault(
            f"has {len(row.cells)} cells in line {row.line} and {width} titles. Export it again"
        )
    return Row(row.line, (row.cells + ("",) * width)[:width])
