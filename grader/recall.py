"""Verdicts on code that has been graded before, so that a class costs what is new in it.

Two submissions may have a chapter in common, often an untouched one, or the definition of an exercise. The
same chapter gets the same verdicts. In a plain chapter (see `grader.plain`) so does the same definition,
with all that it rests on; where it has passed, local variables may have other names. Only a message that
names a line of the file, and a failure for speed, which nobody should have from another's bad luck, are not
used again there.

Nothing is remembered of a submission whose process was lost or that replaced parts of the libraries.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.model import CheckResult, Diagnosis, ExerciseResult, Timing
from grader.pack import Chapter, Exercise, Pack
from grader.plain import is_plain
from grader.sources import digests, text_digest
from grader.submission import Submission
from grader.table import Table

_MOST = 50_000  # results that are remembered; then all are forgotten
_NAMES_LINE = re.compile(r"\bline \d")
_Results = tuple[ExerciseResult, ...]


@dataclass
class Recall:
    """What graders of the same settings remember.

    Args:
        table: where those in other processes find it too.
        terms: what their settings are.
    """

    table: Table = field(default_factory=lambda: Table(None))
    terms: str = ""
    _known: dict[bytes, _Results] = field(default_factory=dict)

    def get(self, *key: object) -> _Results | None:
        """The results that were kept under `key`."""
        digest = self._digest(key)
        if digest not in self._known:
            entry = self.table.get(digest)
            found = _decoded(entry) if entry else None
            if found is None:
                return None
            self._remember(digest, found)
        return self._known[digest]

    def keep(self, results: _Results, *key: object) -> None:
        """Remember `results` under `key`."""
        digest = self._digest(key)
        self._remember(digest, results)
        self.table.add(digest, _encoded(results))

    def _remember(self, digest: bytes, results: _Results) -> None:
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[digest] = results

    def _digest(self, key: tuple[object, ...]) -> bytes:
        return hashlib.sha256(repr((self.terms, key)).encode("utf-8", "surrogatepass")).digest()

    def of(self, submission: Submission, pack: Pack) -> Recalled:
        """What is remembered of the code in a submission."""
        return Recalled(self, submission, pack)


class Recalled:
    """What is remembered of the code in one submission."""

    def __init__(self, recall: Recall, submission: Submission, pack: Pack) -> None:
        self._recall = recall
        self._texts = {name: file.text for name, file in submission.files.items()}
        self._problems = {name: file.problem for name, file in submission.files.items()}
        self._exercises = {c.name: [e.name for e in c.exercises] for c in pack.chapters}
        self._digests: dict[tuple[str, bool], dict[str, str]] = {}

    def _digest(self, chapter: str, name: str, anonymously: bool) -> str | None:
        """The digest of an exercise's code, as in `grader.sources`; None where the chapter is not plain."""
        key = chapter, anonymously
        if key not in self._digests:
            names = self._exercises[chapter] if self._is_plain(chapter) else ()
            self._digests[key] = digests(self._texts, chapter, names, anonymously)
        return self._digests[key].get(name)

    def _is_plain(self, chapter: str) -> bool:
        text = self._texts.get(chapter, "")
        return text != "" and is_plain(text) and not self._others(chapter)

    def _others(self, chapter: str) -> set[str]:
        """The other chapters that a chapter may import."""
        text = self._texts.get(chapter, "")
        return {name for name in self._exercises.keys() - {chapter} if name in text}

    def _chapter_digest(self, chapter: str) -> str:
        others = self._exercises if self._others(chapter) else ()
        parts = [
            part
            for name in (chapter, *sorted(others))
            for part in (name, repr(self._texts.get(name)), self._problems.get(name, ""))
        ]
        return text_digest("\0".join(parts))

    def chapter(self, name: str) -> tuple[ExerciseResult, ...] | None:
        """The results of a chapter with exactly this text."""
        return self._recall.get(name, self._chapter_digest(name))

    def exercise(self, exercise: Exercise, stand_ins: tuple[str, ...]) -> ExerciseResult | None:
        """The result of an exercise with the same code, beside which the same were unsolved."""
        for anonymously in (False, True):
            digest = self._digest(exercise.chapter, exercise.name, anonymously)
            found = self._recall.get(exercise.id, digest, stand_ins) if digest else None
            if found:
                return found[0]
        return None

    def keep(
        self,
        chapter: Chapter,
        results: Iterable[ExerciseResult],
        stand_ins: Mapping[str, tuple[str, ...]],
    ) -> None:
        """Remember the results of a whole chapter.

        Args:
            stand_ins: by exercise, the unsolved ones that it builds on.
        """
        found = tuple(results)
        if any(result.status == "error" for result in found):
            return
        self._recall.keep(found, chapter.name, self._chapter_digest(chapter.name))
        for result in found:
            digest = self._digest(result.chapter, result.name, result.status == "passed")
            if digest and all(map(_holds_elsewhere, result.checks)):
                self._recall.keep((result,), result.id, digest, stand_ins[result.id])
        self._recall.table.save()


def _holds_elsewhere(check: CheckResult) -> bool:
    """Whether the verdict on a check is that on the same code in any file."""
    told = (check.rationale, check.evidence, check.hint, str(check.diagnosis))
    return check.status in ("passed", "todo", "blocked") or (
        check.status == "failed"
        and check.kind != "speed"
        and not any(map(_NAMES_LINE.search, told))
    )


def _encoded(results: _Results) -> bytes:
    return json.dumps([dataclasses.asdict(result) for result in results]).encode()


def _decoded(entry: bytes) -> _Results | None:
    """The results in an entry; None where it is spoilt."""
    with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
        return tuple(
            ExerciseResult(**found | {"checks": tuple(map(_check, found["checks"]))})
            for found in json.loads(entry)
        )
    return None


def _check(found: dict[str, Any]) -> CheckResult:
    diagnosis, timing = found["diagnosis"], found["timing"]
    return CheckResult(
        **found
        | {"diagnosis": Diagnosis(**diagnosis) if diagnosis else None}
        | {"timing": Timing(**timing) if timing else None}
    )
