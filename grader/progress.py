"""Where a learner stands between runs: a small file beside the exercises, deletable at any time.

It holds the last verdict of each exercise, with a digest of the code it was given for, and the number of
hints seen. Two terminals may write it at the same time: each adds what it has found. A file that cannot be
read is set aside, never overwritten; one that cannot be written is no tragedy.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader import sources
from grader.errors import UsageError
from grader.files import write_whole
from grader.model import Report
from grader.pack import Exercise, Pack
from grader.submission import Submission

FILENAME = ".progress.json"
_VERSION = 2
_LOCK_SECONDS = 5.0


@dataclass
class Progress:
    """The state of one learner's folder. `problem` says why a file that is there could not be used."""

    path: Path
    verdicts: dict[str, dict[str, str]] = field(default_factory=dict)
    hints_seen: dict[str, int] = field(default_factory=dict)
    problem: str = ""
    _changed: set[str] = field(default_factory=set)

    def status(self, exercise: Exercise, digest: str) -> str:
        """The last verdict, "todo" if there is none; "changed" where the answer has changed since."""
        verdict = self.verdicts.get(exercise.id)
        if verdict is None:
            return "todo"
        return verdict["status"] if verdict.get("digest") == digest else "changed"

    def record(self, report: Report, submission: Submission) -> None:
        """Take over the verdicts of a run."""
        found = answer_digests(submission, (result.id for result in report.exercises))
        for result in report.exercises:
            if report.interrupted and result.status == "blocked":
                continue  # it was not run
            self.verdicts[result.id] = {"status": result.status, "digest": found[result.id]}
            self._changed.add(result.id)

    def see_hint(self, id: str, number: int) -> None:
        """Note that `number` hints for the exercise `id` have been seen."""
        self.hints_seen[id] = number
        self._changed.add(id)

    def save(self) -> None:
        """Add what is new here to the file, whole or not at all; an unwritable folder keeps no progress."""
        with contextlib.suppress(UsageError, OSError), _locked(self.path):
            there = _read(self.path)
            if there.problem:
                os.replace(self.path, self.path.with_name(f"{self.path.name}.bak"))
            there.verdicts |= {k: v for k, v in self.verdicts.items() if k in self._changed}
            there.hints_seen |= {k: n for k, n in self.hints_seen.items() if k in self._changed}
            self.verdicts, self.hints_seen, self._changed = there.verdicts, there.hints_seen, set()
            data = {"version": _VERSION, "verdicts": self.verdicts, "hints_seen": self.hints_seen}
            write_whole(self.path, json.dumps(data, indent=1) + "\n")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Alone with the file at `path`; after some seconds in vain, not alone."""
    from filelock import FileLock, Timeout  # only those who write need it

    lock = FileLock(path.with_name(f"{path.name}.lock"))
    with contextlib.suppress(Timeout):
        lock.acquire(timeout=_LOCK_SECONDS)
    try:
        yield
    finally:
        lock.release()


def load_progress(pack: Pack) -> Progress:
    """The progress kept in the pack's exercises folder."""
    return _read(pack.exercises_dir / FILENAME)


def _read(path: Path) -> Progress:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Progress(path)
    except (OSError, ValueError, RecursionError):
        return Progress(path, problem=f"{path.name} cannot be read{_ASIDE}")
    version = data.get("version") if isinstance(data, dict) else None
    if isinstance(version, int) and version > _VERSION:
        return Progress(path, problem=f"{path.name} was written by a newer version{_ASIDE}")
    if version not in (1, _VERSION):
        return Progress(path, problem=f"{path.name} is no file of progress{_ASIDE}")
    return Progress(path, _verdicts(data.get("verdicts")), _counts(data.get("hints_seen")))


_ASIDE = "; it is kept as .progress.json.bak, and progress starts anew."


def _verdicts(data: Any) -> dict[str, dict[str, str]]:
    if not isinstance(data, dict):
        return {}
    return {
        str(k): v
        for k, v in data.items()
        if isinstance(v, dict) and isinstance(v.get("status"), str)
    }


def _counts(data: Any) -> dict[str, int]:
    return {str(k): v for k, v in data.items() if type(v) is int} if isinstance(data, dict) else {}


def answer_digests(submission: Submission, ids: Iterable[str]) -> dict[str, str]:
    """By id, a digest of all code that the answer to an exercise rests on."""
    texts = {name: file.text for name, file in submission.files.items()}
    by_chapter: dict[str, list[str]] = {}
    for id in ids:
        chapter, _, name = id.partition(".")
        by_chapter.setdefault(chapter, []).append(name)
    return {
        f"{chapter}.{name}": digest
        for chapter, names in by_chapter.items()
        for name, digest in sources.digests(texts, chapter, names).items()
    }


def states(pack: Pack, progress: Progress, digests: Mapping[str, str]) -> dict[str, str]:
    """The last known status of every exercise, by id, where the answers have these digests."""
    return {e.id: progress.status(e, digests[e.id]) for e in pack.exercises}
