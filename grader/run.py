"""One pytest session over one submission: its settings, its workers, its verdicts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from grader.checks import Demand
from grader.errors import Explanation
from grader.gradebook import GradeBook
from grader.in_process import InProcessWorlds
from grader.memory import ReferenceMemory
from grader.misconceptions import diagnose
from grader.misconceptions.packs import pack_rules
from grader.model import CheckResult, Diagnosis, ExerciseResult, Status, Times
from grader.observer import Observer
from grader.pack import Chapter, Exercise, Pack
from grader.recall import Recalled
from grader.submission import Submission, read_submission
from grader.text import EVIDENCE, MESSAGE, bounded, clean, continued, one_line
from grader.trial import Opening, Trial
from grader.worker.launcher import Launcher
from grader.worlds import World, Worlds

DEFAULT_TIMEOUT = 20.0


@dataclass(frozen=True)
class Bound:
    """A check tied to what it checks."""

    pack: Pack
    chapter: Chapter
    exercise: Exercise
    demand: Demand


def _everything(exercise: Exercise, demand: Demand) -> bool:
    return True


@dataclass
class Run:
    """What a session needs to know, and what it finds.

    Args:
        submission: a submission, the folder of one, or None for the pack's own exercises folder.
        launcher: starts workers; one that is handed in stays open when the run ends.
        strangers: whether the submission is other people's work.
        in_process: whether the code runs in this process.
        debug: whether exceptions of code that runs in this process come out as they are.
        wanted: which checks of which exercises run.
        recalled: what is known of the same code from other submissions.
    """

    submission: Submission | Path | None = None
    launcher: Launcher | None = None
    memory: ReferenceMemory = field(default_factory=ReferenceMemory)
    seed: int = 0
    timeout: float = DEFAULT_TIMEOUT
    strangers: bool = False
    in_process: bool = False
    debug: bool = False
    wanted: Callable[[Exercise, Demand], bool] = _everything
    observer: Observer = field(default_factory=Observer)
    recalled: Recalled | None = None
    books: dict[Path, GradeBook] = field(default_factory=dict)
    openings: dict[str, Opening | None] = field(default_factory=dict)
    _known: dict[str, ExerciseResult | None] = field(default_factory=dict)
    _worlds: dict[Path, Worlds] = field(default_factory=dict)
    _own_launchers: dict[Path, Launcher] = field(default_factory=dict)

    def book(self, pack: Pack) -> GradeBook:
        """The verdicts on the exercises of `pack`."""
        return self.books.setdefault(pack.root, GradeBook(pack))

    def worlds(self, pack: Pack) -> Worlds:
        """The worlds in which the probes of `pack` run."""
        if pack.root not in self._worlds:
            submission = self.submission
            if not isinstance(submission, Submission):
                submission = read_submission(submission or pack.exercises_dir, pack)
            launcher = self.launcher
            if launcher is None:
                launcher = self._own_launchers[pack.root] = Launcher(pack.secrets)
            settings = (pack, submission, launcher, self.memory, self.timeout)
            self._worlds[pack.root] = (
                InProcessWorlds(*settings, catch=not self.debug)
                if self.in_process
                else Worlds(*settings, closed=self.strangers)
            )
        return self._worlds[pack.root]

    def times(self, pack: Pack) -> Times:
        """Where the time went in the answer's processes."""
        worlds = self._worlds.get(pack.root)
        return worlds.times if worlds else Times()

    def replaced(self, pack: Pack) -> list[str]:
        """What the submission has replaced in the libraries, in sentences."""
        worlds = self._worlds.get(pack.root)
        found = sorted(worlds.replaced) if worlds else []
        return [f"{what}; it was put back before every call." for what in found]

    def trial(self, bound: Bound, shrinks: bool) -> Trial:
        """A new trial of a check."""
        book = self.book(bound.pack)
        return Trial(
            worlds=self.worlds(bound.pack),
            chapter=bound.chapter,
            exercise=bound.exercise,
            demand=bound.demand,
            stand_ins=book.unsolved_needs(bound.exercise),
            shrinks=shrinks and not self.in_process,
            answered=book.has_passed_checks(bound.exercise.id),
            opening=self.openings.get(bound.exercise.id),
        )

    def obstacle(self, bound: Bound) -> tuple[Status, str] | None:
        """Why a check need not run: its verdict and the reason."""
        missing = bound.chapter.missing_extras
        if missing:
            command = f'pip install -e ".[{bound.chapter.requires[0]}]"'
            return "unavailable", f"needs {', '.join(missing)}, which is not installed: {command}"
        verdict = self.book(bound.pack).verdict(bound.exercise.id)
        if verdict is not None:
            return "blocked", f"an earlier check of {bound.exercise.name} is {verdict}"
        file = self.worlds(bound.pack).submission.files.get(bound.chapter.name)
        if file is None:
            return "todo", f"{bound.chapter.filename} is not there yet"
        if bound.pack.is_untouched(bound.chapter.name, file.text):
            return "todo", f"`{bound.exercise.name}` is not written yet."
        return ("failed", file.problem) if file.problem else None

    def recall(self, bound: Bound) -> CheckResult | None:
        """The verdict on a check that the same code has had in another submission; it is noted."""
        if self.recalled is None:
            return None
        book, exercise, chapter = self.book(bound.pack), bound.exercise, bound.chapter
        if exercise.id not in self._known:
            world = World("answer", chapter.name, chapter.devices)
            known = self.recalled.exercise(exercise, book.unsolved_needs(exercise))
            loads = known is not None and self.worlds(bound.pack).loads(world)
            self._known[exercise.id] = known if loads else None
        known = self._known[exercise.id]
        for result in known.checks if known else ():
            if result.name == bound.demand.name:
                book.add(exercise, result)
                self.observer.checked(exercise, result)
                return result
        return None

    def lost(self, pack: Pack) -> bool:
        """Whether a process of the answers hung or crashed."""
        worlds = self._worlds.get(pack.root)
        return worlds is not None and worlds.lost

    def note(
        self,
        bound: Bound,
        status: Status,
        explanation: Explanation | None,
        seconds: float,
        trial: Trial | None = None,
    ) -> CheckResult:
        """Enter the verdict on a check; a failure gets the misconception that it comes from, if known."""
        explanation = explanation or Explanation("")
        diagnosis = None
        if status == "failed" and trial is not None:
            diagnosis = diagnose(trial.evidence(explanation), pack_rules(bound.pack))
        result = CheckResult(
            name=bound.demand.name,
            kind=bound.demand.kind,
            status=status,
            weight=bound.demand.weight,
            rationale=continued(explanation.rationale),
            evidence=bounded(clean(_with_diagnosis(explanation.evidence, diagnosis)), EVIDENCE),
            hint=one_line(_next_step(bound, explanation, diagnosis), MESSAGE)
            if status == "failed"
            else "",
            duration=seconds,
            diagnosis=diagnosis,
            timing=trial.timing if trial else None,
            matrix=trial.matrix if trial else {},
        )
        self.book(bound.pack).add(bound.exercise, result)
        self.observer.checked(bound.exercise, result)
        return result

    def seed_of(self, name: str) -> int:
        """The seed of the check called `name`."""
        digest = hashlib.sha256(f"{self.seed}:{name}".encode()).digest()
        return int.from_bytes(digest[:6], "big")

    def close(self) -> None:
        """End the workers of this run."""
        for worlds in self._worlds.values():
            worlds.close()
        for launcher in self._own_launchers.values():
            launcher.close()


def _with_diagnosis(evidence: str, diagnosis: Diagnosis | None) -> str:
    """The evidence, and what it looks like."""
    if diagnosis is None:
        return evidence
    likely = f"likely    {diagnosis.name}: {one_line(diagnosis.found)}"
    return f"{evidence}\n{likely}" if evidence else likely


def _next_step(bound: Bound, explanation: Explanation, diagnosis: Diagnosis | None) -> str:
    """One next step: about this very failure, else about the mistake, else about the check."""
    if diagnosis is None:
        general = explanation.general or bound.exercise.hints[0]
        return explanation.hint or bound.demand.hint or general
    elsewhere = {chapter.name for chapter in bound.pack.chapters} - {bound.chapter.name}
    where = f"the lesson of {diagnosis.lesson}, " if diagnosis.lesson in elsewhere else ""
    return f"{explanation.hint or diagnosis.advice} (See {where}{diagnosis.page})"
