"""Grading again whenever a chapter is saved: `python -m grader watch`.

Saves and keys arrive in one queue. A save makes the answers due whose code has changed, those that rest
on it included; they are graded by the same warm processes, the current exercise first. A save that comes
while they are graded ends the run and starts another.
"""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from grader.checks import Demand
from grader.errors import GraderError, UsageError
from grader.model import CheckResult, ExerciseResult, Report
from grader.observer import Observer
from grader.pack import Exercise, Pack
from grader.progress import Progress, answer_digests, load_progress, states
from grader.session import Grader
from grader.sources import definition, is_python
from grader.submission import ChapterFile, Submission, read_submission

Event = tuple[Literal["saved", "key", "gone"], str]
_SETTLE_SECONDS = 0.02  # editors write in several steps
_HALF_WRITTEN_SECONDS = 0.2
_POLL_SECONDS = 1.0


class Screen(Protocol):
    """What shows where the learner stands."""

    def show(self, view: View) -> None: ...


@dataclass
class View:
    """What is to be seen."""

    pack: Pack
    states: dict[str, str]
    current: Exercise | None
    result: ExerciseResult | None = None
    busy: str = ""
    note: str = ""
    page: Literal["exercise", "list", "lesson"] = "exercise"
    hints: int = 0
    seconds: float | None = None


class Superseded(Observer):
    """Ends a run as soon as something newer waits."""

    def __init__(self, waits: Callable[[], bool]) -> None:
        self._waits = waits

    def checked(self, exercise: Exercise, result: CheckResult) -> None:
        """End the run here if there has been a save since."""
        if self._waits():
            raise KeyboardInterrupt


