"""Packs: what workshop.toml may say, how exercises are chosen, and where a pack is found."""

import marshal
import re
import shutil

import numpy as np
import pytest

from grader.errors import PackError, UsageError
from grader.manifest import find_pack, load_pack


def test_the_miniature_pack_is_read(pack):
    assert (pack.name, pack.title, pack.version) == ("mini", "A miniature workshop", "0.1")
    assert [e.id for e in pack.exercises] == [
        "ch01_sums.total",
        "ch01_sums.mean",
        "ch01_sums.spread",
        "ch02_shapes.outer",
        "ch02_shapes.relu_jit",
    ]
    mean = pack.exercise("ch01_sums.mean")
    assert (mean.points, mean.needs, len(mean.hints)) == (2.0, ("total",), 2)
    assert pack.chapter("ch01_sums").devices == 1


def test_needs_reach_through_other_exercises(pack):
    assert pack.needs_of(pack.exercise("ch01_sums.spread")) == ("mean", "total")
    assert pack.needs_of(pack.exercise("ch01_sums.total")) == ()


@pytest.mark.parametrize(
    ("ids", "names"),
    [
        ([], ["total", "mean", "spread", "outer", "relu_jit"]),
        (["ch01_sums"], ["total", "mean", "spread"]),
        (["ch02"], ["outer", "relu_jit"]),
        (["ch02_shapes.outer", "ch01_sums.mean"], ["mean", "outer"]),
        (["ch01", "ch01_sums.mean"], ["total", "mean", "spread"]),
    ],
)
def test_exercises_are_chosen_in_the_order_of_the_pack(pack, ids, names):
    assert [e.name for e in pack.select(ids)] == names


@pytest.mark.parametrize(
    ("id", "remedy"),
    [
        ("mean", "Did you mean ch01_sums.mean?"),
        ("ch01_sums.maen", "Did you mean ch01_sums.mean"),
        ("ch1_sums", "ch01_sums"),
        ("zzzzzz", "grader list"),
        ("", "grader list"),
    ],
)
def test_an_unknown_id_is_answered_with_what_is_close(pack, id, remedy):
    with pytest.raises(UsageError, match=re.escape(remedy)) as caught:
        pack.select([id])
    assert repr(id) in str(caught.value)


def test_the_source_of_a_stand_in_holds_no_other_exercise(pack):
    code = marshal.loads(pack.stand_in_code(pack.chapter("ch01_sums"), ["mean"]))
    assert "mean" in code.co_names
    assert "total" in code.co_names  # mean needs it
    assert "spread" not in code.co_names


def test_a_stand_in_holds_no_text_of_the_reference(mini):
    path = mini / "solutions" / "ch01_sums.py"
    path.write_text(
        '"""A lesson."""\n\ndef total(x):\n    """A secret."""  # another\n    return x.sum()\n'
    )
    pack = load_pack(mini)
    code = pack.stand_in_code(pack.chapter("ch01_sums"), ["total"])
    for text in (b"lesson", b"secret", b"another", str(mini).encode()):
        assert text not in code
    names = {}
    exec(marshal.loads(code), names)
    assert names["total"](np.arange(4)) == 6


def test_a_signature_comes_from_the_stub(pack):
    assert pack.signature(pack.exercise("ch02_shapes.outer")) == "outer(x, y)"


