"""The verdicts of a run, check by check, and what they mean for the checks that follow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from grader.checks import Demand
from grader.model import CheckResult, ExerciseResult, Status
from grader.pack import Exercise, Pack


@dataclass
class GradeBook:
    """Collects check results and builds exercise results of them."""

    pack: Pack
    planned: dict[str, list[Demand]] = field(default_factory=dict)
    _results: dict[str, dict[str, CheckResult]] = field(default_factory=dict)

    def plan(self, exercise: Exercise, demand: Demand) -> None:
        """Note that a check of `exercise` is going to run."""
        self.planned.setdefault(exercise.id, []).append(demand)

    def add(self, exercise: Exercise, result: CheckResult) -> None:
        """Note the verdict of a check."""
        self._results.setdefault(exercise.id, {})[result.name] = result

    def verdict(self, exercise_id: str) -> Status | None:
        """The first verdict of the exercise so far that is not "passed"; None if there is none."""
        for result in self._results.get(exercise_id, {}).values():
            if result.status != "passed":
                return result.status
        return None

    def has_passed_checks(self, exercise_id: str) -> bool:
        """Whether some check of the exercise has passed."""
        return any(r.status == "passed" for r in self._results.get(exercise_id, {}).values())

    def unsolved_needs(self, exercise: Exercise) -> tuple[str, ...]:
        """The names of the exercises that this one builds on and that have not passed."""
        return tuple(
            name
            for name in self.pack.needs_of(exercise)
            if self.verdict(f"{exercise.chapter}.{name}") in ("failed", "todo")
        )

    def results(self, exercises: Iterable[Exercise]) -> tuple[ExerciseResult, ...]:
        """One result per exercise; checks that did not run are blocked."""
        return tuple(ExerciseResult(e.id, e.points, tuple(self._checks(e.id))) for e in exercises)

    def _checks(self, exercise_id: str) -> Iterable[CheckResult]:
        done = self._results.get(exercise_id, {})
        for demand in self.planned.get(exercise_id, []):
            missing = CheckResult(
                demand.name, demand.kind, "blocked", demand.weight, "It was not run."
            )
            yield done.get(demand.name, missing)
