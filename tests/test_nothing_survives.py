"""However the grader ends, no process of a submission outlives it, and no file of one is left."""

import os
import signal
import subprocess
import sys
import time

import pytest
from attacks import settings
from family import descendants, gone, ignores, state

PACK = settings.HERE / "pack"
HANGS = """\
import signal

for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
    signal.signal(number, signal.SIG_IGN)


def double(x):
    while True:
        pass
"""
STOPS = """\
import signal


def double(x):
    signal.raise_signal(signal.SIGSTOP)
"""
PATIENCE = 120  # seconds that nothing needs
SOON = 20


@pytest.fixture
def hanging(tmp_path):
    """`hanging(source, setting)`: a grader, all its processes, while a call of `source` does not end."""
    started = []

    def hanging(source, setting):
        if settings.obstacle(setting):
            pytest.skip(settings.obstacle(setting))
        (tmp_path / "ch01_target.py").write_text(source)
        command = ["-m", "grader", "--student", str(tmp_path), "--pack", str(PACK)]
        command += ["--timeout", str(PATIENCE), "--require-isolation", "PROCESS-ONLY"]
        grader = subprocess.Popen(
            [*settings.SETTINGS[setting](), sys.executable, *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=settings.environment(),
            cwd="/",
        )
        started.append(grader)
        end = time.monotonic() + PATIENCE
        while not any(map(_is_lost, found := descendants(grader.pid))):
            assert grader.poll() is None, grader.stdout.read()
            assert time.monotonic() < end
            time.sleep(0.05)
        return grader, found

    yield hanging
    for grader in started:
        grader.kill()
        grader.communicate()


def _is_lost(pid):
    """Whether a process has been stopped, or runs the code that ignores all signals."""
    return state(pid) == "T" or ignores(pid, signal.SIGUSR1)


@pytest.mark.parametrize(
    ("source", "setting"),
    [
        (HANGS, "root"),
        (STOPS, "root"),
        (HANGS, "without namespaces and Landlock"),
        (HANGS, "without anything"),
    ],
    ids=["hanging", "stopped", "without namespaces", "without anything"],
)
def test_a_killed_grader_leaves_no_process_behind(hanging, source, setting):
    grader, family = hanging(source, setting)
    grader.kill()
    assert [pid for pid in family if not gone(pid, SOON)] == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_terminated_grader_leaves_no_process_behind(hanging, number):
    grader, family = hanging(HANGS, "root")
    grader.send_signal(number)
    assert grader.wait(SOON) != 0
    assert [pid for pid in family if not gone(pid, SOON)] == []


def test_an_interrupted_grader_shows_what_it_has_and_leaves_nothing_behind(hanging, tmp_path):
    grader, family = hanging(HANGS, "root")
    grader.send_signal(signal.SIGINT)
    said = grader.communicate(timeout=SOON)[0]
    assert "Interrupted: what had been graded is shown." in said
    assert grader.returncode not in (0, 3)
    assert [pid for pid in family if not gone(pid, SOON)] == []
    assert os.listdir(tmp_path) == ["ch01_target.py"]