def test_a_package_that_is_missing_is_named(mini):
    manifest = mini / "exercises" / "workshop.toml"
    head = 'name = "ch02_shapes"\n'
    text = manifest.read_text().replace(head, head + 'requires = ["no_such_package", "json"]\n')
    manifest.write_text(text)
    assert load_pack(mini).chapter("ch02_shapes").missing_extras == ("no_such_package",)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("[workshop]", "[other]", "the file: needs a table [workshop]"),
        ('title = "A miniature workshop"', "", "[workshop]: needs `title`, a text"),
        ('version = "0.1"', "version = 1", "[workshop]: needs `version`, a text"),
        ('name = "total"', 'name = "to-tal"', "`name` must be a Python identifier"),
        ('name = "total"', 'name = ""', "an exercise of ch01_sums: needs `name`"),
        ('name = "ch02_shapes"', 'name = "ch01_sums"', "more than one chapter"),
        ('name = "spread"', 'name = "mean"', "more than one exercise of ch01_sums"),
        ("points = 2", "points = 0", "ch01_sums.mean: `points` must be a number above 0"),
        ("points = 2", "points = -1", "`points`"),
        ("points = 2", "points = true", "`points`"),
        ("points = 2", "points = nan", "`points`"),
        ("points = 2", "points = inf", "`points`"),
        ('needs = ["total"]', 'needs = ["spread"]', "no earlier exercise"),
        ('needs = ["total"]', 'needs = ["mean"]', "no earlier exercise"),
        ('needs = ["total"]', 'needs = "total"', "`needs` must be a list of texts"),
        (', "Second hint for mean."]', "]", "ch01_sums.mean: needs at least 2 hints"),
        ('slide = "sums: mean"\n', "", "ch01_sums.mean: needs `slide`"),
        ('slide = "shapes"\n', 'slide = "shapes"\ndevices = 0\n', "`devices`"),
        ('slide = "shapes"\n', 'slide = "shapes"\ndevices = true\n', "`devices`"),
        ('slide = "shapes"\n', 'slide = "shapes"\nrequires = [1]\n', "`requires`"),
        ("[[chapter]]", "[[other]]", "needs"),
        ("[workshop]", "[workshop", "workshop.toml"),
    ],
)
def test_a_rule_that_is_broken_is_named_with_its_entry(mini, old, new, rule):
    manifest = mini / "exercises" / "workshop.toml"
    text = manifest.read_text()
    assert old in text
    manifest.write_text(text.replace(old, new))
    with pytest.raises(PackError, match=re.escape(rule)) as caught:
        load_pack(mini)
    assert str(manifest.resolve()) in str(caught.value)


def test_a_folder_without_a_manifest_is_no_pack(tmp_path):
    with pytest.raises(PackError, match="is no pack"):
        load_pack(tmp_path)


def test_a_manifest_that_is_no_text_is_a_broken_rule(mini):
    (mini / "exercises" / "workshop.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(PackError, match=r"workshop\.toml"):
        load_pack(mini)


def test_a_manifest_that_is_a_folder_is_a_broken_rule(mini):
    manifest = mini / "exercises" / "workshop.toml"
    manifest.unlink()
    manifest.mkdir()
    with pytest.raises(PackError):
        load_pack(mini)


def test_a_pack_is_found_from_below(mini):
    assert find_pack(start=mini / "exercises" / "checks").root == mini.resolve()
    assert find_pack(str(mini)).root == mini.resolve()


def test_the_kits_own_pack_is_found_from_anywhere(tmp_path):
    assert find_pack(start=tmp_path).name == "intro-to-jax"


def test_a_linked_folder_is_the_same_pack(mini, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(mini)
    assert load_pack(link) == load_pack(mini)


def test_an_unknown_pack_is_a_wrong_request(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="no installed pack called 'nothing'"):
        find_pack("nothing")


def test_an_installed_pack_is_found_by_its_entry_point(mini, tmp_path, monkeypatch):
    site = tmp_path / "site"
    shutil.copytree(mini, site / "minipack_a")
    (site / "minipack_a" / "__init__.py").write_text("raise AssertionError('imported')")
    (site / "alone_a.py").write_text("")
    info = site / "minipack_a-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: minipack_a\nVersion: 1.0\n")
    points = "[jax_workshop.packs]\nmini-a = minipack_a\nalone-a = alone_a\n"
    (info / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(site)
    assert find_pack("mini-a").root == (site / "minipack_a").resolve()
    with pytest.raises(PackError, match="is no package"):
        find_pack("alone-a")
    with pytest.raises(UsageError, match="mini-a"):
        find_pack("mini-b")
