"""The folder of a class: layouts made up on disk, and what is found in them."""

import os
import re
import unicodedata

import pytest
from archives import zipped

from grader.batch import names
from grader.batch.entries import Learner
from grader.batch.layouts import find_class
from grader.errors import UsageError

SUMS, SHAPES = "ch01_sums.py", "ch02_shapes.py"
METADATA = "submission_metadata.yml"
MOODLE = "_assignsubmission_file_"


def make(root, tree):
    """Files below a folder: their paths and their contents (text, bytes, or None for a folder)."""
    for path, content in tree.items():
        place = root / path
        if content is None:
            place.mkdir(parents=True, exist_ok=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


@pytest.fixture
def room(tmp_path, pack):
    """`room(tree, out=None)`: the class in a folder that holds this tree."""

    def room(tree, out=None):
        return find_class(make(tmp_path / "class", tree), pack, out)

    return room


def by_name(found):
    """What is read, by the names of the submissions."""
    return {one.name: one for one in found.found}


def texts(found):
    """Chapters and their texts, by the names of the submissions."""
    return {
        name: {chapter: file.text for chapter, file in one.submission.files.items()}
        for name, one in by_name(found).items()
    }


# Plain folders and archives.


def test_a_folder_or_a_zip_for_each(room):
    found = room({"ada/" + SUMS: "a = 1", "bob.zip": zipped([(SUMS, "b = 1"), (SHAPES, "c = 1")])})
    assert found.layout == "a folder or .zip per submission"
    assert texts(found) == {
        "ada": {"ch01_sums": "a = 1"},
        "bob": {"ch01_sums": "b = 1", "ch02_shapes": "c = 1"},
    }
    assert [one.source for one in found.found] == ["ada", "bob.zip"]
    assert found.notes == ()


def test_nothing_is_read_before_its_turn(room, tmp_path):
    found = room({"ada/" + SUMS: "old", "bob/" + SUMS: "old"})
    (tmp_path / "class" / "bob" / SUMS).write_text("new")
    assert texts(found)["bob"] == {"ch01_sums": "new"}


@pytest.mark.parametrize(
    ("name", "learner"),
    [
        ("jdoe", Learner(login="jdoe")),
        ("Jane Doe", Learner(full_name="Jane Doe")),
        ("jane@example.edu", Learner(email="jane@example.edu")),
    ],
)
def test_the_name_of_a_folder_tells_who_it_is(room, name, learner):
    (found,) = room({f"{name}/{SUMS}": "x"}).found.references
    assert found.learner == learner


def test_a_folder_with_nothing_but_a_zip_is_read_as_the_zip(room):
    found = room({"ada/work.ZIP": zipped([("w/" + SUMS, "a = 1")]), "ada/readme.txt": "hello"})
    assert texts(found) == {"ada": {"ch01_sums": "a = 1"}}


def test_chapter_files_come_before_a_zip(room):
    found = room({"ada/" + SUMS: "file", "ada/work.zip": zipped([(SUMS, "zip")])})
    assert texts(found) == {"ada": {"ch01_sums": "file"}}


def test_of_several_zips_none_is_read(room):
    archive = zipped([(SUMS, "x")])
    (ada,) = by_name(room({"ada/one.zip": archive, "ada/two.zip": archive})).values()
    assert ada.submission.files == {}
    assert "2 .zip files" in ada.submission.warnings[-1]


def test_of_a_folder_and_its_zip_the_folder_is_read(room):
    found = room({"ada/" + SUMS: "folder", "ada.zip": zipped([(SUMS, "zip")])})
    assert texts(found) == {"ada": {"ch01_sums": "folder"}}
    assert found.notes == ("1 (ada.zip) ignored: the folder of the same name beside it is graded.",)


# Clones.


def test_a_clone_of_the_kit_counts_by_its_exercises(room):
    tree = {
        ".git/config": "[core]\n\tfsmonitor = touch hacked\n",
        "exercises/workshop.toml": "",
        "exercises/" + SUMS: "mine",
        "solutions/" + SUMS: "theirs",
        "attempts/" + SHAPES: "elsewhere",
    }
    found = room({f"ada/{path}": text for path, text in tree.items()})
    assert found.layout == "a git clone per submission"
    assert texts(found) == {"ada": {"ch01_sums": "mine"}}
    assert by_name(found)["ada"].submission.warnings == ()


@pytest.mark.parametrize("place", ["", "week1/"])
def test_a_clone_with_chapters_at_its_top_or_one_down(room, place):
    found = room({"ada/.git/HEAD": "ref", f"ada/{place}{SUMS}": "mine"})
    assert texts(found) == {"ada": {"ch01_sums": "mine"}}


def test_git_is_never_run(room, monkeypatch, tmp_path):
    def forbidden(*arguments, **options):
        raise AssertionError("a process was started")

    monkeypatch.setattr("subprocess.Popen.__init__", forbidden)
    monkeypatch.setattr("os.system", forbidden)
    assert texts(room({"ada/.git/HEAD": "ref", "ada/" + SUMS: "x"}))


# Gradescope.

EXPORT = """---
submission_101:
  :submitters:
  - :name: Ada Lovelace
    :sid: '4711'
    :email: ada@example.edu
  :created_at: !ruby/object:ActiveSupport::TimeWithZone
    utc: 2026-01-01 00:00:00.000000000 Z
  :score: 3.0
  :results:
    tests:
    - name: "- :name: Mallory"
      output: |
        submission_102:
          :submitters:
          - :name: Mallory
  :history:
  - :submitters:
    - :name: Mallory
      :sid: '1'
submission_102:
  :submitters:
  - :name: Bob
    :sid: ~
    :email: bob@example.edu
  - :name: &1 "Ł. =cmd|x"
    :sid: "\\u202e4712"
    :email: lu@example.edu
submission_103:
  :submitters:
  - :name: *1
    :sid: '4713'
    :email:
submission_104:
  :submitters:
  - :name: Cy
"""


def test_an_export_of_gradescope(room):
    tree = {f"submission_{n}/{SUMS}": f"x = {n}" for n in (101, 102, 103)}
    found = room({METADATA: EXPORT, **tree, f"submission_900/{SUMS}": "late"})
    assert found.layout == "a Gradescope export"
    learners = {one.name: (one.source, one.learner) for one in found.found}
    bob = names.with_digest("Bob", "bob@example.edu")
    assert learners == {
        "Ada-Lovelace-4711": (
            "submission_101",
            Learner("Ada Lovelace", "4711", "ada@example.edu"),
        ),
        bob: ("submission_102", Learner("Bob", "", "bob@example.edu")),
        "Ł-cmd-x-4712": ("submission_102", Learner("Ł. =cmd|x", "4712", "lu@example.edu")),
        "Ł-cmd-x-4713": ("submission_103", Learner("Ł. =cmd|x", "4713")),
        "submission_900": ("submission_900", Learner()),
    }
    assert texts(found)[bob] == {"ch01_sums": "x = 102"}
    assert found.notes == (
        f"1 (submission_104) not there: only {METADATA} names them.",
        "1 handed in by a group, graded once for each member.",
    )


def test_an_export_in_the_folder_it_is_unpacked_to(room):
    top = "assignment_7_export/"
    found = room(
        {
            top + METADATA: EXPORT,
            f"{top}submission_101/{SUMS}": "x",
            "__MACOSX/x": "",
            ".DS_Store": "",
        }
    )
    assert [one.name for one in found.found] == ["Ada-Lovelace-4711"]


def test_the_name_of_a_learner_outlives_a_new_submission(room, tmp_path):
    first = room({METADATA: EXPORT, f"submission_101/{SUMS}": "x"}).found.references[0].name
    (tmp_path / "class" / METADATA).write_text(EXPORT.replace("101", "555"))
    (tmp_path / "class" / "submission_101").rename(tmp_path / "class" / "submission_555")
    assert room({}).found.references[0].name == first


def test_members_of_a_group_with_one_name_stay_apart(room):
    people = "".join(f"  - :name: Li\n    :sid: '{sid}'\n" for sid in ("a1", "A1", "A1", "b/2"))
    found = room({METADATA: f"submission_1:\n  :submitters:\n{people}", "submission_1": None})
    assert len(found.found) == len({one.name.casefold() for one in found.found}) == 3


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("just text", "holds no submissions"),
        ("a: [1", "is no YAML in line"),
        (b"\xff\xfe\x00", "is no YAML"),
        (b"a: \x01", "is no YAML"),
        ("[" * 100_000, "is nested too deeply"),
    ],
)
def test_metadata_that_cannot_be_read_are_refused(room, content, why):
    with pytest.raises(UsageError, match=why):
        room({METADATA: content, f"submission_1/{SUMS}": "x"})


