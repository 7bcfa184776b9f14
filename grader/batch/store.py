"""The store of a class: one SQLite file that survives being killed at any moment.

    submissions   one row per name: where it was found, whose it is, the digest and bytes of what was handed in
    reports       one row per digest and terms: the summary and the whole report
    facts         the store's version, the pack, the terms in force

A verdict belongs to what was handed in, not to a name: identical submissions share one. Every change is
one transaction, on disk when it returns (write-ahead log, synchronous=FULL).
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from grader.batch.entries import Entry, Graded, Learner, Verdict, summary
from grader.batch.terms import Terms
from grader.errors import UsageError
from grader.submission import Submission, unpacked

FILENAME = "results.sqlite"
_VERSION = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS submissions (
    name TEXT PRIMARY KEY, source TEXT NOT NULL, learner TEXT NOT NULL, digest TEXT NOT NULL,
    packed BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS reports (
    digest TEXT NOT NULL, terms TEXT NOT NULL, summary TEXT NOT NULL, report BLOB NOT NULL,
    PRIMARY KEY (digest, terms)
);
"""


class Store:
    """The store in the folder of a batch; `Store.open` reads one, `Store.create` makes it if need be."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def open(cls, folder: Path) -> Store:
        """The store in `folder`.

        Raises:
            UsageError: there is none, it is broken, or of a newer version.
        """
        path = folder / FILENAME
        if not path.is_file():
            raise UsageError(
                f"{folder} holds no {FILENAME}. Name the folder that `python -m grader batch` has filled."
            )
        return cls._connected(path)

    @classmethod
    def create(cls, folder: Path) -> Store:
        """The store in `folder`, a new one if there is none.

        Raises:
            UsageError: the folder cannot be made or written, or its store is broken or newer.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"{folder} cannot be made: {error.strerror}. Name a folder that is yours to write."
            ) from None
        return cls._connected(folder / FILENAME)

    @classmethod
    def _connected(cls, path: Path) -> Store:
        with _plain_errors(path):
            connection = sqlite3.connect(path, timeout=30, isolation_level=None)
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                found = connection.execute("PRAGMA user_version").fetchone()[0]
                if not found:
                    connection.executescript(f"BEGIN; {_TABLES} PRAGMA user_version = 1; COMMIT")
                elif found != _VERSION:
                    raise UsageError(
                        f"{path} has version {found}, and this grader reads version {_VERSION}. "
                        "Use the grader that wrote it, or another folder."
                    )
            except BaseException:
                connection.close()
                raise
        return cls(path, connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; what was kept is on disk already."""
        self._connection.close()

    # Facts.

    @property
    def pack_name(self) -> str:
        """The name of the pack whose exercises were graded; empty in a new store."""
        return self._fact("pack")

    @property
    def pack_digest(self) -> str:
        """The digest of the pack as it was last graded with; empty in a new store."""
        return self._fact("pack_digest")

    def agrees(self, terms: Terms) -> bool:
        """Whether reports under `terms` are those that count.

        Raises:
            UsageError: the store belongs to another pack.
        """
        if self.pack_name not in ("", terms.pack):
            raise UsageError(
                f"{self.path} holds the results of the pack {self.pack_name}, and {terms.pack} is to be "
                "graded. Give each pack a folder of its own."
            )
        return self._fact("terms") == terms.digest

    def agree(self, terms: Terms) -> None:
        """From now on, reports under `terms` count.

        Raises:
            UsageError: the store belongs to another pack.
        """
        if self.agrees(terms):
            return
        facts = {"pack": terms.pack, "pack_digest": terms.pack_digest, "terms": terms.digest}
        facts["terms_in_words"] = json.dumps(asdict(terms))
        with self._transaction():
            self._connection.executemany(
                "INSERT OR REPLACE INTO facts VALUES (?, ?)", list(facts.items())
            )

    def _fact(self, name: str) -> str:
        row = self._one("SELECT value FROM facts WHERE name = ?", name)
        return row[0] if row else ""

    # Submissions.

    def register(self, name: str, source: str, learner: Learner, submission: Submission) -> str:
        """Note what was handed in under `name`, in the place of what was known of it; its digest."""
        digest, packed = submission.digest, zlib.compress(submission.packed(), 1)
        row = (name, source, json.dumps(asdict(learner)), digest, packed)
        with self._transaction():
            self._connection.execute(
                "INSERT OR REPLACE INTO submissions VALUES (?, ?, ?, ?, ?)", row
            )
        return digest

    def entries(self) -> list[Entry]:
        """All submissions by name, each with the summary of its report, if there is one."""
        rows = self._all(
            "SELECT s.name, s.source, s.learner, s.digest, r.summary FROM submissions s LEFT JOIN "
            "reports r ON r.digest = s.digest AND r.terms = (SELECT value FROM facts WHERE name = "
            "'terms') ORDER BY s.name"
        )
        return [
            Entry(name, source, Learner(**json.loads(learner)), digest, _summary(known))
            for name, source, learner, digest, known in rows
        ]

    def submission(self, name: str) -> Submission:
        """What was handed in under `name`; KeyError if nothing was."""
        row = self._one("SELECT packed FROM submissions WHERE name = ?", name)
        if row is None:
            raise KeyError(name)
        return unpacked(zlib.decompress(row[0]), name)

    def texts(self, name: str) -> dict[str, str]:
        """Chapter names and their source as handed in under `name`; KeyError if nothing was."""
        return {n: text for n, (_, text) in self.submission(name).texts.items()}

    # Reports.

    def keep(self, digest: str, terms: Terms, report: dict[str, Any]) -> None:
        """Keep the report on what has this digest, in the place of an earlier one."""
        short = json.dumps(asdict(summary(report)), ensure_ascii=False)
        whole = zlib.compress(json.dumps(report).encode(), 6)
        with self._transaction():
            self._connection.execute(
                "INSERT OR REPLACE INTO reports VALUES (?, ?, ?, ?)",
                (digest, terms.digest, short, whole),
            )

    def summary(self, digest: str, terms: Terms) -> Graded | None:
        """The summary of the report on what has this digest, if there is one."""
        row = self._one(
            "SELECT summary FROM reports WHERE digest = ? AND terms = ?", digest, terms.digest
        )
        return _summary(row[0]) if row else None

    def report(self, name: str) -> dict[str, Any]:
        """The report (schema 1) on what was handed in under `name`; KeyError if there is none."""
        row = self._one(
            "SELECT r.report FROM submissions s JOIN reports r ON r.digest = s.digest AND r.terms = "
            "(SELECT value FROM facts WHERE name = 'terms') WHERE s.name = ?",
            name,
        )
        if row is None:
            raise KeyError(name)
        report: dict[str, Any] = json.loads(zlib.decompress(row[0]))
        return report | {"submission": name}

    # SQLite.

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with _plain_errors(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _one(self, query: str, *values: str) -> Any:
        with _plain_errors(self.path):
            return self._connection.execute(query, values).fetchone()

    def _all(self, query: str) -> list[Any]:
        with _plain_errors(self.path):
            return self._connection.execute(query).fetchall()


def _summary(text: str | None) -> Graded | None:
    if text is None:
        return None
    known = json.loads(text)
    verdicts = {id: Verdict(**verdict) for id, verdict in known.pop("verdicts").items()}
    return Graded(**known, verdicts=verdicts)


@contextmanager
def _plain_errors(path: Path) -> Iterator[None]:
    """A file that is no store, or cannot be written, is the user's to mend."""
    try:
        yield
    except sqlite3.Error as error:
        raise UsageError(
            f"{path} cannot be used ({error}). If it is damaged, move it away: everything is graded again."
        ) from None
