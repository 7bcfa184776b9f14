"""Several graders for one submission: chapters side by side, in processes of their own.

A chapter's verdicts do not depend on other chapters' verdicts, so that they are those of one grader.
"""

from __future__ import annotations

import datetime
import functools
import math
import multiprocessing
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from multiprocessing.queues import SimpleQueue

from grader.batch.pool import LocalPool
from grader.batch.terms import lasting_memory
from grader.errors import InternalError
from grader.manifest import find_pack
from grader.model import CheckResult, ExerciseResult, Report, Times, weakest
from grader.observer import Observer
from grader.options import cores
from grader.pack import Exercise, Pack
from grader.session import Grader
from grader.submission import Submission

_CHAPTERS = 3  # that take longer than a process takes to start
_MEMORY = 3 * 2**30  # bytes of the machine for each process with its workers
_LOOK_SECONDS = 0.1  # between looks for news of the processes
Events = SimpleQueue[tuple[str, CheckResult]]


@dataclass(frozen=True)
class Settings:
    """What a grader is made of.

    Args:
        pack: the pack's folder or installed name; None for the kit's own.
        in_process: whether the code runs in the grader's process, for debugging.
        strangers: whether the submission is other people's work.
        required: the level of isolation without which no code is run.
    """

    pack: str | None
    seed: int
    timeout: float
    in_process: bool
    strangers: bool
    required: str


def default_jobs(chapters: int) -> int:
    """How many processes are worth their start for so many chapters, and fit cores and memory."""
    try:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # this system does not say
        memory = 2 * _MEMORY
    return max(1, min(math.ceil(chapters / _CHAPTERS), cores(), memory // _MEMORY))


def make_grader(pack: Pack, settings: Settings) -> Grader:
    """A grader that goes on with what the reference has replied in earlier runs."""
    return Grader(
        pack,
        settings.seed,
        settings.timeout,
        settings.in_process,
        settings.strangers,
        memory=lasting_memory(pack),
        required=settings.required,
    )


class Crew:
    """Grades as `Grader` does, with `jobs` processes."""

    def __init__(self, pack: Pack, settings: Settings, jobs: int) -> None:
        self._pack = pack
        self._settings = settings
        self._events: Events = multiprocessing.get_context("spawn").SimpleQueue()
        self._pool = LocalPool(jobs, functools.partial(_tell, self._events))

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *exception: object) -> None:
        self._pool.close()

    def grade(
        self, submission: Submission, exercises: Iterable[Exercise], observer: Observer
    ) -> Report:
        """The report on `submission` over `exercises`; an interrupt leaves out chapters that are not done.

        Raises:
            GraderError: what `Grader.grade` raises, or a process was lost.
        """
        chosen = tuple(exercises)
        started, start = datetime.datetime.now(datetime.UTC), time.perf_counter()
        reports: list[Report] = []
        try:
            for report in self._chapters(submission, chosen, observer):
                reports.append(report)
        except KeyboardInterrupt:
            if not reports:
                raise
        joined = _joined(reports, chosen)
        return replace(
            joined,
            started=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
            duration=time.perf_counter() - start,
        )

    def _chapters(
        self, submission: Submission, chosen: Sequence[Exercise], observer: Observer
    ) -> Iterator[Report]:
        """The reports on the chapters, as they come."""
        due = [[e.id for e in chosen if e.chapter == name] for name in self._longest_first(chosen)]
        running: set[Future[Report]] = set()
        while due or running:
            while due and len(running) < self._pool.width:
                running.add(self._pool.submit(_grade, self._settings, submission, due.pop(0)))
            done, running = wait(running, _LOOK_SECONDS, FIRST_COMPLETED)
            while not self._events.empty():
                id, result = self._events.get()
                observer.checked(self._pack.exercise(id), result)
            yield from map(self._result, done)

    def _longest_first(self, chosen: Iterable[Exercise]) -> list[str]:
        """The chapters, those with many checks before the others, so that all processes end together."""

        def size(name: str) -> int:
            file = self._pack.checks_file(self._pack.chapter(name))
            return file.stat().st_size if file.is_file() else 0

        return sorted({e.chapter for e in chosen}, key=size, reverse=True)

    def _result(self, future: Future[Report]) -> Report:
        try:
            return future.result()
        except Exception as error:
            if self._pool.lost(error):
                raise InternalError("A process of the grader has ended while grading.") from None
            raise


def _joined(reports: Sequence[Report], chosen: Iterable[Exercise]) -> Report:
    """One report made of those on some chapters; exercises that none is on are blocked."""
    results = {result.id: result for report in reports for result in report.exercises}
    exercises = tuple(results.get(e.id) or _not_run(e) for e in chosen)
    times = [report.times for report in reports]
    return replace(
        reports[0],
        exercises=exercises,
        isolation=weakest(report.isolation for report in reports),
        warnings=tuple(dict.fromkeys(line for report in reports for line in report.warnings)),
        interrupted=len(results) < len(exercises) or any(r.interrupted for r in reports),
        times=Times(
            sum(t.starting for t in times),
            sum(t.compiling for t in times),
            sum(t.running for t in times),
        ),
    )


def _not_run(exercise: Exercise) -> ExerciseResult:
    check = CheckResult("is graded", "value", "blocked", 1.0, rationale="It was not run.")
    return ExerciseResult(exercise.id, exercise.points, (check,))


# In a process of the crew.


class _Teller(Observer):
    """Passes on what it hears to the process that wants to know."""

    def __init__(self, events: Events) -> None:
        self._events = events

    def checked(self, exercise: Exercise, result: CheckResult) -> None:
        self._events.put((exercise.id, result))


_observer = Observer()


def _tell(events: Events) -> None:
    global _observer
    _observer = _Teller(events)


@functools.cache
def _grader(settings: Settings) -> Grader:
    """The grader of this process."""
    return make_grader(find_pack(settings.pack), settings)


def _grade(settings: Settings, submission: Submission, ids: Iterable[str]) -> Report:
    grader = _grader(settings)
    return grader.grade(submission, [grader.pack.exercise(id) for id in ids], _observer)
