"""Pictures of answers that are right, wrong, raise, hang or are not there."""

import re

import numpy as np
import pytest

from grader import gallery
from grader.errors import PackError
from grader.manifest import load_pack
from grader.session import Grader
from grader.submission import submission_of_texts

PICTURES = """
import numpy as np
from grader.pictures import Curve, picture

x = np.float32([-1, 0, 1])

@picture("ch02_shapes", "Two functions", "Both of them.")
def two():
    return [
        Curve("relu_jit", "relu", lambda m, x: m.relu_jit(x), (x,), over=x),
        Curve("outer", "outer", lambda m, x: m.outer(x, x)[0], (x,), over=x),
    ]
"""


@pytest.fixture
def hang(mini, launcher, solutions):
    """`hang(code)`: the panels of a submission whose chapter 2 is the solution and `code`."""
    (mini / "exercises" / "checks" / "pictures.py").write_text(PICTURES)
    pack = load_pack(mini)

    def hang(code, timeout=60.0):
        grader = Grader(pack, launcher=launcher, timeout=timeout)
        text = code if "NotImplementedError" in code else solutions["ch02_shapes"] + code
        submission = submission_of_texts("a test", {"ch02_shapes": text})
        report = grader.grade(submission, pack.select(["ch02"]))
        return [panel for scene in grader.pictures(submission, report) for panel in scene.panels]

    return hang


def test_both_worlds_are_shown(hang):
    relu, outer = hang("\ndef outer(x, y):\n    return x[:, None] + y\n")
    np.testing.assert_array_equal(relu.answer, [0, 0, 1])
    np.testing.assert_array_equal(relu.reference, [0, 0, 1])
    np.testing.assert_array_equal(outer.answer, [-2, -1, 0])
    np.testing.assert_array_equal(outer.reference, [1, 0, -1])
    assert not relu.note + outer.note


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise ValueError('\\x1b[1mno')", "No picture: outer raised ValueError: no"),
        ("return x[:, None][:, 0:1] * y[:2]", r"the result has the shape \(2,\), expected \(3,\)"),
        ("return [[1, 2]]", "it did not return one array"),
        ("return 1j * x[:, None] * y", "it did not return one array"),
        ("import os; os.abort()", "No picture: it gave"),
    ],
)
def test_an_answer_that_cannot_be_drawn_gets_a_note(hang, code, said):
    relu, outer = hang(f"\ndef outer(x, y):\n    {code}\n")
    assert not relu.note
    assert outer.answer.size == 0
    assert re.search(said, outer.note), outer.note


def test_an_answer_that_hangs_costs_its_time_and_no_more(hang):
    relu, outer = hang("\ndef outer(x, y):\n    while True: pass\n", timeout=3.0)
    assert not relu.note
    assert "no answer within" in outer.note


def test_what_cannot_be_compiled_is_called_plainly(hang):
    _, outer = hang("\ndef outer(x, y):\n    float(x[0])\n    return x[:, None] * y\n")
    np.testing.assert_array_equal(outer.answer, outer.reference)


def test_what_is_not_answered_is_left_out(hang, mini):
    text = (mini / "exercises" / "ch02_shapes.py").read_text()
    assert hang(text) == []


def test_after_too_long_the_rest_is_left_out(hang, monkeypatch):
    monkeypatch.setattr(gallery, "_ALL_SECONDS", -1.0)
    assert {panel.note for panel in hang("")} == {gallery._LATE}


def test_a_picture_that_the_reference_cannot_give_is_the_packs_mistake(hang, monkeypatch):
    monkeypatch.setattr(gallery, "_MOST_NUMBERS", 2)
    with pytest.raises(PackError, match="nothing to draw"):
        hang("")
