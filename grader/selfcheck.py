"""Grades the grader: stubs must be todo, solutions must pass, banks of answers get what they deserve."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from grader import bank
from grader.checks import Demand
from grader.model import CheckResult, ExerciseResult, Report
from grader.pack import Exercise
from grader.session import Grader
from grader.submission import read_submission, submission_of_texts

Progress = Callable[[str], None]


@dataclass
class Findings:
    """What a selfcheck found wrong, in sentences; nothing wrong is an empty list."""

    problems: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def expect(self, kind: str, condition: bool, problem: str) -> None:
        """Count one expectation, and note the problem if it is not met."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if not condition:
            self.problems.append(problem)


def selfcheck(
    grader: Grader, exercises: Iterable[Exercise], answers_dir: Path, progress: Progress
) -> Findings:
    """All expectations of the grader about itself, for `exercises`."""
    chosen = tuple(exercises)
    findings = Findings()
    _check_stubs(grader, chosen, findings, progress)
    _check_solutions(grader, chosen, findings, progress)
    ids = {exercise.id for exercise in chosen}
    for answer in bank.read_bank(answers_dir, grader.pack):
        if (
            answer.exercise.id in ids
            and not grader.pack.chapter(answer.exercise.chapter).missing_extras
        ):
            progress(f"{answer.exercise.id}: {answer.place}")
            _check_answer(grader, answer, findings)
    return findings


def _check_stubs(
    grader: Grader, chosen: tuple[Exercise, ...], findings: Findings, progress: Progress
) -> None:
    progress("the stubs")
    report = grader.grade(read_submission(grader.pack.stubs_dir, grader.pack), chosen)
    for result in _counted(report):
        findings.expect(
            "stubs todo",
            result.status == "todo",
            f"stub {result.id} is {result.status}, not todo{_why(result)}",
        )


def _check_solutions(
    grader: Grader, chosen: tuple[Exercise, ...], findings: Findings, progress: Progress
) -> None:
    progress("the solutions")
    report = grader.grade(read_submission(grader.pack.solutions_dir, grader.pack), chosen)
    for result in _counted(report):
        findings.expect(
            "solutions passed",
            result.status == "passed",
            f"solution {result.id} is {result.status}, not passed{_why(result)}",
        )
        kinds = [check.kind for check in result.checks]
        findings.expect(
            "exercises with a value check", "value" in kinds, f"{result.id} has no value check"
        )


def _counted(report: Report) -> list[ExerciseResult]:
    return [result for result in report.exercises if result.status != "unavailable"]


def _check_answer(grader: Grader, answer: bank.Answer, findings: Findings) -> None:
    texts = {answer.exercise.chapter: bank.submission_text(answer, grader.pack)}
    submission = submission_of_texts(answer.place, texts)
    chapter = grader.pack.chapter(answer.exercise.chapter)
    dependents = [e for e in chapter.exercises if answer.exercise.name in grader.pack.needs_of(e)]

    def wanted(exercise: Exercise, demand: Demand) -> bool:
        # Speed is a property of the answer alone; its dependents are only asked whether they still pass.
        return exercise is answer.exercise or demand.kind != "speed"

    report = grader.grade(submission, [answer.exercise, *dependents], wanted=wanted)
    result, *others = report.exercises
    if answer.expectation == "right":
        findings.expect(
            "right answers passed",
            result.status == "passed",
            f"{answer.place}: the right answer to {result.id} is {result.status}{_why(result)}",
        )
    else:
        _expect_caught(answer, result, findings)
    for other in others:
        findings.expect(
            "other exercises unharmed",
            other.status == "passed",
            f"{answer.place}: an answer to {result.id} drags {other.id} down ({other.status}){_why(other)}",
        )


def _expect_caught(answer: bank.Answer, result: ExerciseResult, findings: Findings) -> None:
    failure = result.failure
    caught = result.status == "failed" and failure is not None
    found = f"caught by {failure.name!r}" if failure and caught else result.status
    findings.expect(
        "wrong answers caught",
        caught and failure is not None and failure.name == answer.caught_by,
        f"{answer.place}: the wrong answer to {result.id} should be caught by {answer.caught_by!r}; "
        f"it is {found}{_why(result)}",
    )


def _why(result: ExerciseResult) -> str:
    failure: CheckResult | None = result.failure
    if failure is None:
        return ""
    return f"\n      {failure.name}: {failure.rationale}\n      " + failure.evidence.replace(
        "\n", "\n      "
    )
