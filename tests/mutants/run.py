"""Grades every mutant of the solutions: `make mutants`.

A mutant that passes all checks of its exercise has survived: either the checks have a hole, or the mutant
is as right as the reference, and then `equivalent.toml` says why.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from grader.manifest import load_pack
from grader.model import ExerciseResult
from grader.pack import Exercise, Pack
from grader.session import Grader
from grader.submission import submission_of_texts
from mutants.reference import Mutant, mutants, unchanged

ROOT = Path(__file__).parents[2]
RECORD = Path(__file__).parent / "equivalent.toml"
TIMEOUT = 10.0  # seconds for one call: a mutant may loop for ever


@dataclass(frozen=True)
class Fate:
    """What became of a mutant: "killed" by the check `killer`, "survived", or a "fault" of the grader."""

    mutant: Mutant
    status: str
    killer: str = ""


@dataclass(frozen=True)
class Equivalent:
    """A mutant that may survive: what it looks like, and the reason."""

    becomes: str
    reason: str


def recorded(path: Path = RECORD) -> dict[str, Equivalent]:
    """The mutants that may survive, by name."""
    with path.open("rb") as file:
        return {name: Equivalent(**fields) for name, fields in tomllib.load(file).items()}


def grade_chapter(root: Path, ids: list[str]) -> list[Fate]:
    """The fates of all mutants of some exercises of one chapter, in this process."""
    pack = load_pack(root)
    exercises = pack.select(ids)
    with Grader(pack, timeout=TIMEOUT) as grader:
        grader.warm(exercises)
        return [fate for exercise in exercises for fate in _fates(grader, exercise)]


def _fates(grader: Grader, exercise: Exercise) -> Iterator[Fate]:
    result = _grade(grader, exercise, unchanged(exercise, grader.pack))
    if result.status != "passed":
        raise SystemExit(f"The solution of {exercise.id} itself is {result.status}.")
    slow = any(check.kind == "speed" for check in result.checks)
    for mutant in mutants(exercise, grader.pack):
        result = _grade(grader, exercise, mutant.text)
        if result.status == "passed" and slow:  # its measurement may have ended undecided
            result = _grade(grader, exercise, mutant.text)
        status = {"passed": "survived", "error": "fault"}.get(result.status, "killed")
        yield Fate(mutant, status, result.failure.name if result.failure else "")


def _grade(grader: Grader, exercise: Exercise, text: str) -> ExerciseResult:
    submission = submission_of_texts("a mutant", {exercise.chapter: text})
    report = grader.grade(submission, [exercise], wanted=lambda one, _: one == exercise)
    return report.exercises[0]


def problems(fates: Iterable[Fate], record: dict[str, Equivalent], ids: set[str]) -> list[str]:
    """What is wrong, in sentences: unrecorded survivors, and records that no longer hold."""
    found, seen = [], {}
    for fate in fates:
        name = fate.mutant.name
        seen[name] = fate
        if fate.status == "fault":
            found.append(f"{name}: the grader failed\n{fate.mutant.diff}")
        elif fate.status == "survived" and name not in record:
            found.append(f"{name} SURVIVED\n{fate.mutant.diff}")
    for name, equivalent in record.items():
        if name.partition(":")[0] not in ids:
            continue
        if name not in seen or seen[name].mutant.becomes != equivalent.becomes:
            found.append(f"{name} is recorded as equivalent, but no longer made")
        elif seen[name].status == "killed":
            found.append(f"{name} is recorded as equivalent, but killed: {seen[name].killer}")
    return found


def table(fates: Iterable[Fate], record: dict[str, Equivalent]) -> Iterator[str]:
    """Lines of a table: how many mutants of each operator were made in each chapter, and their fates."""
    rows: dict[tuple[str, str], Counter[str]] = {}
    for fate in fates:
        mutant = fate.mutant
        equivalent = fate.status == "survived" and mutant.name in record
        status = "equivalent" if equivalent else fate.status
        chapter = mutant.exercise.partition(".")[0]
        for row in ((chapter, mutant.operator), ("all", "")):
            rows.setdefault(row, Counter()).update(["made", status])
    columns = ("made", "killed", "equivalent", "survived", "fault")
    yield f"{'':18}{'':20}" + "".join(f"{c.upper() if c == 'survived' else c:>12}" for c in columns)
    for (chapter, operator), counts in sorted(
        rows.items(), key=lambda row: (row[0][0] == "all", row)
    ):
        yield f"{chapter:18}{operator:20}" + "".join(f"{counts[c] or '':>12}" for c in columns)


def grade(pack: Pack, exercises: Iterable[Exercise], jobs: int) -> list[Fate]:
    """The fates of all mutants of the exercises, chapter by chapter, side by side."""
    ids: dict[str, list[str]] = {}
    for exercise in exercises:
        if not pack.chapter(exercise.chapter).missing_extras:
            ids.setdefault(exercise.chapter, []).append(exercise.id)
    longest_first = sorted(
        ids, key=lambda name: -(pack.solutions_dir / f"{name}.py").stat().st_size
    )
    fates: dict[str, list[Fate]] = {}
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        futures = {pool.submit(grade_chapter, pack.root, ids[name]): name for name in longest_first}
        for future in as_completed(futures):
            fates[futures[future]] = future.result()
            print(f"{futures[future]} done", file=sys.stderr)
    return [fate for name in ids for fate in fates[name]]


def main(arguments: list[str] | None = None) -> int:
    """Grade the mutants; 1 if one survives that is not recorded, or a record does not hold."""
    parser = argparse.ArgumentParser(description="Grade every mutant of the solutions.")
    parser.add_argument("--jobs", type=int, default=2, help="processes to use (2)")
    parser.add_argument("--only", action="append", default=[], metavar="ID", help="repeatable")
    options = parser.parse_args(arguments)
    pack, record = load_pack(ROOT), recorded()
    exercises = pack.select(options.only)
    fates = grade(pack, exercises, options.jobs)
    graded = {e.id for e in exercises if not pack.chapter(e.chapter).missing_extras}
    found = problems(fates, record, graded)
    print("\n".join([*table(fates, record), "", *found, f"{len(found)} problems"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