def test_metadata_build_no_objects(room):
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n"
        for a, b in zip("abcdefghijk", "bcdefghijkl", strict=True)
    )
    call = "z: !!python/object/apply:os.system ['touch hacked']\n"
    found = room({METADATA: bomb + call + EXPORT[4:], f"submission_101/{SUMS}": "x"})
    assert found.found.references[0].learner.id == "4711"


# Moodle.


def test_a_download_of_moodle(room):
    found = room(
        {
            f"Jane O'Doe_123{MOODLE}/{SUMS}": "jane",
            "Jane O'Doe_123_assignsubmission_onlinetext_/onlinetext.html": "<p>",
            f"Ann_124{MOODLE}/work.zip": zipped([(SUMS, "ann")]),
            f"Bob_125_assignsubmission_file/{SUMS}": "bob",
            "Cy_126_assignsubmission_onlinetext_/onlinetext.html": "<p>",
        }
    )
    assert found.layout == "a Moodle download"
    assert texts(found) == {
        "Ann-124": {"ch01_sums": "ann"},
        "Bob-125": {"ch01_sums": "bob"},
        "Cy-126": {},
        "Jane-O-Doe-123": {"ch01_sums": "jane"},
    }
    jane = by_name(found)["Jane-O-Doe-123"]
    assert jane.learner == Learner("Jane O'Doe", "123")
    assert jane.submission.warnings == ()


