"""What a process with parts of the reference in it may say."""

from pathlib import Path

import numpy as np
import pytest

from grader.manifest import load_pack
from grader.model import Frame, Outcome, Raised
from grader.sealing import sealed
from grader.session import Grader
from grader.submission import submission_of_texts
from grader.worker.wire import Array, Opaque, Record

SECRET = "def swish(x): return x * sigmoid(x)"


def test_numbers_shapes_and_dtypes_are_told():
    value = {"w": [Array("jax", np.float32([1, 2])), 3, 2.5, None, True, "float32"]}
    assert sealed(Outcome("value", value=value)).value == value


@pytest.mark.parametrize(
    "value",
    [
        SECRET,
        [SECRET, (SECRET,)],
        {SECRET: 1},
        Opaque("object", SECRET, SECRET),
        Opaque(SECRET, "", ""),
        Record(SECRET, (SECRET,), (SECRET,)),
    ],
)
def test_texts_are_not(value):
    assert SECRET not in repr(sealed(Outcome("value", value=value)))


def test_of_an_exception_its_known_class_and_its_lines_are_told():
    error = Raised(
        ("SECRET", "ConcretizationTypeError", "TypeError"), SECRET, (Frame(7, SECRET, SECRET),)
    )
    outcome = sealed(Outcome("raised", error=error, printed=SECRET))
    assert SECRET not in repr(outcome)
    assert outcome.error.types == ("ConcretizationTypeError", "TypeError")
    assert outcome.error.frames == (Frame(7, "", ""),)


def test_of_an_exceptions_text_a_few_numbers_are_told():
    error = Raised(("ValueError",), f"12 rows, {SECRET}, 8 devices, 123456789", ())
    assert sealed(Outcome("raised", error=error)).error.message == "12 8"
    many = Raised(("ValueError",), " ".join(map(str, range(1000))), ())
    assert sealed(Outcome("raised", error=many)).error.message == "0 1 2 3 4 5"


@pytest.mark.parametrize("field", ["printed", "leaked", "changed"])
def test_no_field_holds_words(field):
    assert SECRET not in repr(sealed(Outcome("value", **{field: SECRET})))
    assert SECRET not in repr(sealed(Outcome("value", replaced=(SECRET,))))


PEEKS = """
def mean(x):
    code = total.__code__
    print("found", code.co_names, code.co_filename)
    raise ValueError(f"found {code.co_names}")
"""


@pytest.mark.parametrize(("strangers", "shown"), [(True, False), (False, True)])
def test_what_strangers_find_of_a_stand_in_is_not_shown(pack, launcher, strangers, shown):
    grader = Grader(pack, launcher=launcher, strangers=strangers)
    submission = submission_of_texts("a test", {"ch01_sums": PEEKS})
    report = grader.grade(submission, pack.select(["ch01_sums.mean"]))
    (result,) = report.exercises
    assert result.status == "failed"
    assert ("found" in repr(report)) == shown
    why = "(Its text is not shown: `total` is unsolved, and the reference stands in.)"
    assert result.failure.rationale.endswith(why) == (not shown)


def test_right_answers_pass_although_what_they_build_on_is_unsolved():
    """In other people's work, on the kit's own pack: what is sealed must keep no check from passing."""
    kit = load_pack(Path(__file__).parents[1])
    building = [e for e in kit.exercises if e.needs]
    roots = {f"{e.chapter}.{n}" for e in building for n in e.needs} - {e.id for e in building}
    texts = {}
    for chapter in kit.chapters:
        texts[chapter.name] = (kit.solutions_dir / chapter.filename).read_text()
        for exercise in chapter.exercises:
            if exercise.id in roots:
                texts[chapter.name] += (
                    f"\n\ndef {exercise.name}(*args):\n    raise NotImplementedError\n"
                )
    with Grader(kit, strangers=True, timeout=60.0) as grader:
        report = grader.grade(
            submission_of_texts("a test", texts),
            building,
            wanted=lambda exercise, demand: demand.kind == "value",
        )
    wrong = [
        (result.id, result.status, result.failure and result.failure.rationale)
        for result in report.exercises
        if result.status not in ("passed", "unavailable")
    ]
    assert not wrong


def test_why_a_file_cannot_be_loaded_is_told_where_nothing_stands_in(pack, launcher):
    """`spread` builds on `mean`, which is unsolved, but no process comes as far as that."""
    grader = Grader(pack, launcher=launcher, timeout=60.0, strangers=True)
    for text in ("def mean(x)\n    pass\n", "import jax.numpi\n"):
        report = grader.grade(
            submission_of_texts("x", {"ch01_sums": text}), pack.select(["ch01_sums"])
        )
        total, _, spread = (e.checks[0] for e in report.exercises)
        assert "cannot be loaded" in total.rationale
        assert spread.rationale == total.rationale
        assert spread.evidence == total.evidence


def test_what_only_a_process_with_a_stand_in_says_at_load_is_not_told(pack, launcher):
    text = "def mean(x):\n    raise NotImplementedError\n\n\ntry:\n    mean(__import__('numpy').ones(3))\n"
    text += "except NotImplementedError:\n    pass\nelse:\n    raise ValueError('SECRET 12')\n"
    grader = Grader(pack, launcher=launcher, timeout=60.0, strangers=True)
    report = grader.grade(submission_of_texts("x", {"ch01_sums": text}), pack.select(["ch01_sums"]))
    spread = report.exercises[2].checks[0]
    assert spread.status == "failed"
    assert "ValueError: 12" in spread.rationale
    assert "SECRET" not in f"{spread.rationale}{spread.evidence}"
