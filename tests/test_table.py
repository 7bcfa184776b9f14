"""A table of bytes that processes share."""

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from grader import table
from grader.table import Table


def test_those_who_make_the_file_at_once_share_it(tmp_path):
    for attempt in range(10):
        path = tmp_path / f"{attempt}.sqlite"
        barrier = threading.Barrier(8)

        def fill(key, path=path, barrier=barrier):
            barrier.wait()
            shared = Table(path)
            shared.add(key, b"from " + key)
            shared.save()

        keys = [b"%d" % number for number in range(8)]
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(fill, keys))
        shared = Table(path)
        assert [shared.get(key) for key in keys] == [b"from " + key for key in keys]


def test_an_entry_is_there_once_it_is_saved(tmp_path):
    first, second = (Table(tmp_path / "a.sqlite") for _ in range(2))
    first.add(b"key", b"value")
    assert second.get(b"key") is None
    first.save()
    assert second.get(b"key") == b"value"
    second.add(b"key", b"other")
    second.save()
    assert first.get(b"key") == b"other"


def test_a_file_that_cannot_be_used_is_as_good_as_none(tmp_path):
    (tmp_path / "folder.sqlite").mkdir()
    (tmp_path / "nonsense.sqlite").write_bytes(b"nonsense" * 1000)
    start = time.monotonic()
    for path in (
        None,
        tmp_path / "folder.sqlite",
        tmp_path / "nonsense.sqlite",
        tmp_path / "no" / "folder",
    ):
        shared = Table(path)
        shared.add(b"key", b"value")
        shared.save()
        assert shared.get(b"key") is None
    assert time.monotonic() - start < table._BUSY_SECONDS  # nobody waits for what is not busy


def test_a_full_table_starts_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(table, "_MOST", 2)
    shared = Table(tmp_path / "a.sqlite")
    for key in (b"a", b"b", b"c", b"d"):
        shared.add(key, b"value")
        shared.save()
    assert shared.get(b"d") == b"value"
    assert shared.get(b"a") is None


def test_what_is_no_bytes_is_no_entry(tmp_path):
    shared = Table(tmp_path / "a.sqlite")
    shared.add(b"key", b"value")
    shared.save()
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as connection, connection:
        connection.execute("UPDATE entries SET value = 'text'")
    assert shared.get(b"key") is None
