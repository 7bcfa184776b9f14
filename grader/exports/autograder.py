"""The grader as Gradescope runs it: a submission in, results.json out, in a small and hurried container.

    ROOT/source/kit           the pack, as `grader.exports.archive` packs it
    ROOT/submission           what the learner has handed in
    ROOT/results/results.json what Gradescope shows

The file is there from the start and written again after every chapter, so that whatever ends this
process leaves what is known by then. Run as `python -m grader.exports.autograder`.
"""

from __future__ import annotations

import argparse
import datetime
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.errors import GraderError, UsageError
from grader.exports.gradescope import VISIBILITIES, results, write_results
from grader.manifest import load_pack
from grader.memory import ReferenceMemory
from grader.model import LEVELS, SCHEMA_VERSION
from grader.pack import Exercise, Pack
from grader.reports.json_report import as_dict
from grader.session import Grader, versions
from grader.submission import Submission, read_submission
from grader.worker.launcher import Launcher

_MEMORY = 32 * 2**20  # bytes of the reference's outcomes to remember
_WORKERS = 2  # at a time; each takes some 100 MB, and up to 250 MB in the chapters on MNIST


@dataclass
class Autograder:
    """Grades one submission chapter by chapter, and writes down after each what is known.

    Args:
        chosen: the exercises to grade.
        place: the results.json.
        visibility: when learners see the tests.
    """

    pack: Pack
    submission: Submission
    chosen: Sequence[Exercise]
    place: Path
    seed: int = 0
    visibility: str = "visible"
    known: dict[str, dict[str, Any]] = field(default_factory=dict)  # exercises of reports, by id
    warnings: list[str] = field(default_factory=list)
    isolation: dict[str, Any] = field(default_factory=lambda: {"level": "unknown"})
    _start: float = field(default_factory=time.monotonic)
    _started: datetime.datetime = field(default_factory=lambda: datetime.datetime.now(datetime.UTC))

    def run(self) -> bool:
        """Grade everything; whether it came to an end. An interrupt writes down what there is."""
        self.write()
        try:
            for chapter in dict.fromkeys(exercise.chapter for exercise in self.chosen):
                if not self._chapter([e for e in self.chosen if e.chapter == chapter]):
                    break
                self.write()
        except KeyboardInterrupt:
            pass
        self.write(ended=True)
        return not self.missing

    def _chapter(self, exercises: Sequence[Exercise]) -> bool:
        """Grade exercises of one chapter; whether to go on.

        Where memory is short, the kernel ends processes, the grader's own or the answer's. What has met
        that is graded once more, and where it was single answers, exercise by exercise.
        """
        report = self._graded(exercises) or self._graded(exercises)
        if report is None or report["interrupted"]:
            return report is None
        for exercise in exercises:
            if any(e["id"] == exercise.id and _met_the_end(e) for e in report["exercises"]):
                again = self._graded([exercise])
                if again is not None and again["interrupted"]:
                    return False
        return True

    def _graded(self, exercises: Sequence[Exercise]) -> dict[str, Any] | None:
        """The report on some exercises, noted; None if the grader failed.

        Each time has processes of its own, so that their memory is free afterwards.
        """
        launcher = Launcher(self.pack.secrets, LEVELS[0], most_workers=_WORKERS)
        memory = ReferenceMemory(_MEMORY)
        try:
            with Grader(
                self.pack, self.seed, strangers=True, memory=memory, launcher=launcher
            ) as grader:
                report = as_dict(grader.grade(self.submission, exercises))
        except GraderError as error:
            print(f"{exercises[0].chapter}: {error}", file=sys.stderr, flush=True)
            return None
        # An exercise has no checks, or is blocked as a whole, when the run ended before it.
        graded = (e for e in report["exercises"] if e["checks"] and e["status"] != "blocked")
        done = {exercise["id"]: exercise for exercise in graded}
        self.known |= done
        self.warnings += [w for w in report["warnings"] if w not in self.warnings]
        self.isolation = report["isolation"]
        seconds = time.monotonic() - self._start
        print(f"{seconds:5.0f} s: {', '.join(done) or 'nothing'}", flush=True)
        return report

    def write(self, ended: bool = False) -> None:
        """Write the results.json of what is known by now."""
        missing = self.missing
        notes = []
        if missing:
            why = "Time ran out" if ended else "Grading goes on"
            notes.append(
                f"{why}: {len(missing)} of {len(self.chosen)} exercises are not graded here and count "
                f"as 0: {_in_words(missing)}. Hand in again, or ask your instructor."
            )
        write_results(self.place, results(self._report(), notes, self.visibility))

    @property
    def missing(self) -> list[Exercise]:
        """The exercises without a verdict."""
        return [exercise for exercise in self.chosen if exercise.id not in self.known]

    def _report(self) -> dict[str, Any]:
        exercises = [self.known.get(e.id) or _not_graded(e) for e in self.chosen]
        return {
            "schema_version": SCHEMA_VERSION,
            "pack": self.pack.name,
            "pack_version": self.pack.version,
            "submission": self.submission.label,
            "score": sum(exercise["score"] for exercise in exercises),
            "max_score": sum(exercise["max_score"] for exercise in exercises),
            "started": self._started.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "duration_s": time.monotonic() - self._start,
            "isolation": self.isolation,
            "versions": versions(),
            "warnings": self.warnings,
            "exercises": exercises,
        }


def _met_the_end(exercise: dict[str, Any]) -> bool:
    """Whether a process was killed from outside, or the reference's did not answer."""
    return any(c["status"] == "error" or "SIGKILL" in c["rationale"] for c in exercise["checks"])


def _not_graded(exercise: Exercise) -> dict[str, Any]:
    check = {
        "name": "is graded",
        "kind": "value",
        "status": "blocked",
        "rationale": "It has not been graded.",
        "evidence": "",
        "hint": "",
    }
    return {
        "id": exercise.id,
        "chapter": exercise.chapter,
        "name": exercise.name,
        "status": "blocked",
        "score": 0.0,
        "max_score": exercise.points,
        "duration_s": 0.0,
        "checks": [check],
    }


def _in_words(exercises: Sequence[Exercise]) -> str:
    """Their chapters, with how many of each."""
    chapters = [exercise.chapter for exercise in exercises]
    return ", ".join(f"{name} ({chapters.count(name)})" for name in dict.fromkeys(chapters))


def refused(pack: Pack, chosen: Sequence[Exercise], why: str) -> dict[str, Any]:
    """A results.json for a submission that cannot be read at all."""
    empty = Autograder(pack, Submission("submission", {}), chosen, Path())
    return results(empty._report(), [f"This submission cannot be graded: {why}"])


def main(arguments: Sequence[str] | None = None) -> int:
    """Grade ROOT/submission; the exit code is 0 when there is a results.json, whatever it says."""
    parser = argparse.ArgumentParser(prog="autograder")
    parser.add_argument("root", type=Path)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--visibility", choices=VISIBILITIES, default="visible")
    options = parser.parse_args(arguments)
    pack = load_pack(options.root / "source" / "kit")
    chosen = pack.select(options.only)
    place = options.root / "results" / "results.json"
    place.parent.mkdir(exist_ok=True)
    try:
        submission = read_submission(options.root / "submission", pack)
    except UsageError as error:
        write_results(place, refused(pack, chosen, str(error)))
        return 0
    whole = Autograder(pack, submission, chosen, place, options.seed, options.visibility).run()
    print("Everything is graded." if whole else "Not everything is graded; see results.json.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
