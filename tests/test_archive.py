"""Archives: ordinary ones are read like the folder that they hold, bad ones are refused with a reason."""

import io
import os
import zipfile

import pytest
from archives import SHAPES, SUMS, TEXTS, assembled, info, malformed, member, ordinary, zipped

from grader import archive
from grader.errors import UsageError
from grader.submission import MAX_SIZE, read_archive, read_submission

EMPTY = b"PK\5\6" + b"\0" * 18
ORDINARY = ordinary()
MALFORMED = malformed()


def read(data, pack):
    return read_archive(data, "answers.zip", pack)


@pytest.mark.parametrize("kind", ORDINARY)
def test_ordinary_archives_are_read(pack, tmp_path, kind):
    path = tmp_path / "Answers.ZIP"
    path.write_bytes(ORDINARY[kind])
    for submission in (read(ORDINARY[kind], pack), read_submission(path, pack)):
        texts = dict(submission.texts.values())
        assert texts == TEXTS
        assert submission.warnings == ()


@pytest.mark.parametrize("kind", ORDINARY)
def test_an_archive_is_read_like_the_folder_that_it_holds(pack, tmp_path, kind):
    with zipfile.ZipFile(io.BytesIO(ORDINARY[kind])) as whole:
        whole.extractall(tmp_path)
    assert read_submission(tmp_path, pack).texts == read(ORDINARY[kind], pack).texts


@pytest.mark.parametrize("kind", MALFORMED)
def test_bad_archives_are_refused(pack, kind):
    data, reason = MALFORMED[kind]
    with pytest.raises(UsageError) as refusal:
        read(data, pack)
    message = str(refusal.value)
    assert reason in message
    assert message.startswith("answers.zip ")
    assert message.endswith(".")
    assert len(message) < 500
    assert message.isprintable()


def test_what_the_bad_archives_are_made_of_is_good(pack):
    assert read(assembled(member(SUMS), member(SHAPES)), pack).texts == {
        "ch01_sums": (SUMS, "x = 1\n"),
        "ch02_shapes": (SHAPES, "x = 1\n"),
    }


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"x\0", "null bytes"),
        (b"#" * (MAX_SIZE + 1), "has 1,048,577 bytes; a chapter has at most 1,048,576"),
    ],
)
def test_what_is_wrong_with_one_chapter_costs_that_chapter(pack, content, problem):
    submission = read(zipped([(SUMS, content), (SHAPES, "y = 1\n")]), pack)
    assert problem in submission.files["ch01_sums"].problem
    assert submission.files["ch01_sums"].problem.startswith(SUMS)
    assert list(submission.texts) == ["ch02_shapes"]


def test_a_folder_in_a_chapters_place_costs_that_chapter(pack):
    submission = read(zipped([(info(f"{SUMS}/", 0o40755, folder=True), b""), (SHAPES, "y")]), pack)
    assert "is a folder" in submission.files["ch01_sums"].problem
    assert list(submission.texts) == ["ch02_shapes"]


def test_a_chapter_of_the_largest_size_is_read(pack):
    submission = read(zipped([(SUMS, b"#" * MAX_SIZE)]), pack)
    assert len(submission.files["ch01_sums"].text) == MAX_SIZE


def test_the_file_at_the_top_comes_first_and_the_others_are_named(pack):
    names = [f"{place}{SUMS}" for place in ("z/", "", "a/", "b/", "c/", "d/")]
    submission = read(zipped([(name, f"# {name}") for name in names]), pack)
    assert submission.files["ch01_sums"].text == f"# {SUMS}"
    (warning,) = submission.warnings
    assert warning == f"{SUMS} is graded; a/{SUMS}, b/{SUMS}, c/{SUMS} and 2 more are not."


@pytest.mark.parametrize("place", ["a/b/", ".git/", "__MACOSX/", "a/.x/"])
def test_files_elsewhere_are_not_found(pack, place):
    submission = read(zipped([(f"{place}{SUMS}", "x = 1\n")]), pack)
    assert submission.files == {}
    assert "no chapter file (such as ch01_sums.py)" in submission.warnings[0]


def test_an_empty_archive_holds_no_chapter(pack):
    assert read(EMPTY, pack).files == {}


def test_an_archive_above_the_cap_is_not_read(pack, tmp_path):
    path = tmp_path / "large.zip"
    with path.open("wb") as file:
        file.truncate(archive.MAX_ARCHIVE + 1)
    with pytest.raises(UsageError, match="at most 67,108,864"):
        read_submission(path, pack)


def test_a_large_archive_below_the_cap_is_read(pack, tmp_path):
    path = tmp_path / "large.zip"
    with zipfile.ZipFile(path, "w") as whole:
        whole.writestr("data.bin", b"\0" * (60 * 2**20))
        whole.writestr(SUMS, "x = 1\n")
    assert list(read_submission(path, pack).texts) == ["ch01_sums"]


@pytest.mark.parametrize("kind", ["link", "pipe", "broken link"])
def test_an_archive_that_is_no_file_is_refused(pack, tmp_path, kind):
    path = tmp_path / "answers.zip"
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(tmp_path / "real.zip")
        if kind == "link":
            (tmp_path / "real.zip").write_bytes(ORDINARY["plain"])
    with pytest.raises(UsageError, match=r"answers\.zip is (a symbolic link|no regular file)"):
        read_submission(path, pack)


def test_other_files_are_a_wrong_request(pack, tmp_path):
    path = tmp_path / "answers.tar.gz"
    path.write_bytes(b"x")
    with pytest.raises(UsageError, match=r"is a file, not a folder or a \.zip"):
        read_submission(path, pack)


def test_names_of_archives_are_cleaned_and_bounded(pack):
    with pytest.raises(UsageError) as refusal:
        read_archive(b"", "a\x1b[2J\nScore: 77" + "n" * 5000, pack)
    assert str(refusal.value).startswith("a Score: 77nnn")
    assert len(str(refusal.value)) < 500


def test_an_archive_can_be_graded(cli, mini, tmp_path):
    names = [path.name for path in (mini / "solutions").glob("ch0*.py")]
    path = tmp_path / "answers.zip"
    path.write_bytes(
        zipped([(f"answers/{name}", (mini / "solutions" / name).read_text()) for name in names])
    )
    done = cli("--student", path, "--only", "ch01_sums", cwd=mini, code=0)
    assert str(path) in done.stdout
    assert "Score: 4 of 4" in done.stdout
    path.write_bytes(b"no archive")
    done = cli("--student", path, cwd=mini, code=2)
    assert "answers.zip is damaged" in done.stderr
