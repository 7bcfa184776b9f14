"""What the tests share: the miniature pack, one warm zygote, the real command in a subprocess."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.manifest import load_pack
from grader.session import Grader
from grader.submission import submission_of_texts
from grader.worker.launcher import Launcher

collect_ignore = ["packs", "answers", "attacks"]  # material for the tests, not tests

REPOSITORY = Path(__file__).parents[1]
MINI = Path(__file__).parent / "packs" / "mini"
DEADLINE = 240  # seconds that no command needs, even on a machine with much else to do


@pytest.fixture
def mini(tmp_path):
    """The root of a fresh copy of the miniature pack, for the test to change as it likes."""
    return shutil.copytree(MINI, tmp_path / "mini")


@pytest.fixture(scope="session")
def pack(tmp_path_factory):
    """The miniature pack, shared: not to be changed."""
    return load_pack(shutil.copytree(MINI, tmp_path_factory.mktemp("shared") / "mini"))


@pytest.fixture(scope="session")
def launcher():
    """A launcher whose zygote stays warm over all tests."""
    launcher = Launcher()
    launcher.warm()
    yield launcher
    launcher.close()


@pytest.fixture(scope="session")
def grader(pack, launcher):
    """A grader of the miniature pack, on the warm zygote."""
    return Grader(pack, launcher=launcher)


@pytest.fixture(scope="session")
def solutions(pack):
    """Chapter names and the text of their solutions."""
    return {c.name: (pack.solutions_dir / c.filename).read_text() for c in pack.chapters}


@pytest.fixture(scope="session")
def grade(grader, pack, solutions):
    """`grade(ch01_sums="text", only=["ch01"])`: results by name; other chapters are solved.

    A text that starts with "+" is put after the solution, so that it replaces one name.
    """

    def grade(only=(), seed=0, timeout=60.0, **texts):
        whole = {n: solutions[n] + t[1:] if t.startswith("+") else t for n, t in texts.items()}
        grader.seed, grader.timeout = seed, timeout
        chosen = pack.select(only or texts)
        report = grader.grade(submission_of_texts("a test", solutions | whole), chosen)
        return {result.name: result for result in report.exercises}

    return grade


@pytest.fixture(scope="session")
def environment():
    """The environment of a command: this one's without what would change the output."""
    drop = ("PYTEST", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "TTY_", "CI", "PYTHONPATH", "COV_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(drop)}
    return kept | {"PYTHONPATH": str(REPOSITORY), "PYTHONIOENCODING": "utf-8", "TERM": "dumb"}


@pytest.fixture(scope="session")
def run(environment):
    """`run(*arguments, cwd=..., env=..., stdin=...)`: a finished Python process and its output."""

    def run(*arguments, cwd, env=None, stdin="", code=None):
        done = subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=cwd,
            env=environment | (env or {}),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
        )
        if code is not None:
            assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
        return done

    return run


@pytest.fixture(scope="session")
def cli(run):
    """`cli(*arguments, cwd=..., code=...)`: `python -m grader` with these arguments."""
    return lambda *arguments, **options: run("-m", "grader", *arguments, **options)
