"""Verdicts on code that has been graded before, so that a class costs what is new in it.

Two submissions may have a chapter in common, often an untouched one, or the definition of an exercise. The
same chapter gets the same verdicts. In a plain chapter (see `grader.plain`) so does the same definition,
with all that it rests on; there only what needs no message is used again, since messages name lines.

Nothing is remembered of a submission whose process was lost or that replaced parts of the libraries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from grader.model import ExerciseResult
from grader.pack import Chapter, Exercise, Pack
from grader.plain import is_plain
from grader.sources import digests, text_digest
from grader.submission import Submission

_MOST = 50_000  # results that are remembered; then all are forgotten


@dataclass
class Recall:
    """What one grader remembers; its settings must stay the same."""

    _chapters: dict[tuple[str, str], tuple[ExerciseResult, ...]] = field(default_factory=dict)
    _exercises: dict[tuple[str, str, tuple[str, ...]], ExerciseResult] = field(default_factory=dict)

    def of(self, submission: Submission, pack: Pack) -> Recalled:
        """What is remembered of the code in a submission."""
        return Recalled(self, submission, pack)


class Recalled:
    """What is remembered of the code in one submission."""

    def __init__(self, recall: Recall, submission: Submission, pack: Pack) -> None:
        self._recall = recall
        self._texts = {name: file.text for name, file in submission.files.items()}
        self._problems = {name: file.problem for name, file in submission.files.items()}
        self._names = {chapter.name for chapter in pack.chapters}
        self._digests: dict[str, str] = {}
        for chapter in pack.chapters:
            if self._is_plain(chapter.name):
                names = [exercise.name for exercise in chapter.exercises]
                found = digests(self._texts, chapter.name, names)
                self._digests |= {f"{chapter.name}.{name}": d for name, d in found.items()}

    def _is_plain(self, chapter: str) -> bool:
        text = self._texts.get(chapter, "")
        return text != "" and is_plain(text) and not self._others(chapter)

    def _others(self, chapter: str) -> set[str]:
        """The other chapters that a chapter may import."""
        text = self._texts.get(chapter, "")
        return {name for name in self._names - {chapter} if name in text}

    def _chapter_digest(self, chapter: str) -> str:
        others = self._names if self._others(chapter) else ()
        parts = [
            part
            for name in (chapter, *sorted(others))
            for part in (name, repr(self._texts.get(name)), self._problems.get(name, ""))
        ]
        return text_digest("\0".join(parts))

    def chapter(self, name: str) -> tuple[ExerciseResult, ...] | None:
        """The results of a chapter with exactly this text."""
        return self._recall._chapters.get((name, self._chapter_digest(name)))

    def exercise(self, exercise: Exercise, stand_ins: tuple[str, ...]) -> ExerciseResult | None:
        """The result of an exercise with the same code, beside which the same were unsolved."""
        digest = self._digests.get(exercise.id)
        return self._recall._exercises.get((exercise.id, digest, stand_ins)) if digest else None

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
        if len(self._recall._exercises) + len(self._recall._chapters) > _MOST:
            self._recall._exercises.clear()
            self._recall._chapters.clear()
        self._recall._chapters[chapter.name, self._chapter_digest(chapter.name)] = found
        for result in found:
            digest = self._digests.get(result.id)
            if digest and result.status in ("passed", "todo"):
                self._recall._exercises[result.id, digest, stand_ins[result.id]] = result
