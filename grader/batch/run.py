"""The batch: hands out what is not done, keeps what comes back, survives its own end at any moment.

Nothing is remembered but in the store. A submission is registered when it is read and its report is kept
when it is there, each in one transaction; a batch that is ended and started again goes on where it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.batch.entries import Graded, summary
from grader.batch.pool import Pool
from grader.batch.store import Store
from grader.batch.unit import Settings, error_report, grade_unit
from grader.errors import GraderError, InternalError
from grader.files import write_whole
from grader.pack import Pack

if TYPE_CHECKING:
    from grader.batch.reading import Found

REPORTS = "reports"
_ATTEMPTS = 2  # of a submission whose process is lost
_QUIET_SECONDS = 15.0  # after which it is looked whether anything goes on at all


class Progress:
    """Hears how a batch goes on; this one does nothing with it."""

    def known(self, name: str, graded: Graded) -> None:
        """`name` has a verdict from an earlier batch."""

    def graded(self, name: str, graded: Graded) -> None:
        """`name` has its verdict."""

    def waiting(self, why: str) -> None:
        """Nothing goes on, and why."""


@dataclass
class Batch:
    """One batch over a class.

    Args:
        settings: how every process grades.
        again: whether to grade what has a verdict already.
    """

    pack: Pack
    store: Store
    pool: Pool
    settings: Settings
    again: bool = False
    progress: Progress = field(default_factory=Progress)
    _names: dict[str, list[str]] = field(default_factory=dict)  # by digest, of what is in hand
    _attempts: dict[str, int] = field(default_factory=dict)
    _done: set[str] = field(default_factory=set)  # digests graded in this batch

    @property
    def reports_dir(self) -> Path:
        return self.store.path.parent / REPORTS

    def run(self, found: Iterable[Found]) -> None:
        """Grade everything in `found` that has no verdict under these terms.

        Raises:
            GraderError: a process refuses to grade at all (isolation, versions, a broken pack).
        """
        if not self.store.agrees(self.settings.terms):
            for path in self.reports_dir.glob("*.json"):
                path.unlink()
            self.store.agree(self.settings.terms)
        self.reports_dir.mkdir(exist_ok=True)
        due = self._due(found)
        running: dict[Future[dict[str, Any]], tuple[str, bytes]] = {}
        more = True
        while more or running:
            while more and len(running) < self.pool.width:
                unit = next(due, None)
                if unit is None:
                    more = False
                else:
                    running[self._submit(unit[1])] = unit
            for future in self._finished(running):
                digest, packed = running.pop(future)
                report = self._outcome(future, digest)
                if report is None:
                    running[self._submit(packed)] = digest, packed
                else:
                    self._keep(digest, report)

    def _finished(self, running: Iterable[Future[Any]]) -> set[Future[Any]]:
        """Those that are there next; while none is, whoever follows the batch is told why, once."""
        waiting, told = set(running), ""
        while waiting:
            done, _ = wait(waiting, _QUIET_SECONDS, FIRST_COMPLETED)
            if done:
                return done
            why = self.pool.waits_for()
            if why and why != told:
                self.progress.waiting(why)
            told = why
        return set()

    def _submit(self, packed: bytes) -> Future[dict[str, Any]]:
        return self.pool.submit(grade_unit, packed, self.settings)

    def _due(self, found: Iterable[Found]) -> Iterator[tuple[str, bytes]]:
        """(digest, bytes) of what has to be graded, read and registered when its turn comes."""
        before = {entry.name: entry for entry in self.store.entries()}
        for one in found:
            submission = one.submission
            digest = submission.digest
            old = before.get(one.name)
            if old is None or old.digest != digest:
                self._report_file(one.name).unlink(missing_ok=True)
            if old is None or (old.digest, old.source, old.learner) != (
                *(digest, one.source, one.learner),
            ):
                self.store.register(one.name, one.source, one.learner, submission)
            known = self.store.summary(digest, self.settings.terms)
            if known and known.is_final and (digest in self._done or not self.again):
                self._write_report(one.name)
                self.progress.known(one.name, known)
                continue
            self._report_file(one.name).unlink(missing_ok=True)
            self._names.setdefault(digest, []).append(one.name)
            if len(self._names[digest]) == 1:
                yield digest, submission.packed()

    def _outcome(self, future: Future[dict[str, Any]], digest: str) -> dict[str, Any] | None:
        """The report, or None where the unit has to be submitted again."""
        try:
            return future.result()
        except InternalError as error:
            return error_report(self.pack, str(error))
        except GraderError:
            raise
        except Exception as error:
            if not self.pool.lost(error):
                raise
            self._attempts[digest] = self._attempts.get(digest, 0) + 1
            if self._attempts[digest] < _ATTEMPTS:
                return None
            return error_report(
                self.pack, f"The grader's process has ended {_ATTEMPTS} times while grading this."
            )

    def _keep(self, digest: str, report: dict[str, Any]) -> None:
        self.store.keep(digest, self.settings.terms, report)
        self._done.add(digest)
        for name in self._names.pop(digest):
            self._write_report(name, report)
            self.progress.graded(name, summary(report))

    def _report_file(self, name: str) -> Path:
        return self.reports_dir / f"{name}.json"

    def _write_report(self, name: str, report: dict[str, Any] | None = None) -> None:
        """The report as a file, unless it is there: files of other reports are removed beforehand."""
        path = self._report_file(name)
        if report is None and path.exists():
            return
        text = json.dumps((report or self.store.report(name)) | {"submission": name}, indent=1)
        write_whole(path, f"{text}\n")
