"""What the reference replied is kept from run to run, under all that it rests on."""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from grader import kept as kept_module
from grader import table
from grader.kept import Kept
from grader.memory import ReferenceMemory
from grader.model import Outcome
from grader.session import Grader
from grader.submission import submission_of_texts
from grader.worker import wire
from grader.worker.compiled import own_folder
from grader.worker.places import find_places
from grader.worlds import World, Worlds

WORLD = World("reference", "ch01_sums")
CALL = b"\x01" * 32


def reply(values, kind="value"):
    """A frame as a worker sends it, and the outcome in it."""
    array = np.asarray(values, np.float32)
    node = ["array", "jax", "float32", [len(array)], 0]
    head, *body = wire.pack(
        {"nonce": b"n", "kind": kind, "value": node, "buffers": [array.tobytes()]}, wire.REPLY
    )
    found = head[wire.PREFIX.size :], memoryview(b"".join(map(bytes, body)))
    return found, Outcome("value", wire.Array("jax", array))


def keep(folder, terms="a", world=WORLD, values=(1, 2)):
    frame, outcome = reply(values)
    kept = Kept(folder, terms)
    memory = ReferenceMemory(kept=kept)
    memory.keep(world, CALL, outcome, frame)
    memory.save()


def get(folder, terms="a", world=WORLD, call=CALL):
    return ReferenceMemory(kept=Kept(folder, terms)).get(world, call)


def test_a_reply_is_found_in_the_next_run(tmp_path):
    assert get(tmp_path) is None
    keep(tmp_path)
    found = get(tmp_path)
    assert found.kind == "value"
    assert found.value.values.tolist() == [1, 2]


@pytest.mark.parametrize(
    "other",
    [
        {"terms": "b"},
        {"world": World("reference", "ch01_sums", x64=True)},
        {"call": b"\x02" * 32},
    ],
)
def test_a_reply_rests_on_all_of_its_circumstances(tmp_path, other):
    keep(tmp_path)
    assert get(tmp_path) is not None
    assert get(tmp_path, **other) is None


def test_a_reply_rests_on_the_graders_code(tmp_path, monkeypatch):
    keep(tmp_path)
    monkeypatch.setattr(kept_module, "own_digest", lambda: "changed")
    assert get(tmp_path) is None


def test_only_values_are_kept(tmp_path):
    kept = Kept(tmp_path, "a")
    memory = ReferenceMemory(kept=kept)
    frame, _ = reply([1])
    for kind in ("raised", "timed out", "crashed"):
        memory.keep(WORLD, CALL, Outcome(kind), frame)
    memory.save()
    assert get(tmp_path) is None


def test_nothing_is_kept_without_a_folder():
    keep(None)
    assert get(None) is None


def spoil(folder, what):
    path = folder / "replies.sqlite"
    if what == "no database":
        for file in folder.iterdir():
            file.unlink()
        path.write_bytes(b"nonsense" * 1000)
    else:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(what)


@pytest.mark.parametrize(
    "what",
    [
        "no database",
        "DROP TABLE entries",
        "UPDATE entries SET value = x'00'",
        "UPDATE entries SET value = x'93c40100c40100a0'",  # a head and a body that are none
        "UPDATE entries SET value = substr(value, 1, 40)",
        "UPDATE entries SET value = 'text'",
        "UPDATE entries SET value = NULL",
    ],
)
def test_a_spoilt_file_is_as_good_as_none(tmp_path, what):
    keep(tmp_path)
    spoil(tmp_path, what)
    assert get(tmp_path) is None
    keep(tmp_path)  # and nothing is raised


def test_a_full_file_starts_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "_MOST", 2)
    for terms in "abcd":
        keep(tmp_path, terms)
    assert get(tmp_path, "d") is not None
    assert get(tmp_path, "a") is None


def test_a_second_run_does_not_ask_the_reference(pack, solutions, launcher, tmp_path, monkeypatch):
    asked = []
    worker = Worlds._worker
    monkeypatch.setattr(Worlds, "_worker", lambda s, w: asked.append(w.role) or worker(s, w))
    submission = submission_of_texts("one", solutions)
    reports = []
    for _ in range(2):
        asked.clear()
        memory = ReferenceMemory(kept=Kept(tmp_path, "a"))
        grader = Grader(pack, timeout=60.0, memory=memory, launcher=launcher)
        reports.append(grader.grade(submission, pack.select(["ch01_sums"])))
        assert ("reference" in asked) == (len(reports) == 1)
        assert "answer" in asked
    assert all(report.all_passed for report in reports)
    wrong = submission_of_texts("two", {"ch01_sums": "def total(x):\n    return x.max()\n"})
    report = grader.grade(wrong, pack.select(["ch01_sums.total"]))
    assert report.exercises[0].status == "failed"


def test_the_file_is_out_of_reach_of_workers(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    keep(own_folder("reference"))
    (file,) = tmp_path.rglob("replies.sqlite")
    places = find_places([])
    assert places.compiled
    for place in (*places.readable, places.compiled):
        assert Path(place) not in (file, *file.parents)