def test_a_download_of_moodle_without_folders(room):
    found = room(
        {
            f"Jane Doe_123{MOODLE}{SUMS}": "jane",
            f"Jane Doe_123{MOODLE}{SHAPES}": "",
            f"Jane Doe_123{MOODLE}notes.txt": "hello",
            "Jane Doe_123_assignsubmission_onlinetext_onlinetext.html": "<p>",
            f"Ann_124{MOODLE}my work.zip": zipped([(SUMS, "ann")]),
            f"Bob_125{MOODLE}notes.txt": "hello",
        }
    )
    assert found.layout == "a Moodle download"
    jane, ann, bob = (by_name(found)[name] for name in ("Jane-Doe-123", "Ann-124", "Bob-125"))
    assert jane.source == "Jane Doe_123"
    assert jane.submission.texts == {"ch01_sums": (SUMS, "jane")}
    assert jane.submission.files["ch02_shapes"].problem.startswith(f"{SHAPES} is empty")
    assert ann.submission.texts == {"ch01_sums": (SUMS, "ann")}
    assert bob.submission.warnings == ("Bob_125 holds no chapter file: every exercise is todo.",)


def test_nobody_hands_in_for_another(room):
    forged = f"Mallory_1{MOODLE}Jane_2{MOODLE}{SUMS}"
    found = room({forged: "forged", f"Jane_2{MOODLE}{SUMS}": "jane"})
    assert texts(found) == {"Jane-2": {"ch01_sums": "jane"}, "Mallory-1": {}}


def test_two_folders_of_one_number_are_said(room):
    found = room({f"Ann_1{MOODLE}/{SUMS}": "new", f"Ann Old_1{MOODLE}/{SUMS}": "old"})
    (one,) = by_name(found).values()
    assert one.submission.warnings[-1].endswith("of the same number is not.")


