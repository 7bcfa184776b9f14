"""Whose row of a roster belongs to whose submission. A doubtful match is none: a grade must not go astray."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from grader.batch.entries import Entry
from grader.exports.rosters import Roster, Row, same_key
from grader.text import one_line

_Value = TypeVar("_Value", int, str)


def identifiers(entry: Entry) -> Sequence[str]:
    """Everything by which a grade book may know the learner: folders are named after any of it."""
    learner = entry.learner
    said = [text for text in (learner.id, learner.login, learner.email) if text]
    return said or ([] if learner.full_name else [entry.name])


@dataclass(frozen=True)
class Key:
    """A column that tells who somebody is, and what a submission may have to say to it.

    Args:
        read: what of a cell counts.
        told: the texts under which a submission may stand in that column.
    """

    column: int
    read: Callable[[str], str] = str
    told: Callable[[Entry], Sequence[str]] = identifiers


@dataclass(frozen=True)
class Matching:
    """Submissions by the line of their row; the others, each with the reason."""

    of_line: dict[int, Entry]
    astray: tuple[tuple[Entry, str], ...]


def match(
    roster: Roster,
    rows: Sequence[Row],
    entries: Iterable[Entry],
    keys: Sequence[Key],
    full_name: Callable[[Row], str],
) -> Matching:
    """Find each entry's row by `keys`; where none of them says anything, by a full name that is unique.

    Args:
        rows: the rows of `roster` that are people.
        full_name: the full name in a row.
    """
    entries = list(entries)
    tables = [(key, _table(key, rows)) for key in keys]
    names = _unique((_name(full_name(row)), row.line) for row in rows)
    theirs = _unique((name, e.name) for e in entries for name in _names(e))
    found: dict[int, list[Entry]] = {}
    astray: list[tuple[Entry, str]] = []
    for entry in entries:
        lines = {
            table[text]: roster.header[key.column]
            for key, table in reversed(tables)
            for text in map(same_key, key.told(entry))
            if text in table
        }
        if not lines:
            shared = [n for n in _names(entry) if n in names and theirs.get(n) == entry.name]
            lines = {names[name]: "name" for name in shared}
        if len(lines) == 1:
            found.setdefault(next(iter(lines)), []).append(entry)
        elif lines:
            where = " and ".join(f"{line} (by {title})" for line, title in sorted(lines.items()))
            astray.append((entry, f"fits lines {where} of the roster"))
        else:
            astray.append((entry, "is in no row of the roster"))
    for line in [line for line, claimed in found.items() if len(claimed) > 1]:
        for entry in found.pop(line):
            astray.append((entry, f"shares line {line} of the roster with another submission"))
    return Matching({line: claimed[0] for line, claimed in found.items()}, tuple(astray))


def _table(key: Key, rows: Iterable[Row]) -> dict[str, int]:
    found = ((same_key(key.read(row[key.column])), row.line) for row in rows)
    return {text: line for text, line in found if text}


def _unique(pairs: Iterable[tuple[str, _Value]]) -> dict[str, _Value]:
    """The pairs whose first half is not empty and occurs with one second half alone."""
    found: dict[str, set[_Value]] = {}
    for text, value in pairs:
        found.setdefault(text, set()).add(value)
    return {text: next(iter(values)) for text, values in found.items() if text and len(values) == 1}


def _names(entry: Entry) -> set[str]:
    """What the full name of an entry may be; the folder's name where nothing else is known."""
    return {_name(entry.learner.full_name)} if entry.learner.full_name else {_name(entry.name)}


def _name(text: str) -> str:
    """A name so that equal ones are the same: "Lovelace, Ada" is "Ada Lovelace"."""
    plain = unicodedata.normalize("NFKC", text).replace(",", " ").replace("_", " ")
    return " ".join(sorted(plain.casefold().split()))


def shown(entry: Entry) -> str:
    """An entry, for a list of names."""
    name = one_line(entry.learner.full_name, 60)
    return f"{one_line(entry.name, 100)} ({name})" if name else one_line(entry.name, 100)
