"""What flows through the grader: outcomes of probes, results of checks, the report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["passed", "failed", "todo", "blocked", "unavailable", "error"]
Kind = Literal["value", "transform", "structure", "speed"]
KINDS: tuple[Kind, ...] = ("value", "transform", "structure", "speed")
SCHEMA_VERSION = 1
LEVELS = ("PROCESS-ONLY", "PARTIAL", "FILTERED", "FULL")  # of isolation, weakest first


@dataclass(frozen=True)
class Isolation:
    """How well workers are kept apart from this machine, as proved by attacks made at start.

    Args:
        level: one of `LEVELS`.
        mechanisms: what they are locked down by.
        tried: how many attacks were made.
        through: the names of those that got through.
    """

    level: str
    mechanisms: tuple[str, ...] = ()
    tried: int = 0
    through: tuple[str, ...] = ()

    @property
    def stopped(self) -> int:
        """How many attacks were stopped."""
        return self.tried - len(self.through)


def weakest(found: Iterable[Isolation]) -> Isolation:
    """The one with the lowest level, the first of them if there are several."""
    return min(found, key=lambda isolation: LEVELS.index(isolation.level))


@dataclass(frozen=True)
class Frame:
    """A line of the learner's own file in a traceback."""

    line: int
    function: str
    text: str


@dataclass(frozen=True)
class Raised:
    """An exception that a worker reported: its classes (most derived first), text, learner's lines.

    `withheld` says that its words were taken out, see `grader.sealing`.
    """

    types: tuple[str, ...]
    message: str
    frames: tuple[Frame, ...]
    withheld: bool = False

    @property
    def type(self) -> str:
        return self.types[0]


@dataclass(frozen=True)
class Outcome:
    """What became of one probe in one world.

    `kind` says which fields count: "value" -> value; "raised" -> error; "timed out" and "crashed" ->
    detail. `printed` holds at most 64 KiB of what was written to the standard streams, `leaked` the name
    of a global that holds a traced value, `replaced` the library functions that the answer had replaced.
    """

    kind: Literal["value", "raised", "timed out", "crashed"]
    value: Any = None
    error: Raised | None = None
    detail: str = ""
    printed: str = ""
    compilations: int = 0
    compile_seconds: float = 0.0
    changed: str = ""
    leaked: str = ""
    replaced: tuple[str, ...] = ()
    duration: float = 0.0


@dataclass
class Times:
    """Where the time of a run went, in seconds, as far as the answer's processes are concerned."""

    starting: float = 0.0  # workers, with the chapter's import
    compiling: float = 0.0  # tracing, lowering, XLA
    running: float = 0.0  # the rest of the probes

    def count(self, outcome: Outcome) -> None:
        """Add the time of one probe."""
        self.compiling += outcome.compile_seconds
        self.running += max(0.0, outcome.duration - outcome.compile_seconds)


@dataclass(frozen=True)
class Timing:
    """A measured speed: medians over `pairs` of calls, in seconds; `limit` is the ratio allowed."""

    ratio: float
    limit: float
    pairs: int
    decision: str
    answer: float
    reference: float
    compiling: float


@dataclass(frozen=True)
class Diagnosis:
    """The misconception that a failed check most likely comes from; see `grader.misconceptions`."""

    name: str
    found: str
    advice: str
    lesson: str
    page: str


@dataclass(frozen=True)
class CheckResult:
    """One check's verdict.

    Args:
        diagnosis: what the failure most likely comes from.
        timing: what a speed check measured.
        matrix: the verdict under each transformation, of a check that tries them all.
    """

    name: str
    kind: Kind
    status: Status
    weight: float
    rationale: str = ""
    evidence: str = ""
    hint: str = ""
    duration: float = 0.0
    diagnosis: Diagnosis | None = None
    timing: Timing | None = None
    matrix: dict[str, Status] = field(default_factory=dict)


@dataclass(frozen=True)
class ExerciseResult:
    """All checks of one exercise, in order."""

    id: str
    points: float
    checks: tuple[CheckResult, ...]

    @property
    def chapter(self) -> str:
        return self.id.partition(".")[0]

    @property
    def name(self) -> str:
        return self.id.partition(".")[2]

    @property
    def status(self) -> Status:
        """passed when all checks are; otherwise the first verdict that is not. No checks: error."""
        unlike = [check.status for check in self.checks if check.status != "passed"]
        if unlike:
            return next((status for status in unlike if status != "blocked"), "blocked")
        return "passed" if self.checks else "error"

    @property
    def score(self) -> float:
        """The weighted share of passed checks; 0 while a value check has not passed."""
        total = sum(check.weight for check in self.checks)
        if not total or any(c.kind == "value" and c.status != "passed" for c in self.checks):
            return 0.0
        passed = sum(check.weight for check in self.checks if check.status == "passed")
        return self.points * passed / total

    @property
    def max_score(self) -> float:
        """The points to be had; 0 where an extra is missing (the exercise is not counted)."""
        return 0.0 if self.status == "unavailable" else self.points

    @property
    def duration(self) -> float:
        return sum(check.duration for check in self.checks)

    @property
    def failure(self) -> CheckResult | None:
        """The check that a learner should read about, if any."""
        return next((c for c in self.checks if c.status in ("failed", "error")), None)


@dataclass(frozen=True)
class Report:
    """A whole run over one submission."""

    pack: str
    pack_version: str
    submission: str
    started: str
    duration: float
    isolation: Isolation
    versions: dict[str, str]
    exercises: tuple[ExerciseResult, ...]
    warnings: tuple[str, ...] = ()
    interrupted: bool = False
    times: Times = field(default_factory=Times)
    seed: int = 0

    @property
    def score(self) -> float:
        return sum(exercise.score for exercise in self.exercises)

    @property
    def max_score(self) -> float:
        return sum(exercise.max_score for exercise in self.exercises)

    def count(self, status: str) -> int:
        return sum(exercise.status == status for exercise in self.exercises)

    @property
    def all_passed(self) -> bool:
        """Whether every exercise that counts has passed, and the run was whole."""
        counted = [e for e in self.exercises if e.status != "unavailable"]
        return bool(counted) and not self.interrupted and all(e.status == "passed" for e in counted)
