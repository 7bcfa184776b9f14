"""Putting a stub back: every way to define a function, and a backup each time."""

import pytest

from grader.errors import UsageError
from grader.manifest import load_pack
from grader.stubs import freeze, reset


@pytest.fixture
def pack(mini):
    return load_pack(mini)


@pytest.fixture
def chapter(pack):
    return pack.exercises_dir / "ch01_sums.py"


STUB = '''def mean(x):
    """The mean of all entries of `x`, a float32 array."""
    # TODO: use total
    raise NotImplementedError
'''
HEAD = "import functools\n\n\ndef total(x):\n    return x.sum()\n\n\n"
TAIL = "\n\ndef spread(x):\n    return 1  # mine\n"


@pytest.mark.parametrize(
    "mine",
    [
        "def mean(x):\n    return 2\n",
        "@functools.cache\n@functools.wraps(\n    total\n)\ndef mean(x):\n    return 2\n",
        "mean = lambda x: 2\n",
        "mean: object = (\n    len\n)\n",
        "class mean:\n    pass\n",
        "from builtins import len as mean\n",
        "if True:\n\n    def mean(x):\n        return 2\n\nelse:\n    mean = len\n",
        "async def mean(x):\n    return 2\n",
    ],
)
def test_a_definition_gives_way_to_the_stub_and_the_rest_stays(pack, chapter, mine):
    chapter.write_text(HEAD + mine + TAIL)
    path, backup = reset(pack, "ch01_sums.mean")
    assert path == chapter
    assert chapter.read_text() == HEAD + STUB + TAIL
    assert backup.read_text() == HEAD + mine + TAIL


def test_two_definitions_become_one_stub(pack, chapter):
    mine = "def mean(x):\n    return 1\n"
    chapter.write_text(HEAD + mine + "\n\n" + mine + TAIL)
    reset(pack, "ch01_sums.mean")
    assert chapter.read_text().count("def mean") == 1
    assert chapter.read_text().startswith(HEAD + STUB)


def test_a_function_that_is_gone_is_put_at_the_end(pack, chapter):
    chapter.write_text(HEAD)
    reset(pack, "ch01_sums.mean")
    assert chapter.read_text() == HEAD.rstrip("\n") + "\n\n\n" + STUB


def test_a_last_line_without_an_end_is_no_obstacle(pack, chapter):
    chapter.write_text(HEAD + "def mean(x): return 2")
    reset(pack, "ch01_sums.mean")
    assert chapter.read_text() == HEAD + STUB


@pytest.mark.parametrize("odd", ["\x0c", "# \x85 \u2028\n", "NAME = '\u2029'\n", "\ufeff"])
def test_odd_characters_do_not_shift_the_lines(pack, chapter, odd):
    chapter.write_text(odd + HEAD + "def mean(x):\n    return 2\n" + TAIL, encoding="utf-8")
    reset(pack, "ch01_sums.mean")
    text = chapter.read_text(encoding="utf-8").removeprefix("\ufeff")
    assert text == odd.removeprefix("\ufeff") + HEAD + STUB + TAIL


def test_a_local_name_is_no_definition(pack, chapter):
    mine = "if True:\n    def helper(x):\n        mean = 3\n        return mean\n"
    chapter.write_text(mine)
    reset(pack, "ch01_sums.mean")
    assert chapter.read_text().startswith(mine.rstrip("\n"))


def test_a_whole_chapter_is_put_back(pack, chapter):
    stub = chapter.read_text()
    chapter.write_text("def broken(")
    path, backup = reset(pack, "ch01")
    assert path.read_text() == stub
    assert backup.read_text() == "def broken("


def test_a_chapter_that_was_deleted_is_put_back_without_a_backup(pack, chapter):
    stub = chapter.read_text()
    chapter.unlink()
    assert reset(pack, "ch01_sums.mean") == (chapter, None)
    assert chapter.read_text() == stub


def test_no_backup_is_lost(pack, chapter):
    names = []
    for number in range(3):
        chapter.write_text(f"def mean(x):\n    return {number}\n")
        names.append(reset(pack, "ch01_sums.mean")[1])
    assert [path.name for path in names] == [f"ch01_sums.py.bak{end}" for end in ("", 2, 3)]
    assert [f"return {n}" in path.read_text() for n, path in enumerate(names)] == [True] * 3


@pytest.mark.parametrize("content", [b"def broken(", b"x = '\xfc'\n", b"x = 1\x00\n"])
def test_a_file_that_cannot_be_taken_apart_names_the_remedy(pack, chapter, content):
    chapter.write_bytes(content)
    with pytest.raises(UsageError, match="grader reset ch01_sums"):
        reset(pack, "ch01_sums.mean")
    assert chapter.read_bytes() == content
    reset(pack, "ch01_sums")
    assert b"TODO" in chapter.read_bytes()


def test_an_unknown_exercise_is_a_wrong_request(pack):
    with pytest.raises(UsageError, match=r"Did you mean ch01_sums\.mean"):
        reset(pack, "ch01_sums.maen")


@pytest.mark.parametrize("gone", ["folder", "file"])
def test_a_pack_that_keeps_no_stubs_says_so(pack, chapter, gone):
    stubs = pack.exercises_dir / ".stubs"
    (stubs / "ch01_sums.py").unlink()
    if gone == "folder":
        (stubs / "ch02_shapes.py").unlink()
        stubs.rmdir()
        chapter.unlink()
    with pytest.raises(UsageError, match="nothing can be reset"):
        reset(pack, "ch01_sums.mean")


def test_freezing_keeps_the_files_as_they_are(pack, chapter):
    chapter.write_text("def mean(x):\n    raise NotImplementedError  # new\n")
    kept = freeze(pack)
    assert (kept / "ch01_sums.py").read_text() == chapter.read_text()
    assert (kept / "ch02_shapes.py").is_file()


def test_freezing_without_a_file_names_it(pack, chapter):
    chapter.unlink()
    with pytest.raises(UsageError, match=r"lacks ch01_sums\.py"):
        freeze(pack)