def test_a_folder_put_beside_a_download_counts_too(room):
    found = room({f"Jane_2{MOODLE}/{SUMS}": "jane", f"late-ann/{SUMS}": "ann"})
    assert set(texts(found)) == {"Jane-2", "late-ann"}


# Names.

WEIRD = [
    "con",
    "NUL.txt",
    "com1",
    "trailing.",
    "a" * 200,
    "日" * 85,
    "=cmd|' /C calc'!A0",
    "@SUM(1)",
    "new\nline",
    "tab\there",
    "\u202egnp.exe",
    "\x1b[31mred",
    "a:b*c?<d>",
    "Zoë",
    unicodedata.normalize("NFD", "Zoë"),
    "ADA",
    "Ada",
    "ada",
    "ada-0123abcd",
    "-rf",
    "'; drop table",
    "..x",
    "\udcff\udcfe",
    "zip.zip",
]


def test_names_are_safe_and_unique_whatever_the_folders_are_called(room):
    found = room({f"{name}/{SUMS}": "x" for name in WEIRD if not name.startswith(".")})
    called = [one.name for one in found.found]
    assert len(called) == len(WEIRD) - 1
    assert len({unicodedata.normalize("NFC", name).casefold() for name in called}) == len(called)
    for name in called:
        assert re.fullmatch(r"[\w.\u0300-\u036f-]+", name), name
        assert re.match(r"\w", name), name
        assert len(name) <= 100
        assert len(f"{name}.json".encode()) <= 255
        assert not name.endswith(".")
        assert not re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", name)
    assert "ada" in called
    for one in found.found:
        one.source.encode()  # no half characters
        assert one.source.isprintable()


def test_names_do_not_depend_on_the_others(room):
    before = {one.source: one.name for one in room({f"Ada/{SUMS}": "", f"jdoe/{SUMS}": ""}).found}
    more = room({f"{name}/{SUMS}": "" for name in ("ada", "ADA", "jDoe", "Jdoe")})
    after = {one.source: one.name for one in more.found}
    assert len(after) == 6
    assert before.items() <= after.items()


def test_nobody_takes_the_name_of_another(room):
    taken = names.plain_name("Jane Doe")
    found = room({f"Jane Doe/{SUMS}": "", f"{taken}/{SUMS}": "", f"{taken.lower()}/{SUMS}": ""})
    assert {one.source: one.name for one in found.found}["Jane Doe"] == taken


def test_archives_that_differ_in_their_suffix_alone_stay_apart(room):
    found = room({"ada.zip": zipped([(SUMS, "1")]), "ada.ZIP": zipped([(SUMS, "2")])})
    assert len({one.name for one in found.found}) == 2


def test_names_that_collide_all_the_same_are_told_apart():
    told = names.unique(["Ada-1", "ada-1", "b"], ["x", "y", "z"])
    assert told[2] == "b"
    assert len({name.casefold() for name in told}) == 3


# What is wrong with a submission.


def refused(found):
    """The warnings of the only submission, which has no chapters."""
    (one,) = by_name(found).values()
    assert one.submission.files == {}
    return " ".join(one.submission.warnings)


def test_a_broken_archive_is_a_submission(room, tmp_path):
    said = refused(room({"ada.zip": b"PK\x03\x04 no zip"}))
    assert said.startswith("ada.zip is damaged")
    assert str(tmp_path) not in said


def test_a_broken_archive_in_a_folder_is_a_submission(room):
    assert refused(room({"ada/work.zip": b"no zip"})).startswith("ada/work.zip is damaged")


@pytest.mark.parametrize("target", ["elsewhere", "nowhere"])
def test_a_link_is_a_submission_that_is_refused(room, tmp_path, target):
    make(tmp_path, {f"elsewhere/{SUMS}": "x", "class": None})
    (tmp_path / "class" / "ada").symlink_to(tmp_path / target)
    assert refused(room({})).startswith("ada is a symbolic link")


def test_a_zip_that_is_a_link_is_refused(room, tmp_path):
    make(tmp_path, {"real.zip": zipped([(SUMS, "x")]), "class": None})
    (tmp_path / "class" / "ada.zip").symlink_to(tmp_path / "real.zip")
    assert "symbolic link" in refused(room({}))


