"""Submissions: which files are read, and what is said about the others."""

import os
from pathlib import Path

import pytest

from grader import submission as module
from grader.errors import UsageError
from grader.submission import MAX_SIZE, read_chapter, read_submission, submission_of_texts


def test_files_at_the_top_are_found(pack, tmp_path):
    (tmp_path / "ch01_sums.py").write_text("x = 1\n")
    submission = read_submission(tmp_path, pack)
    assert list(submission.files) == ["ch01_sums"]
    assert submission.texts["ch01_sums"] == ("ch01_sums.py", "x = 1\n")
    assert submission.warnings == ()


def test_files_one_folder_down_are_found(pack, tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "ch01_sums.py").write_text("x = 1\n")
    (tmp_path / "ch02_shapes.py").write_text("y = 1\n")
    assert set(read_submission(tmp_path, pack).files) == {"ch01_sums", "ch02_shapes"}


@pytest.mark.parametrize("folder", ["a/b", ".hidden", "__MACOSX"])
def test_files_elsewhere_are_not_found(pack, tmp_path, folder):
    (tmp_path / folder).mkdir(parents=True)
    (tmp_path / folder / "ch01_sums.py").write_text("x = 1\n")
    assert read_submission(tmp_path, pack).files == {}


def test_a_linked_folder_is_not_followed(pack, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "ch01_sums.py").write_text("x = 1\n")
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "link").symlink_to(tmp_path / "outside")
    assert read_submission(tmp_path / "inside", pack).files == {}


def test_the_file_at_the_top_comes_first_and_the_other_is_named(pack, tmp_path):
    (tmp_path / "old").mkdir()
    for folder, text in ((tmp_path, "top"), (tmp_path / "old", "down")):
        (folder / "ch01_sums.py").write_text(text)
    submission = read_submission(tmp_path, pack)
    assert submission.files["ch01_sums"].text == "top"
    assert submission.warnings == (
        f"ch01_sums.py is graded; {os.path.join('old', 'ch01_sums.py')} is not.",
    )


def test_a_folder_without_chapters_is_said_so(pack, tmp_path):
    (warning,) = read_submission(tmp_path, pack).warnings
    assert "ch01_sums.py" in warning


def test_a_folder_that_does_not_exist_is_a_wrong_request(pack, tmp_path):
    with pytest.raises(UsageError, match="does not exist"):
        read_submission(tmp_path / "nowhere", pack)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        read_submission(tmp_path / "file", pack)


def unreadable(path, kind):
    """Put at `path` something that is no chapter."""
    if kind == "folder":
        path.mkdir()
    elif kind == "broken link":
        path.symlink_to(path.with_name("nowhere"))
    elif kind == "link":
        path.with_name("real.py").write_text("x = 1\n")
        path.symlink_to(path.with_name("real.py"))
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "large":
        with path.open("wb") as file:
            file.truncate(200 * 2**20)
    else:
        contents = {
            "empty": b"",
            "blank": b" \n\t\n",
            "latin-1": b"x = '\xfc'\n",
            "utf-16": "x = 1\n".encode("utf-16"),
            "null": b"x = 1\x00\n",
        }
        path.write_bytes(contents[kind])


@pytest.mark.parametrize(
    ("kind", "problem"),
    [
        ("folder", "is a folder"),
        ("broken link", "is a symbolic link"),
        ("link", "is a symbolic link"),
        ("pipe", "is no regular file"),
        ("large", "has 209,715,200 bytes; a chapter has at most 1,048,576"),
        ("empty", "is empty"),
        ("blank", "is empty"),
        ("latin-1", "is not UTF-8 text (byte 5)"),
        ("utf-16", "is not UTF-8"),
        ("null", "null bytes"),
    ],
)
def test_what_is_no_chapter_becomes_a_problem(pack, tmp_path, kind, problem):
    unreadable(tmp_path / "ch01_sums.py", kind)
    (tmp_path / "ch02_shapes.py").write_text("x = 1\n")
    submission = read_submission(tmp_path, pack)
    assert problem in submission.files["ch01_sums"].problem
    assert submission.files["ch01_sums"].problem.startswith("ch01_sums.py")
    assert list(submission.texts) == ["ch02_shapes"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_becomes_a_problem(tmp_path):
    path = tmp_path / "ch01_sums.py"
    path.write_text("x = 1\n")
    path.chmod(0)
    assert "cannot be read" in read_chapter(path).problem


def test_a_file_of_the_largest_size_is_read(tmp_path):
    path = tmp_path / "ch01_sums.py"
    path.write_bytes(b"#" * MAX_SIZE)
    assert read_chapter(path).problem == ""
    path.write_bytes(b"#" * (MAX_SIZE + 1))
    assert "at most" in read_chapter(path).problem


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    path = tmp_path / "ch01_sums.py"
    path.write_bytes(b"\xef\xbb\xbfx = 1\n")
    assert read_chapter(path).text == "x = 1\n"


def test_a_submission_can_be_made_of_texts():
    submission = submission_of_texts("label", {"ch01_sums": "x = 1\n"})
    assert submission.label == "label"
    assert submission.texts == {"ch01_sums": ("ch01_sums.py", "x = 1\n")}


@pytest.mark.parametrize("kind", ["link", "broken link", "pipe", "folder"])
def test_what_takes_a_files_place_after_the_first_look_is_not_read(tmp_path, monkeypatch, kind):
    (tmp_path / "plain").write_text("x")
    plain = (tmp_path / "plain").lstat()
    path = tmp_path / "ch01_sums.py"
    unreadable(path, kind)
    monkeypatch.setattr(Path, "lstat", lambda self: plain)
    problem = read_chapter(path).problem
    assert (
        "cannot be read" in problem or "is no regular file" in problem or "is a folder" in problem
    )


def test_a_file_that_grows_after_the_first_look_is_no_chapter(tmp_path, monkeypatch):
    path = tmp_path / "ch01_sums.py"
    path.write_bytes(b"#" * (MAX_SIZE + 1))
    opened = module.open_plain
    monkeypatch.setattr(module, "open_plain", lambda path: (opened(path)[0], 5))
    assert "at most" in read_chapter(path).problem


@pytest.mark.parametrize("limit", ["_MAX_ENTRIES", "_MAX_FOLDERS"])
def test_of_a_huge_folder_a_part_is_looked_at(pack, tmp_path, monkeypatch, limit):
    monkeypatch.setattr(module, limit, 3)
    for number in range(5):
        (tmp_path / f"f{number}").mkdir()
    (tmp_path / "ch01_sums.py").write_text("x = 1\n")
    submission = read_submission(tmp_path, pack)
    assert list(submission.texts) == ["ch01_sums"]
    assert "there are more" in submission.warnings[0]
    assert "in 3 folders" in submission.warnings[0] or limit == "_MAX_ENTRIES"


def test_a_debugger_gets_the_path_and_a_worker_the_name(pack, tmp_path):
    (tmp_path / "ch01_sums.py").write_text("x = 1\n")
    submission = read_submission(tmp_path, pack)
    path = str(tmp_path / "ch01_sums.py")
    assert submission.texts_with_paths["ch01_sums"] == (path, "x = 1\n")
    assert submission.texts["ch01_sums"] == ("ch01_sums.py", "x = 1\n")


@pytest.mark.parametrize("path", ["a" * 5000, "a\0b", "\udcff"])
def test_a_path_that_cannot_be_is_a_wrong_request(pack, path):
    with pytest.raises(UsageError, match="does not exist"):
        read_submission(Path(path), pack)
