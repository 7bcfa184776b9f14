"""Grades the grader: stubs must be todo, solutions must pass, banks of answers get what they deserve."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from grader import bank
from grader.checks import Demand
from grader.manifest import load_pack
from grader.misconceptions import RULES
from grader.misconceptions.packs import pack_rules
from grader.model import CheckResult, ExerciseResult
from grader.pack import Exercise, Pack
from grader.session import Grader
from grader.submission import read_submission, submission_of_texts

_SPREADING = 1  # answers of each kind to an exercise that are graded with what builds on it


@dataclass
class Findings:
    """What a selfcheck found wrong, in sentences; nothing wrong is an empty list.

    Args:
        counts, unmet: how many expectations of each kind there were, and how many were not met.
        chapters: the same chapter by chapter.
    """

    problems: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    unmet: Counter[str] = field(default_factory=Counter)
    chapters: dict[str, Findings] = field(default_factory=dict)

    def expect(self, kind: str, condition: bool, problem: str) -> None:
        """Count one expectation, and note the problem if it is not met."""
        self.counts[kind] += 1
        if not condition:
            self.problems.append(problem)
            self.unmet[kind] += 1

    def merge(self, chapter: str, other: Findings) -> None:
        """Take over what was found in a chapter."""
        self.problems += other.problems
        self.counts += other.counts
        self.unmet += other.unmet
        self.chapters[chapter] = other


def selfcheck(
    pack: Pack,
    exercises: Iterable[Exercise],
    answers: Path,
    seed: int,
    jobs: int,
    progress: Callable[[str], None],
) -> Findings:
    """All expectations of the grader about itself, for `exercises`; chapters run side by side.

    Args:
        answers: the folder of the banks of right and wrong answers; it need not exist.
        jobs: number of processes.
        progress: told of every chapter that is done.
    """
    ids: dict[str, list[str]] = {}
    for exercise in exercises:
        if not pack.chapter(exercise.chapter).missing_extras:
            ids.setdefault(exercise.chapter, []).append(exercise.id)
    longest_first = sorted(ids, key=lambda name: _bank_size(answers, name), reverse=True)
    done: dict[str, Findings] = {}
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        futures = {
            pool.submit(check_chapter, pack.root, ids[name], answers, seed): name
            for name in longest_first
        }
        for future in as_completed(futures):
            done[futures[future]] = future.result()
            name = futures[future]
            progress(f"{name} done: {len(done[name].problems)} problems")
    findings = Findings()
    for name in ids:
        findings.merge(name, done[name])
    return findings


def _bank_size(answers: Path, chapter: str) -> int:
    files = answers.glob(f"*/{chapter}.py")
    return sum(file.stat().st_size for file in files)


def check_chapter(root: Path, ids: list[str], answers: Path, seed: int) -> Findings:
    """The findings on the exercises `ids` of one chapter, in this process."""
    pack = load_pack(root)
    chosen = pack.select(ids)
    findings = Findings()
    with Grader(pack, seed) as grader:
        _check_stubs(grader, chosen, findings)
        _check_solutions(grader, chosen, findings)
        seen: Counter[tuple[str, str]] = Counter()
        for answer in bank.read_bank(answers, pack):
            if answer.exercise.id in ids:
                kind = (answer.exercise.id, answer.expectation)
                seen[kind] += 1
                _check_answer(grader, answer, seen[kind], findings)
    return findings


def _check_stubs(grader: Grader, chosen: tuple[Exercise, ...], findings: Findings) -> None:
    stubs = read_submission(grader.pack.stubs_dir, grader.pack)
    begun = {
        name: f"{file.text}\n# begun" for name, file in stubs.files.items()
    }  # so that it is run
    report = grader.grade(submission_of_texts("stubs", begun), chosen)
    for result in report.exercises:
        findings.expect(
            "stubs todo",
            result.status == "todo",
            f"stub {result.id} is {result.status}, not todo{_why(result)}",
        )


def _check_solutions(grader: Grader, chosen: tuple[Exercise, ...], findings: Findings) -> None:
    report = grader.grade(read_submission(grader.pack.solutions_dir, grader.pack), chosen)
    for result in report.exercises:
        findings.expect(
            "solutions passed",
            result.status == "passed",
            f"solution {result.id} is {result.status}, not passed{_why(result)}",
        )
        kinds = [check.kind for check in result.checks]
        findings.expect(
            "exercises with a value check", "value" in kinds, f"{result.id} has no value check"
        )


def _check_answer(grader: Grader, answer: bank.Answer, number: int, findings: Findings) -> None:
    """Grade an answer, the `number`-th of its kind; with the first ones also what builds on them."""
    spreads = number <= _SPREADING
    texts = {answer.exercise.chapter: bank.submission_text(answer, grader.pack)}
    submission = submission_of_texts(answer.place, texts)
    chapter = grader.pack.chapter(answer.exercise.chapter)
    dependents = [
        e for e in chapter.exercises if spreads and answer.exercise.name in grader.pack.needs_of(e)
    ]

    def wanted(exercise: Exercise, demand: Demand) -> bool:
        if exercise == answer.exercise:  # of the right answers to an exercise, the first is timed
            return number == 1 or answer.expectation == "wrong" or demand.kind != "speed"
        # Those that build on the answer are only asked whether they still give the right values.
        return exercise in dependents and demand.kind == "value"

    report = grader.grade(submission, [answer.exercise, *dependents], wanted=wanted)
    if _undecided(answer, report.exercises[0]):
        report = grader.grade(submission, [answer.exercise, *dependents], wanted=wanted)
    result, *others = report.exercises
    if answer.expectation == "right":
        findings.expect(
            "right answers passed",
            result.status == "passed",
            f"{answer.place}: the right answer to {result.id} is {result.status}{_why(result)}",
        )
    else:
        _expect_caught(grader.pack, answer, result, findings)
    for other in others:
        findings.expect(
            "other exercises unharmed",
            other.status == "passed",
            f"{answer.place}: an answer to {result.id} drags {other.id} down ({other.status}){_why(other)}",
        )


def _undecided(answer: bank.Answer, result: ExerciseResult) -> bool:
    """Whether a slow answer has passed: on a busy machine its measurement may end undecided."""
    named = [check for check in result.checks if check.name == answer.caught_by]
    return result.status == "passed" and any(check.kind == "speed" for check in named)


def _expect_caught(
    pack: Pack, answer: bank.Answer, result: ExerciseResult, findings: Findings
) -> None:
    failure = result.failure
    caught = result.status == "failed" and failure is not None
    found = f"caught by {failure.name!r}" if failure and caught else result.status
    known = {known.name for known in (*RULES, *pack_rules(pack))}
    if caught and failure is not None and answer.misconception in known:
        named = failure.diagnosis.name if failure.diagnosis else None
        findings.expect(
            "misconceptions named",
            named == answer.misconception,
            f"{answer.place}: the wrong answer to {result.id} should be explained by "
            f"{answer.misconception!r}; it is explained by {named!r}{_why(result)}",
        )
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