def test_exercises_that_are_a_link_are_not_followed(room, tmp_path):
    make(tmp_path, {f"secret/{SUMS}": "x", "class/ada/solutions": None})
    (tmp_path / "class" / "ada" / "exercises").symlink_to(tmp_path / "secret")
    assert "holds no chapter file" in refused(room({}))


def test_an_empty_folder_is_a_submission(room, tmp_path):
    said = refused(room({"ada": None}))
    assert said.startswith("ada holds no chapter file")
    assert str(tmp_path) not in said


def test_what_is_gone_when_its_turn_comes_is_a_submission(room, tmp_path):
    found = room({"ada/" + SUMS: "x", "bob.zip": zipped([(SUMS, "x")])})
    (tmp_path / "class" / "ada" / SUMS).unlink()
    (tmp_path / "class" / "ada").rmdir()
    (tmp_path / "class" / "bob.zip").unlink()
    for one in by_name(found).values():
        assert "cannot be read" in one.submission.warnings[0]
        assert str(tmp_path) not in one.submission.warnings[0]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_a_submission(room, tmp_path):
    make(tmp_path, {"class/ada": None})
    (tmp_path / "class" / "ada").chmod(0)
    try:
        assert "cannot be read: Permission denied" in refused(room({}))
    finally:
        (tmp_path / "class" / "ada").chmod(0o700)


# What is no submission.


def test_stray_files_are_ignored_and_counted(room):
    stray = ("README.txt", "a.csv", "b.csv", "c.csv")
    hidden = (".DS_Store", "desktop.ini", "__MACOSX/x", ".git/HEAD")
    found = room({f"ada/{SUMS}": "x", **dict.fromkeys(stray + hidden, "")})
    assert [one.name for one in found.found] == ["ada"]
    assert found.notes == (
        "4 (.DS_Store, .git, __MACOSX, ...) ignored: hidden.",
        "4 (README.txt, a.csv, b.csv, ...) ignored: neither a folder nor a .zip.",
    )


def test_results_are_no_submission(room, tmp_path):
    out = tmp_path / "class" / "out"
    tree = {f"ada/{SUMS}": "x", "out/grades.csv": "", "old/results.sqlite": "", "old/reports": None}
    found = room(tree, out)
    assert [one.name for one in found.found] == ["ada"]
    assert found.notes == ("2 (old, out) ignored: the results of a batch.",)


@pytest.mark.parametrize(
    ("tree", "sentence"),
    [
        ({"": None}, "is empty"),
        ({"readme.txt": ""}, "holds no submission"),
        ({SUMS: "", f"ada/{SUMS}": ""}, "is one submission.*Did you mean .*--student"),
        ({"exercises/workshop.toml": "", "ada": None}, "is a whole kit"),
        ({"results.sqlite": "", "reports": None}, "holds the results of a batch"),
    ],
)
def test_what_is_no_class_is_said(room, tree, sentence):
    with pytest.raises(UsageError, match=sentence):
        room(tree)


def test_the_folder_of_the_class_is_not_that_of_the_results(room, tmp_path):
    with pytest.raises(UsageError, match="Name another one for the results"):
        room({f"ada/{SUMS}": ""}, tmp_path / "class")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("nowhere", "does not exist"),
        ("file", "is no folder"),
        ("all.zip", "Unpack it and name the folder"),
        ("a\0b", "does not exist"),
    ],
)
def test_what_is_no_folder_is_said(tmp_path, pack, name, sentence):
    make(tmp_path, {"file": "", "all.zip": zipped([("ada/" + SUMS, "x")])})
    with pytest.raises(UsageError, match=sentence):
        find_class(tmp_path / name, pack)


def test_a_class_of_three_thousand_is_found_at_once(room):
    import time

    tree = {f"Learner {n}_{n}{MOODLE}/{SUMS}": "x" for n in range(3000)}
    room(tree)
    start = time.process_time()
    assert len(room({}).found) == 3000
    assert time.process_time() - start < 2
