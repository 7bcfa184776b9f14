"""Chapters graded side by side: the same verdicts, told as they come, and a clean end."""

import multiprocessing
import os
import signal
import threading

import pytest
from family import gone

from grader import crew
from grader.crew import Crew, Settings, default_jobs
from grader.errors import InternalError, IsolationError
from grader.model import LEVELS
from grader.observer import Observer
from grader.reports.json_report import as_dict
from grader.submission import read_submission, submission_of_texts

WRONG = "\n\ndef mean(x):\n    return x.sum()\n"
HANGS = "\n\ndef outer(x, y):\n    while True:\n        pass\n"
REFUSES = "\n\nimport os\nos._exit(3)\n"


class Notes(Observer):
    """Notes what it hears."""

    def __init__(self):
        self.heard = []

    def checked(self, exercise, result):
        self.heard.append((exercise.id, result.name, result.status))


@pytest.fixture
def settings(pack):
    return Settings(str(pack.root), 3, 60.0, in_process=False, strangers=True, required=LEVELS[0])


FLEETING = ("duration_s", "isolation", "speed", "started", "time")


def lasting(data):
    """A report without what no two runs have in common."""
    if isinstance(data, dict):
        return {k: lasting(v) for k, v in data.items() if k not in FLEETING}
    return [lasting(value) for value in data] if isinstance(data, list) else data


@pytest.mark.parametrize("more", [{}, {"ch01_sums": WRONG}, {"ch02_shapes": REFUSES}])
def test_the_report_is_that_of_one_grader(pack, solutions, settings, launcher, more):
    texts = {name: text + more.get(name, "") for name, text in solutions.items()}
    submission = submission_of_texts("both", texts)
    exercises = tuple(pack.exercises)
    notes = Notes()
    with Crew(pack, settings, 2) as together:
        found = together.grade(submission, exercises, notes)
    alone = crew.Grader(pack, 3, 60.0, strangers=True, launcher=launcher)
    expected = alone.grade(submission, exercises)
    assert lasting(as_dict(found)) == lasting(as_dict(expected))
    heard = {(r.id, c.name, c.status) for r in expected.exercises for c in r.checks}
    assert set(notes.heard) == heard
    assert len(notes.heard) == len(heard)


def test_exercises_in_other_orders_and_parts_of_chapters(pack, solutions, settings):
    chosen = pack.select(["ch02_shapes", "ch01_sums.mean"])[::-1]
    with Crew(pack, settings, 2) as together:
        report = together.grade(submission_of_texts("some", solutions), chosen, Observer())
    assert [result.id for result in report.exercises] == [exercise.id for exercise in chosen]
    assert report.all_passed


def test_a_process_that_is_lost_is_said(pack, solutions, settings, monkeypatch):
    monkeypatch.setattr(crew, "_grade", _end)
    with Crew(pack, settings, 2) as together, pytest.raises(InternalError, match="has ended"):
        together.grade(submission_of_texts("lost", solutions), pack.exercises, Observer())


def test_isolation_that_is_not_to_be_had_is_refused(pack, solutions, settings, monkeypatch):
    monkeypatch.setattr(crew, "_grade", _refuse)
    with Crew(pack, settings, 2) as together, pytest.raises(IsolationError, match="less than"):
        together.grade(submission_of_texts("refused", solutions), pack.exercises, Observer())


def _end(*args):
    os._exit(3)


def _refuse(*args):
    raise IsolationError("less than FULL")


def test_an_interrupt_keeps_the_chapters_that_are_done(pack, solutions, settings):
    texts = solutions | {"ch02_shapes": solutions["ch02_shapes"] + HANGS}

    class Interrupts(Observer):
        done = 0

        def checked(self, exercise, result):
            self.done += exercise.chapter == "ch01_sums"
            if (
                self.done == 5
            ):  # all its checks; a second later the chapter is done, the other hangs
                threading.Timer(1.0, os.kill, [os.getpid(), signal.SIGINT]).start()
                self.done += 1

    with Crew(pack, settings, 2) as together:
        report = together.grade(submission_of_texts("stopped", texts), pack.exercises, Interrupts())
        pids = [process.pid for process in multiprocessing.active_children()]
    assert report.interrupted
    assert [r.status for r in report.exercises] == ["passed"] * 3 + ["blocked"] * 2
    assert pids
    assert all(map(gone, pids))


def test_jobs_fit_the_machine(monkeypatch):
    sizes = {"SC_PHYS_PAGES": 2**21, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(crew, "cores", lambda: 4)
    monkeypatch.setattr(crew.os, "sysconf", sizes.get, raising=False)
    assert default_jobs(11) == 2  # 8 GiB
    sizes["SC_PHYS_PAGES"] *= 16
    assert [default_jobs(chapters) for chapters in (0, 1, 3, 4, 11, 99)] == [1, 1, 1, 2, 4, 4]
    sizes["SC_PHYS_PAGES"] = 1000
    assert default_jobs(11) == 1
    monkeypatch.delattr(crew.os, "sysconf")
    assert default_jobs(11) == 2


def test_a_chapter_is_begun_once_it_is_changed(pack, solutions):
    untouched = read_submission(pack.stubs_dir, pack)
    assert untouched.begun(pack) == set()
    one = submission_of_texts("one", {"ch01_sums": solutions["ch01_sums"]})
    assert one.begun(pack) == {"ch01_sums"}