@dataclass
class Watch:
    """A learner's folder under watch."""

    pack: Pack
    grader: Grader
    screen: Screen
    events: queue.Queue[Event] = field(default_factory=queue.Queue)
    results: dict[str, ExerciseResult] = field(default_factory=dict)
    _waiting: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.progress: Progress = load_progress(self.pack)
        self.submission: Submission = read_submission(self.pack.exercises_dir, self.pack)
        self.digests = self._digests()
        self.view = View(self.pack, self._states(), None, note=self.progress.problem)
        self._turn_to(self._first_unsolved())

    # What there is to do.

    def _digests(self) -> dict[str, str]:
        return answer_digests(self.submission, (e.id for e in self.pack.exercises))

    def _states(self) -> dict[str, str]:
        return states(self.pack, self.progress, self.digests)

    def _first_unsolved(self, after: Exercise | None = None) -> Exercise | None:
        """The first exercise that has not passed, looked for after `after` first."""
        exercises = list(self.pack.exercises)
        known = self._states()
        start = exercises.index(after) + 1 if after else 0
        for exercise in exercises[start:] + exercises[:start]:
            if known[exercise.id] != "passed" and not self._chapter_lacks_packages(exercise):
                return exercise
        return None

    def _chapter_lacks_packages(self, exercise: Exercise) -> bool:
        return bool(self.pack.chapter(exercise.chapter).missing_extras)

    def _turn_to(self, exercise: Exercise | None) -> None:
        self.view.current, self.view.hints, self.view.page = exercise, 0, "exercise"
        self.view.result = self.results.get(exercise.id) if exercise else None

    # The loop.

    def run(self) -> None:
        """Grade what is current, then whatever is saved, until the learner quits."""
        self._grade([self.view.current] if self.view.current else [], None)
        while True:
            self.screen.show(self.view)
            kind, what = self._next_event()
            if kind == "gone":
                self.view.note = what
            elif kind == "saved":
                self._saved(time.monotonic())
            elif not self._pressed(what):
                return

    def _next_event(self) -> Event:
        return self._waiting.pop(0) if self._waiting else self.events.get()

    def _saved(self, since: float) -> None:
        """Read the folder again and grade the answers that have changed."""
        time.sleep(_SETTLE_SECONDS)
        old = self.submission
        try:
            self.submission = self._settled()
        except UsageError as error:  # the folder has gone
            self.view.note = str(error)
            return
        self.view.note = " ".join(self.submission.warnings)
        before, self.digests = self.digests, self._digests()
        due = [e for e in self.pack.exercises if self.digests[e.id] != before[e.id]]
        self.view.states = self._states()
        edited = [e for e in due if _own_code(old, e) != _own_code(self.submission, e)] or due
        if edited:
            if self.view.current not in edited:
                self._turn_to(edited[0])
            self._grade(due, since)

    def _settled(self) -> Submission:
        """The folder as it is; a file that is no Python, or not there, gets some more time."""
        submission = read_submission(self.pack.exercises_dir, self.pack)
        if not all(map(_is_whole, submission.files.values())) or (
            submission.files.keys() < self.submission.files.keys()
        ):
            time.sleep(_HALF_WRITTEN_SECONDS)
            submission = read_submission(self.pack.exercises_dir, self.pack)
        self._take_events()
        self._waiting = [event for event in self._waiting if event[0] != "saved"]
        return submission

    def _grade(self, exercises: Iterable[Exercise], since: float | None) -> None:
        """Grade `exercises`, the current one first, because its message is waited for."""
        due = [e for e in exercises if not self._chapter_lacks_packages(e)]
        for exercise in sorted(due, key=lambda e: e != self.view.current):
            self.view.busy = exercise.id
            self.screen.show(self.view)
            try:
                report = self._report_on(exercise)
            except GraderError as error:  # checks or solutions that are not there now
                self.view.note = str(error)
                return
            finally:
                self.view.busy = ""
            if report.interrupted:
                if not self._waits_for_more():
                    self._waiting.append(("key", "q"))  # Ctrl-C
                return
            (self.results[exercise.id],) = report.exercises
            self.progress.record(report, self.submission)
            self.view.states = self._states()
            if exercise == self.view.current:
                self.view.result = self.results[exercise.id]
                self.view.seconds = time.monotonic() - since if since else None
                self.screen.show(self.view)
        self.progress.save()

    def _report_on(self, exercise: Exercise) -> Report:
        """A run over one exercise, and over those that it builds on and that have not passed."""

        def wanted(other: Exercise, demand: Demand) -> bool:
            return other == exercise or self.view.states[other.id] != "passed"

        return self.grader.grade(
            self.submission, [exercise], Superseded(self._waits_for_more), wanted
        )

    def _waits_for_more(self) -> bool:
        """Whether there is news that make what is being graded old."""
        self._take_events()
        return any(kind == "saved" or what == "q" for kind, what in self._waiting)

    def _take_events(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                self._waiting.append(self.events.get_nowait())

    def _pressed(self, key: str) -> bool:
        """What a key asks for; whether to go on."""
        view = self.view
        if key == "q":
            return False
        if key == "n":
            self._turn_to(self._first_unsolved(view.current))
            if view.current and view.result is None:
                self._grade([view.current], None)
        elif key == "h" and view.current:
            view.page = "exercise"
            view.hints = min(view.hints + 1, len(view.current.hints))
            seen = max(view.hints, self.progress.hints_seen.get(view.current.id, 0))
            self.progress.see_hint(view.current.id, seen)
            self.progress.save()
        elif key in ("l", "o"):
            page: Literal["list", "lesson"] = "list" if key == "l" else "lesson"
            view.page = "exercise" if view.page == page else page
        else:
            view.page = "exercise"
        return True


def _own_code(submission: Submission, exercise: Exercise) -> str:
    """The definition of an exercise itself, without what it rests on."""
    file = submission.files.get(exercise.chapter)
    return definition(file.text, exercise.name) if file and is_python(file.text) else ""


def _is_whole(file: ChapterFile) -> bool:
    """Whether a chapter can be read as Python; an editor may be writing one that cannot."""
    return not file.problem and is_python(file.text)


def tell_saves(folder: Path, names: set[str], events: queue.Queue[Event]) -> None:
    """Put an event in the queue whenever one of the files `names` in `folder` is saved; in the background."""
    threading.Thread(target=_tell_saves, args=(folder, names, events), daemon=True).start()


def _tell_saves(folder: Path, names: set[str], events: queue.Queue[Event]) -> None:
    from watchfiles import watch

    while True:
        try:
            for changes in watch(
                folder, recursive=False, step=20, debounce=200, raise_interrupt=False
            ):
                if any(Path(path).name in names for _, path in changes):
                    events.put(("saved", ""))
                if not folder.is_dir():
                    break
        except (OSError, RuntimeError):
            pass
        events.put(("gone", f"{folder} is gone. It is graded again when it is back."))
        while not folder.is_dir():
            time.sleep(_POLL_SECONDS)
        events.put(("saved", ""))
