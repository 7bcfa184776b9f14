"""Watching a folder: what is graded again, what is shown, and what may happen to the files meanwhile."""

import contextlib
import io
import os
import re
import subprocess
import sys
import threading
import time

import pytest
from rich.console import Console

from grader.manifest import load_pack
from grader.progress import FILENAME, load_progress
from grader.reports.screen import Lines, Page
from grader.session import Grader
from grader.sources import definition
from grader.watch import View, Watch

PATIENCE = 60.0
WRONG = "\n\ndef mean(x):\n    return x.max()\n"


class Recorder:
    """A screen that remembers what it was shown."""

    def __init__(self):
        self.shown = []

    def show(self, view):
        status = view.result.status if view.result else None
        current = view.current.name if view.current else None
        self.shown.append((current, status, view.busy, view.note, view.page, view.hints))


@pytest.fixture
def folder(mini, solutions):
    """A copy of the miniature pack whose exercises are solved."""
    for name, text in solutions.items():
        (mini / "exercises" / f"{name}.py").write_text(text)
    return load_pack(mini)


@pytest.fixture
def watch(folder, launcher):
    """`watch(*events)`: the screen after these events; a function among them is called in its turn."""
    screen = Recorder()
    watched = Watch(folder, Grader(folder, launcher=launcher), screen)

    def run(*events):
        for event in (*events, ("key", "q")):
            watched.events.put(event)
        take = watched._next_event

        def next_event():
            event = take()
            while callable(event):
                event()
                event = take()
            return event

        watched._next_event = next_event
        watched._take_events = lambda: None  # events come one after the other
        watched.run()
        return screen.shown

    run.watch = watched
    run.folder = folder
    return run


def save(pack, name, text):
    return lambda: (pack.exercises_dir / name).write_text(text)


def test_the_first_exercise_that_has_not_passed_comes_first(watch):
    shown = watch()
    assert shown[0][:3] == ("total", None, "ch01_sums.total")
    assert shown[-1][:3] == ("total", "passed", "")
    assert load_progress(watch.folder).verdicts["ch01_sums.total"]["status"] == "passed"


def test_a_save_grades_what_has_changed_and_what_rests_on_it(watch, solutions):
    watched = watch.watch
    text = solutions["ch01_sums"]
    watch(
        ("key", "n"), ("key", "n"), save(watch.folder, "ch01_sums.py", text + WRONG), ("saved", "")
    )
    assert {id: r.status for id, r in watched.results.items()} == {
        "ch01_sums.total": "passed",
        "ch01_sums.mean": "failed",
        "ch01_sums.spread": "passed",  # its own code is right
    }
    current = watched.view.current.name
    assert current == "mean"
    assert watched.view.seconds < PATIENCE


def test_a_save_that_changes_no_code_grades_nothing(watch, solutions):
    text = solutions["ch01_sums"] + "\n# a comment\n"
    watch(save(watch.folder, "ch01_sums.py", text), ("saved", ""))
    assert list(watch.watch.results) == ["ch01_sums.total"]


def test_a_syntax_error_is_a_message_and_passes(watch, solutions):
    good = solutions["ch01_sums"]
    broken = save(watch.folder, "ch01_sums.py", good + "\ndef (:\n")
    shown = watch(broken, ("saved", ""), save(watch.folder, "ch01_sums.py", good), ("saved", ""))
    statuses = [status for name, status, *_ in shown if name == "total"]
    assert "failed" in statuses
    assert statuses[-1] == "passed"


def test_a_file_that_goes_and_comes_back(watch, solutions):
    path = watch.folder.exercises_dir / "ch01_sums.py"
    away = path.with_suffix(".away")
    shown = watch(
        lambda: path.rename(away), ("saved", ""), lambda: away.rename(path), ("saved", "")
    )
    statuses = [status for name, status, *_ in shown if name == "total"]
    assert "todo" in statuses
    assert statuses[-1] == "passed"


def test_a_folder_that_disappears_is_said(watch):
    kept = watch.folder.root / "kept"
    shown = watch(lambda: watch.folder.exercises_dir.rename(kept), ("saved", ""))
    assert "does not exist" in shown[-1][3]


def test_keys_turn_pages_and_show_hints(watch):
    shown = watch(*(("key", key) for key in "hhhhlloox"))
    assert [hints for *_, hints in shown][-9:] == [1, 2, 3, 3, 3, 3, 3, 3, 3]
    assert [page for *_, page, _ in shown][-5:] == [
        "list",
        "exercise",
        "lesson",
        "exercise",
        "exercise",
    ]
    assert load_progress(watch.folder).hints_seen == {"ch01_sums.total": 3}


def test_a_newer_save_ends_what_is_being_graded(folder, launcher):
    screen = Recorder()
    watched = Watch(folder, Grader(folder, launcher=launcher), screen)
    threading.Timer(1.0, lambda: watched.events.put(("key", "q"))).start()
    slow = "import time\n" + (folder.exercises_dir / "ch01_sums.py").read_text()
    slow += "\n\ndef total(x):\n    time.sleep(0.5)\n    return x.sum()\n"
    (folder.exercises_dir / "ch01_sums.py").write_text(slow)
    watched.submission = watched._settled()
    start = time.monotonic()
    watched.run()
    assert time.monotonic() - start < PATIENCE
    assert "ch01_sums.total" not in watched.results


