"""Files are written whole or not at all."""

import os

import pytest

from grader.errors import UsageError
from grader.files import check_place, write_whole


def test_a_file_is_written_and_replaced(tmp_path):
    path = tmp_path / "report.json"
    for text in ("one", "two \u00fc"):
        write_whole(path, text)
        assert path.read_text(encoding="utf-8") == text
    assert os.listdir(tmp_path) == ["report.json"]


def test_what_cannot_be_written_leaves_the_old_file(tmp_path):
    path = tmp_path / "report.json"
    write_whole(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "new \ud800")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["report.json"]


PLACES = ["nowhere/report.json", "folder", "file/report.json", f"{'n' * 250}.json"]


@pytest.mark.parametrize("place", PLACES)
def test_a_place_that_cannot_be_written_is_a_wrong_request(tmp_path, place):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        write_whole(tmp_path / place, "text")
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


@pytest.mark.parametrize("place", PLACES)
def test_a_place_is_tried_before_the_work(tmp_path, place):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    check_place(tmp_path / "folder" / "report.json")
    with pytest.raises(UsageError, match="cannot be written"):
        check_place(tmp_path / place)
