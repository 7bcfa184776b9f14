"""The store of a class: what is kept stays, and what is no store is said to be none."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from grader.batch.entries import Learner
from grader.batch.store import FILENAME, Store
from grader.batch.terms import Terms
from grader.errors import UsageError
from grader.submission import ChapterFile, Submission, submission_of_texts, unpacked

TERMS = Terms("mini", "d1g35t", 0, 20.0, ("jax 0.10",))
ADA = Learner("Ada Lovelace", "1815", "ada@example.org", "ada")


def report(score=1.0):
    """A small report of schema 1."""
    check = {"name": "adds", "misconception": "an idea" if score < 1 else None}
    exercise = {
        "id": "ch01_sums.total",
        "status": "passed" if score == 1 else "failed",
        "score": score,
        "max_score": 1.0,
        "checks": [check],
    }
    return {
        "score": score,
        "max_score": 1.0,
        "duration_s": 0.5,
        "isolation": {"level": "FULL"},
        "started": "2026-01-01T00:00:00Z",
        "exercises": [exercise],
    }


@pytest.fixture
def store(tmp_path):
    with Store.create(tmp_path / "out") as store:
        store.agree(TERMS)
        yield store


def test_a_submission_and_its_report_come_back(store):
    submission = submission_of_texts("x", {"ch01_sums": "def total(x): ...\n"})
    digest = store.register("ada", "ada.zip", ADA, submission)
    (entry,) = store.entries()
    assert (entry.name, entry.source, entry.learner, entry.digest) == (
        *("ada", "ada.zip", ADA, digest),
    )
    assert entry.graded is None
    store.keep(digest, TERMS, report(0.5))
    (entry,) = store.entries()
    assert entry.graded.score == 0.5
    assert entry.graded.verdicts["ch01_sums.total"].misconception == "an idea"
    assert store.report("ada") == report(0.5) | {"submission": "ada"}
    assert store.texts("ada") == {"ch01_sums": "def total(x): ...\n"}


def test_names_nobody_has_used(store):
    for ask in (store.report, store.texts, store.submission):
        with pytest.raises(KeyError):
            ask("nobody")


def test_identical_submissions_share_a_report(store):
    submission = submission_of_texts("x", {"ch01_sums": "text"})
    first = store.register("ada", "a", ADA, submission)
    assert store.register("bob", "b", Learner(), submission) == first
    store.keep(first, TERMS, report())
    assert [entry.graded.score for entry in store.entries()] == [1.0, 1.0]
    assert store.report("bob")["submission"] == "bob"


def test_other_terms_have_other_reports(store):
    digest = store.register("ada", "a", ADA, submission_of_texts("x", {"c": "text"}))
    store.keep(digest, TERMS, report())
    other = Terms("mini", "d1g35t", 1, 20.0, ("jax 0.10",))
    assert not store.agrees(other)
    store.agree(other)
    assert store.entries()[0].graded is None
    with pytest.raises(KeyError):
        store.report("ada")
    store.agree(TERMS)
    assert store.report("ada")["score"] == 1.0


def test_another_pack_is_refused(store):
    with pytest.raises(UsageError, match=r"mini.*other"):
        store.agree(Terms("other", "", 0, 20.0, ()))


def test_what_is_there_is_found_again(tmp_path, store):
    digest = store.register("ada", "a", ADA, submission_of_texts("x", {"c": "text"}))
    store.keep(digest, TERMS, report())
    store.close()
    with Store.open(tmp_path / "out") as again:
        assert again.pack_name == "mini"
        assert again.entries()[0].graded.score == 1.0


def test_a_folder_without_a_store(tmp_path):
    with pytest.raises(UsageError, match=r"holds no results\.sqlite"):
        Store.open(tmp_path)


def test_a_file_that_is_no_store(tmp_path):
    (tmp_path / FILENAME).write_text("no database\n" * 100)
    with pytest.raises(UsageError, match="move it away"):
        Store.open(tmp_path)


def test_a_store_cut_in_half(tmp_path, store):
    for number in range(200):
        store.register(
            f"n{number}", "a", ADA, submission_of_texts("x", {"c": f"text {number}" * 99})
        )
    store.close()
    path = tmp_path / "out" / FILENAME
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UsageError, match="move it away"):
        _read_all(tmp_path / "out")


def _read_all(folder):
    with Store.open(folder) as store:
        return [store.texts(entry.name) for entry in store.entries()]


def test_a_newer_store(tmp_path, store):
    store.close()
    with closing(sqlite3.connect(tmp_path / "out" / FILENAME)) as connection, connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(UsageError, match="version 99"):
        Store.open(tmp_path / "out")


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be made"):
        Store.create(tmp_path / "file" / "out")


KILLED = """
import os, sys
from pathlib import Path
from grader.batch.entries import Learner
from grader.batch.store import Store
from grader.submission import submission_of_texts
store = Store.create(Path(sys.argv[1]))
for number in range(20):
    store.register(f"n{number:02}", "a", Learner(), submission_of_texts("x", {"c": str(number)}))
os.kill(os.getpid(), 9)
"""


def test_what_was_kept_survives_a_kill(tmp_path, environment):
    command = [sys.executable, "-c", KILLED, tmp_path / "out"]
    assert subprocess.run(command, env=environment, timeout=60).returncode == -9
    with Store.open(tmp_path / "out") as store:
        assert [entry.name for entry in store.entries()] == [f"n{n:02}" for n in range(20)]


# What is kept of a submission.


def test_packing_and_unpacking():
    files = {
        "ch01_sums": ChapterFile(Path("a/b/ch01_sums.py"), "text é \ud800"),
        "ch02_shapes": ChapterFile(Path("ch02_shapes.py"), problem="is a folder"),
    }
    submission = Submission("label", files, ("a warning",))
    again = unpacked(submission.packed(), "other")
    assert again.label == "other"
    assert again.warnings == submission.warnings
    assert again.texts == {"ch01_sums": ("ch01_sums.py", "text é \ud800")}
    assert again.files["ch02_shapes"].problem == "is a folder"
    assert again.digest == submission.digest


def test_digests_tell_contents_apart():
    one = submission_of_texts("x", {"a": "1", "b": "2"})
    assert one.digest == submission_of_texts("y", {"b": "2", "a": "1"}).digest
    assert one.digest != submission_of_texts("x", {"a": "2", "b": "1"}).digest
    assert one.digest != Submission("x", one.files, ("a warning",)).digest
    assert len(json.dumps(one.digest)) == 66
