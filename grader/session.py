"""One graded run: pytest over the checks of a pack, on one submission, turned into a report."""

from __future__ import annotations

import contextlib
import datetime
import importlib.metadata
import io
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import grader
from grader import plugin
from grader.checks import Demand
from grader.errors import InternalError, IsolationError, PackError
from grader.gallery import CALL_SECONDS, Scene, scenes
from grader.memory import ReferenceMemory
from grader.misconceptions.packs import pack_rules
from grader.model import LEVELS, ExerciseResult, Isolation, Report
from grader.observer import Observer
from grader.pack import Exercise, Pack
from grader.recall import Recall, Recalled
from grader.run import DEFAULT_TIMEOUT, Run
from grader.submission import Submission
from grader.text import clean
from grader.worker.launcher import Launcher
from grader.worker.processes import MECHANISMS

# Parts of pytest that no check needs, each of which takes its time to start.
_NOT_NEEDED = (
    *("cacheprovider", "doctest", "faulthandler", "junitxml", "legacypath", "logging", "pastebin"),
    *("setuponly", "setupplan", "stepwise", "subtests", "threadexception", "unittest"),
    "unraisableexception",  # it collects garbage five times at the end
    "warnings",
)


def _everything(exercise: Exercise, demand: Demand) -> bool:
    return True


