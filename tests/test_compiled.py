"""Programs compiled before: whole or not at all, by name only, and written by trusted workers alone."""

import os
import sys
from pathlib import Path

import cloudpickle
import pytest

from grader.worker import compiled, linux
from grader.worker.compiled import Shelf, find_folder
from grader.worker.launcher import Launcher

cloudpickle.register_pickle_by_value(sys.modules[__name__])

CHAPTER = """
import os
import jax
import jax.monitoring

hits = []
jax.monitoring.register_event_listener(lambda name, **_: hits.append(name))


def cosine_sum(n):
    return float(jax.jit(lambda x: jax.numpy.cos(x).sum())(jax.numpy.arange(float(n))))


def hit():
    return sum(name.endswith("cache_hits") for name in hits)


def tried(action, folder):
    try:
        found = os.listdir(folder) if action == "list" else open(folder + "/new", "w")
    except OSError as error:
        return type(error).__name__
    return "done"
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    return find_folder()


def test_an_entry_is_kept_under_the_digest_in_its_key(tmp_path):
    shelf = Shelf(str(tmp_path))
    assert shelf.get("jit_f-0123") is None
    shelf.put("jit_f-0123", b"program")
    assert shelf.get("jit_f-0123") == b"program"
    assert shelf.get("../jit_g-0123") == b"program"  # names of functions do not count
    assert [path.name for path in tmp_path.iterdir()] == ["0123"]


def test_what_cannot_be_written_is_let_go():
    Shelf("/nonexistent").put("jit_f-0123", b"program")
    assert Shelf("/nonexistent").get("jit_f-0123") is None


def test_the_folder_is_the_users_alone(folder):
    assert folder.stat().st_mode & 0o777 == 0o700
    assert find_folder() == folder
    folder.chmod(0o770)
    assert find_folder() is None


@pytest.mark.skipif(not hasattr(os, "chown") or os.geteuid() != 0, reason="needs root")
def test_a_folder_of_someone_else_is_not_used(folder):
    os.chown(folder, 65534, 65534)
    assert find_folder() is None


def test_a_place_that_cannot_be_had_is_done_without(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(sys, "platform", "linux")
    assert find_folder() is None


def test_a_folder_that_has_grown_too_large_is_emptied(folder, monkeypatch):
    monkeypatch.setattr(compiled, "_MOST_ENTRIES", 3)
    for name in "abc":
        (folder / name).write_text("x")
    assert len(list(find_folder().iterdir())) == 3
    (folder / "d").write_text("x")
    assert list(find_folder().iterdir()) == []


def test_this_version_of_jax_has_the_place_where_a_cache_is_offered():
    from jax._src import compilation_cache

    assert callable(compilation_cache.get_file_cache)


@pytest.mark.skipif(not linux.known(), reason="needs Linux on x86-64 or aarch64")
def test_trusted_workers_fill_the_folder_and_others_find_what_they_can_name(folder):
    launcher = Launcher([Path(__file__).parent])

    def ask(worker, probe):
        call = {"op": "call", "probe": cloudpickle.dumps(probe), "args": cloudpickle.dumps(())}
        return worker.start(call | {"compile": False, "timed": False}, 60).result().value

    def worker(trusted):
        started = launcher.start(trusted=trusted)
        texts = {"chapter": ["chapter.py", CHAPTER]}
        settings = {
            "stand_ins": [],
            "stand_in_code": b"",
            "devices": 1,
            "x64": False,
            "optimised": False,
        }
        loaded = started.load({"chapter": "chapter", "texts": texts} | settings, 60)
        assert loaded.kind == "value"
        return started

    try:
        reference, answer = worker(True), worker(False)
        total = ask(reference, lambda m: m.cosine_sum(5))
        kept = set(folder.iterdir())
        assert kept
        assert ask(answer, lambda m: m.cosine_sum(5)) == total
        assert ask(answer, lambda m: m.hit()) > 0
        before = ask(answer, lambda m: m.hit())
        ask(answer, lambda m: m.cosine_sum(6))  # which nobody has compiled before
        assert set(folder.iterdir()) == kept
        assert ask(answer, lambda m: m.hit()) <= before + 1
        where = str(folder)
        assert ask(answer, lambda m: m.tried("list", where)) == "PermissionError"
        assert ask(answer, lambda m: m.tried("write", where)) == "PermissionError"
        reference.stop()
        answer.stop()
    finally:
        launcher.close()
