"""A new chapter works at once: its stub is todo, its solution passes, its answers are checked."""

import pytest

from grader.errors import UsageError
from grader.manifest import load_pack
from grader.scaffold import new_chapter
from grader.selfcheck import check_chapter


def problems(pack):
    """What a selfcheck of the whole pack finds, after it has looked at all of its exercises."""
    findings = [
        check_chapter(pack.root, [e.id for e in c.exercises], pack.root / "none", seed=0)
        for c in pack.chapters
    ]
    assert [found.counts["stubs todo"] for found in findings] == [1] * len(pack.chapters)
    return [problem for found in findings for problem in found.problems]


def test_a_new_pack_with_two_chapters_is_clean(tmp_path):
    root = tmp_path / "my pack"
    written = new_chapter(root, "ch01_first")
    assert all(path.is_file() for path in written)
    new_chapter(root, "ch02_second_one")
    pack = load_pack(root)
    assert [(c.name, c.title) for c in pack.chapters] == [
        ("ch01_first", "First"),
        ("ch02_second_one", "Second one"),
    ]
    assert (pack.exercises_dir / ".stubs" / "ch02_second_one.py").is_file()
    assert problems(pack) == []


def test_a_chapter_can_be_added_to_a_pack(mini):
    before = load_pack(mini).chapters
    new_chapter(mini, "ch03_more")
    pack = load_pack(mini)
    assert pack.chapters[:2] == before
    assert pack.chapters[2].name == "ch03_more"


def test_a_pack_without_kept_stubs_goes_on_without(mini):
    for path in (mini / "exercises" / ".stubs").iterdir():
        path.unlink()
    (mini / "exercises" / ".stubs").rmdir()
    new_chapter(mini, "ch03_more")
    pack = load_pack(mini)
    assert pack.signature(pack.exercise("ch01_sums.mean")) == "mean(x)"


@pytest.mark.parametrize("name", ["", "Ch01", "1st", "ch-01", "../ch01", "ch01.py", "caf\u00e9"])
def test_a_name_that_is_none_is_refused(tmp_path, name):
    with pytest.raises(UsageError, match="is no chapter name"):
        new_chapter(tmp_path, name)
    assert list(tmp_path.iterdir()) == []


def test_a_chapter_that_exists_is_left_alone(mini):
    manifest = (mini / "exercises" / "workshop.toml").read_text()
    with pytest.raises(UsageError, match="exists already"):
        new_chapter(mini, "ch01_sums")
    assert (mini / "exercises" / "workshop.toml").read_text() == manifest


def test_a_folder_with_a_strange_name_is_no_obstacle(tmp_path):
    root = tmp_path / 'a "quoted" \\ {name}'
    new_chapter(root, "ch01_first")
    assert load_pack(root).name == root.name