@dataclass
class Grader:
    """Grades submissions of one pack, one after the other, keeping its processes and memory warm.

    Args:
        strangers: whether the submissions are other people's work.
        recall: remembers verdicts, to be used for the same code in other submissions.
        required: the level of isolation without which no code is run.
        mechanisms: what workers may be locked down by.
        launcher: starts the workers; by default one that keeps to `required` and `mechanisms`.
    """

    pack: Pack
    seed: int = 0
    timeout: float = DEFAULT_TIMEOUT
    in_process: bool = False
    strangers: bool = False
    memory: ReferenceMemory = field(default_factory=ReferenceMemory)
    recall: Recall | None = None
    required: str = LEVELS[0]
    mechanisms: tuple[str, ...] = MECHANISMS
    launcher: Launcher = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.launcher is None:
            self.launcher = Launcher(self.pack.secrets, self.required, self.mechanisms)

    def __enter__(self) -> Grader:
        return self

    def __exit__(self, *exception: object) -> None:
        self.launcher.close()

    def isolation(self) -> Isolation:
        """How well the code that is graded is kept apart from this machine.

        Raises:
            IsolationError: less than `required`.
        """
        if not self.in_process:
            return self.launcher.isolation()
        if self.required != LEVELS[0]:
            raise IsolationError(
                f"Isolation {self.required} is required, and --in-process has none at all. To debug code "
                "that you trust, add --require-isolation PROCESS-ONLY."
            )
        return Isolation(LEVELS[0])

    def warm(self, exercises: Iterable[Exercise]) -> None:
        """Start the processes that grading `exercises` will fork from."""
        for name in dict.fromkeys(exercise.chapter for exercise in exercises):
            chapter = self.pack.chapter(name)
            if not chapter.missing_extras and not self.in_process:
                self.launcher.warm(chapter.requires)

    def grade(
        self,
        submission: Submission,
        exercises: Iterable[Exercise],
        observer: Observer | None = None,
        wanted: Callable[[Exercise, Demand], bool] = _everything,
    ) -> Report:
        """The report on `submission` over `exercises`; exercises that those build on run as well.

        Args:
            observer: told of the plan and of every verdict.
            wanted: which checks run, among those of the exercises.

        Raises:
            IsolationError: less than `required` is to be had here.
            InternalError: the checks could not be collected, or pytest itself failed.
        """
        chosen = tuple(exercises)
        begun = submission.begun(self.pack)
        self.warm(e for e in chosen if e.chapter in begun)
        if self.required != LEVELS[0]:
            self.isolation()  # refuse before anything runs
        whole = wanted is _everything and chosen == tuple(self.pack.exercises)
        recalled = self.recall.of(submission, self.pack) if self.recall and whole else None
        known = self._known_chapters(recalled, chosen)
        needed = {e.id for e in chosen} | {
            f"{e.chapter}.{name}" for e in chosen for name in self.pack.needs_of(e)
        }
        run = Run(
            submission=submission,
            launcher=self.launcher,
            memory=self.memory,
            seed=self.seed,
            timeout=self.timeout,
            strangers=self.strangers,
            in_process=self.in_process,
            wanted=lambda exercise, demand: exercise.id in needed and wanted(exercise, demand),
            observer=observer or Observer(),
            recalled=recalled,
        )
        started, start = datetime.datetime.now(datetime.UTC), time.perf_counter()
        new = [e for e in chosen if e.id not in known]
        interrupted = bool(new) and self._run_pytest(run, dict.fromkeys(e.chapter for e in new))
        book = run.book(self.pack)
        self.memory.save()
        if recalled and not interrupted:
            self._remember(recalled, run, new)
        return Report(
            pack=self.pack.name,
            pack_version=self.pack.version,
            submission=submission.label,
            started=started.strftime("%Y-%m-%dT%H:%M:%SZ"),
            duration=time.perf_counter() - start,
            isolation=self.isolation(),
            versions=versions(),
            exercises=tuple(known.get(e.id) or book.results([e])[0] for e in chosen),
            warnings=(*submission.warnings, *run.replaced(self.pack)),
            interrupted=interrupted,
            times=run.times(self.pack),
            seed=self.seed,
        )

    def _known_chapters(
        self, recalled: Recalled | None, chosen: Iterable[Exercise]
    ) -> dict[str, ExerciseResult]:
        """By exercise, the results of chapters whose text has been graded before."""
        if recalled is None:
            return {}
        names = dict.fromkeys(e.chapter for e in chosen)
        found = (recalled.chapter(name) or () for name in names)
        return {result.id: result for results in found for result in results}

    def _remember(self, recalled: Recalled, run: Run, new: Iterable[Exercise]) -> None:
        if run.lost(self.pack) or run.replaced(self.pack):
            return
        book = run.book(self.pack)
        for name in dict.fromkeys(e.chapter for e in new):
            chapter = self.pack.chapter(name)
            stand_ins = {e.id: book.unsolved_needs(e) for e in chapter.exercises}
            recalled.keep(chapter, book.results(chapter.exercises), stand_ins)

    def pictures(self, submission: Submission, report: Report) -> tuple[Scene, ...]:
        """The pack's pictures of what `submission` has answered, by its report.

        Raises:
            PackError: a picture of the pack is broken.
        """
        run = Run(
            submission=submission,
            launcher=self.launcher,
            memory=self.memory,
            timeout=min(self.timeout, CALL_SECONDS),
            in_process=self.in_process,
        )
        try:
            return scenes(run.worlds(self.pack), self.pack, report)
        finally:
            run.close()

    def _run_pytest(self, run: Run, chapters: Iterable[str]) -> bool:
        """Whether the run was interrupted."""
        files = [self.pack.checks_file(self.pack.chapter(name)) for name in chapters]
        for file in files:
            if not file.is_file():
                raise PackError(f"{self.pack.title} has no checks in {file}.")
        arguments = [
            *map(str, files),
            f"--rootdir={self.pack.root}",
            f"--config-file={os.devnull}",
            "--import-mode=importlib",
            "--disable-plugin-autoload",
            "--noconftest",
            "--capture=no",
            "--quiet",
            "--tb=native",  # the quickest: messages take the place of tracebacks
            *(f"-pno:{name}" for name in _NOT_NEEDED),
            "-pgrader.plugin",
        ]
        _forget_other_checks(files)
        pack_rules(self.pack)  # a broken file is the pack's mistake: say so before anything runs
        said, errors = io.StringIO(), plugin.CollectionErrors()
        try:
            with (
                contextlib.redirect_stdout(said),
                contextlib.redirect_stderr(said),
                _without_settings_of_pytest(),
            ):
                status = pytest.main(arguments, plugins=[plugin.Installer(run), errors])
        finally:
            run.close()
        if errors.texts:
            raise InternalError("The checks cannot be collected:\n" + "\n".join(errors.texts))
        if status in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR):
            raise InternalError(
                "pytest could not run the checks:\n" + clean(said.getvalue()[-3000:])
            )
        return status == pytest.ExitCode.INTERRUPTED


def _forget_other_checks(files: Iterable[Path]) -> None:
    """Drop loaded check files of another pack: pytest names modules by their place in a pack only."""
    for file in files:
        name = f"exercises.checks.{file.stem}"
        if name in sys.modules and sys.modules[name].__file__ != str(file):
            del sys.modules[name]


@contextlib.contextmanager
def _without_settings_of_pytest() -> Iterator[None]:
    """What the user's environment tells pytest (options, plugins) is not meant for a graded run."""
    names = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def versions() -> dict[str, str]:
    """The versions that a verdict depends on."""
    found: dict[str, Any] = {"python": platform.python_version(), "grader": grader.__version__}
    for name in ("jax", "jaxlib", "numpy", "torch"):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found