# Screens.


def drawn(view, screen=Page, terminal=True):
    file = io.StringIO()
    console = Console(file=file, width=80, force_terminal=terminal, highlight=False)
    (screen(console, True) if screen is Page else screen(console)).show(view)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", file.getvalue())


@pytest.fixture
def view(pack):
    states = dict.fromkeys((e.id for e in pack.exercises), "todo")
    return View(pack, states, next(iter(pack.exercises)))


def test_the_page_shows_chapters_the_exercise_and_the_keys(view):
    view.states["ch01_sums.mean"] = "passed"
    text = drawn(view)
    assert "A miniature workshop   1 of 5" in text
    assert re.search(r"> ch01_sums +━+ +1 of 3", text)
    assert "ch01_sums.total  The sum of all entries" in text
    assert "[h] hint   [n] next   [l] list   [o] lesson   [q] quit" in text


def test_the_page_shows_hints_one_by_one_and_notes(view):
    view.hints, view.note = 2, "gone\x1b[2J"
    text = drawn(view)
    assert "hint 2    Second hint for total." in text
    assert "Last hint" not in text
    assert "Note: gone" in text


def test_other_pages(view):
    view.page = "list"
    assert "ch02_shapes.relu_jit" in drawn(view)
    view.page = "lesson"
    assert "keys" not in drawn(view)
    view.page, view.current = "exercise", None
    assert "Well done" in drawn(view)


def test_without_a_terminal_there_is_a_line_for_every_verdict(watch):
    watch()
    text = drawn(watch.watch.view, Lines, terminal=False)
    assert text.strip().endswith("ch01_sums.total: passed")


# The real command.


@pytest.fixture
def watching(mini, environment, solutions):
    """`python -m grader watch` on the miniature pack, and `expect(words)`: the next line with them."""
    for name, text in solutions.items():
        (mini / "exercises" / f"{name}.py").write_text(text)
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "grader", "watch"],
        cwd=mini,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(process.stdout))
    reader.start()
    seen = [0]

    def expect(words):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            for index in range(seen[0], len(lines)):
                if words in lines[index]:
                    seen[0] = index + 1
                    return lines[index]
            time.sleep(0.02)
        raise AssertionError(f"no line with {words!r} in {lines[seen[0] :]}")

    yield mini, expect, process
    process.kill()
    process.wait()
    reader.join()
    process.stdout.close()


def test_saves_of_every_kind_are_noticed(watching, solutions):
    mini, expect, process = watching
    path = mini / "exercises" / "ch01_sums.py"
    expect("total: passed")
    path.write_text(solutions["ch01_sums"] + WRONG)
    expect("ch01_sums.mean: ")
    temporary = path.with_suffix(".tmp")  # as editors do
    temporary.write_text(solutions["ch01_sums"])
    os.replace(temporary, path)
    expect("mean: passed")
    folder = mini / "exercises"
    folder.rename(mini / "moved")
    expect("is gone")
    (mini / "moved").rename(folder)
    path.write_text(solutions["ch01_sums"] + WRONG)
    expect("ch01_sums.mean: ")
    assert process.poll() is None


@pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo-terminals")
def test_keys_in_a_real_terminal(mini, environment):
    import pty

    mine, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", "watch"],
        cwd=mini,
        env=environment | {"TERM": "xterm", "COLUMNS": "80", "LINES": "40"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    said = bytearray()

    def until(words):
        while words not in said:
            said.extend(os.read(mine, 4096))
        said.clear()

    watchdog = threading.Timer(PATIENCE, process.kill)
    watchdog.start()
    try:
        until(b"quit")
        for key, words in ((b"h", b"First hint for total."), (b"l", b"ch02_shapes.relu_jit")):
            os.write(mine, key)
            until(words)
        os.write(mine, b"q")
        with contextlib.suppress(OSError):  # the terminal is closed at the other end
            until(b"no such words")
        assert process.wait() == 0
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()
        os.close(mine)


def test_a_state_file_that_is_broken_is_said_and_kept(cli, mini):
    path = mini / "exercises" / FILENAME
    for text, words in (("{", "cannot be read"), ('{"version": 99}', "newer version")):
        path.write_text(text)
        assert words in cli("list", cwd=mini, code=0).stderr
        cli("hint", "ch01_sums.mean", cwd=mini, code=0)
        assert path.with_name(f"{FILENAME}.bak").read_text() == text
        assert load_progress(load_pack(mini)).problem == ""


def test_a_solution_is_shown_once_the_answer_has_passed(cli, mini, solutions):
    path = mini / "exercises" / "ch01_sums.py"
    refused = cli("solution", "ch01_sums.total", cwd=mini, code=2)
    assert "is todo" in refused.stderr
    assert "return" not in refused.stdout
    path.write_text(solutions["ch01_sums"])
    cli("--student", "--only", "ch01_sums.total", cwd=mini, code=0)
    shown = cli("solution", "ch01_sums.total", cwd=mini, code=0).stdout
    assert shown.strip() == definition(solutions["ch01_sums"], "total").strip()
    path.write_text(solutions["ch01_sums"] + "\n\ndef total(x):\n    return x.max()\n")
    refused = cli("solution", "ch01_sums.total", cwd=mini, code=2)
    assert "has changed since it was graded" in refused.stderr
