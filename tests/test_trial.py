"""Checks on answers, in workers: each kind of answer gets its verdict and one clear message."""

import textwrap
from dataclasses import replace

import pytest

from grader.checks import Demand
from grader.errors import Explanation
from grader.model import Diagnosis, Outcome
from grader.results import _mismatch
from grader.run import Bound, _next_step
from grader.worlds import Worlds

TOTAL = """
def total(x):
    return x.sum()
"""


def only(results, name):
    """The check of an exercise that a learner reads about."""
    return results[name].failure


def test_a_solved_chapter_passes(grade, solutions):
    results = grade(ch01_sums=solutions["ch01_sums"])
    assert {name: r.status for name, r in results.items()} == {
        "total": "passed",
        "mean": "passed",
        "spread": "passed",
    }
    assert [c.status for c in results["mean"].checks] == ["passed", "passed"]
    assert sum(r.score for r in results.values()) == 4


@pytest.mark.parametrize("more", ["", "\n# begun\n"])
def test_stubs_are_todo_after_one_call(grade, pack, more):
    results = grade(ch01_sums=(pack.stubs_dir / "ch01_sums.py").read_text() + more)
    for name, result in results.items():
        assert (result.status, result.score) == ("todo", 0)
        assert [c.status for c in result.checks][1:] == ["blocked"] * (len(result.checks) - 1)
        assert result.checks[0].rationale == f"`{name}` is not written yet."
        assert result.checks[0].hint == ""


def test_one_mistake_is_counted_once(grade):
    results = grade(ch01_sums="+def total(x):\n    return x.sum() + 1\n")
    assert {name: r.status for name, r in results.items()} == {
        "total": "failed",
        "mean": "passed",
        "spread": "passed",
    }


HIDES_ITS_LINES = """
class Evil(BaseException):
    __traceback__ = property(lambda self: None)

if "__stand_ins__" in globals():
    raise Evil("nobody's fault")
"""


def test_an_answer_cannot_pass_its_failure_off_as_the_graders(grade):
    results = grade(ch01_sums=f"+def total(x):\n    return x.sum() + 1\n{HIDES_ITS_LINES}")
    assert {name: r.status for name, r in results.items()} == {
        "total": "failed",
        "mean": "failed",
        "spread": "failed",
    }


def test_a_stub_below_a_solved_exercise_is_todo_alone(grade):
    results = grade(ch01_sums="+def total(x):\n    raise NotImplementedError\n")
    assert [results[name].status for name in ("total", "mean", "spread")] == [
        "todo",
        "passed",
        "passed",
    ]


def test_a_call_of_a_stub_that_is_no_need_is_todo(grade):
    text = """
    def helper(x):
        raise NotImplementedError
    def total(x):
        return helper(x)
    """
    results = grade(only=["ch01_sums.total"], ch01_sums="+" + textwrap.dedent(text))
    assert results["total"].status == "todo"


def test_not_implemented_after_an_answer_is_a_failure(grade):
    text = (
        "def mean(x):\n    if x.ndim < 2:\n        raise NotImplementedError\n    return x.mean()\n"
    )
    results = grade(only=["ch01_sums.mean"], ch01_sums="+" + text)
    assert [c.status for c in results["mean"].checks] == ["passed", "failed"]
    assert "NotImplementedError" in only(results, "mean").rationale


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("return x", "got shape"),
        ("return x.sum() + 1", "got "),
        ("return x.sum().astype(int)", "got dtype int32, expected float32"),
        ("return [x.sum()]", "expected float32[]"),
        ("return None", "got None"),
        ("return x.sum() * float('nan')", "got nan"),
        ("return total", "a function"),
        ("return 'text'", "the text 'text'"),
        ("import numpy\n    return numpy.asarray(x).sum()", "a NumPy scalar"),
        ("return jax.ShapeDtypeStruct((), jax.numpy.float32)", "ShapeDtypeStruct"),
    ],
)
def test_a_wrong_value_is_shown_beside_the_right_one(grade, answer, words):
    text = f"+import jax\ndef total(x):\n    {answer}\n"
    failure = only(grade(only=["ch01_sums.total"], ch01_sums=text), "total")
    assert failure.status == "failed"
    assert failure.rationale.startswith("total ")
    assert words in failure.rationale
    assert "called    total(x)" in failure.evidence
    assert "expected " in failure.evidence
    known = failure.diagnosis
    assert failure.hint.startswith(known.advice if known else "First hint for total.")


def test_a_tracer_that_escapes_is_told_from_a_value(grade):
    text = """
    import jax
    kept = []
    @jax.jit
    def keep(x):
        kept.append(x)
        return x
    def total(x):
        keep(x)
        return kept[0]
    """
    failure = only(grade(only=["ch01_sums.total"], ch01_sums="+" + textwrap.dedent(text)), "total")
    assert failure.status == "failed"
    assert "tracer" in (failure.rationale + failure.evidence).lower()


@pytest.mark.parametrize(
    ("text", "rationale", "hint"),
    [
        ("del total", "There is no `total` in ch01_sums.py.", "top level: total(x)"),
        ("def total(x, y):\n    return x", "total raised TypeError: total() missing", "total(x)"),
        ("def total():\n    return 1", "total raised TypeError: total() takes 0", "total(x)"),
        ("def total(x):\n    raise SystemExit", "total raised SystemExit.", "exit()"),
        ("def total(x):\n    return 1 / 0", "total raised ZeroDivisionError: division", ""),
        ("def total(x):\n    return total(x)", "total raised RecursionError", "without end"),
        ("def total(x):\n    return x.nope", "total raised AttributeError", ""),
        ("import os\ndef total(x):\n    os.abort()", "total ended early:", "ended the process"),
        ("import os\ndef total(x):\n    os._exit(0)", "total ended early:", "ended the process"),
        ("total = 5", "total raised TypeError: 'int' object is not callable", ""),
    ],
)
def test_what_goes_wrong_is_said_in_one_sentence(grade, text, rationale, hint):
    failure = only(grade(only=["ch01_sums.total"], ch01_sums=f"+{text}\n"), "total")
    assert failure.status == "failed"
    assert failure.rationale.startswith(rationale)
    assert hint in failure.hint


@pytest.mark.parametrize(
    "text",
    ["import os\ndef total(x):\n    os.abort()\n", "import os\nos.abort()\n"],
    ids=["when called", "when loaded"],
)
def test_nobody_is_blamed_for_a_machine_on_which_jax_cannot_run(grade, monkeypatch, text):
    ended = Outcome("crashed", detail="its process was ended by SIGABRT", printed="no memory")
    monkeypatch.setattr(Worlds, "running_jax", lambda self, world: ended)
    failure = only(grade(only=["ch01_sums.total"], ch01_sums=f"+{text}"), "total")
    assert failure.status == "error"
    assert failure.rationale.startswith("JAX cannot run in a worker on this machine: its process")
    assert failure.evidence.startswith("no memory\nThis is no fault of the answer.")


def test_jaxs_own_errors_come_with_the_lesson(grade):
    text = "def total(x):\n    return x.sum() if x.sum() > 0 else -((-x).sum())\n"
    failure = only(grade(only=["ch01_sums.total"], ch01_sums="+" + text), "total")
    assert "TracerBoolConversionError" in failure.rationale
    assert "jnp.where" in failure.hint
    assert "line" in failure.evidence


@pytest.mark.parametrize(
    ("text", "rationale", "hint"),
    [
        ("def total(x:\n", "ch01_sums.py cannot be loaded: SyntaxError", "look at that line"),
        ("import no_such_thing\n", "ModuleNotFoundError", "Only installed packages"),
        ("import helper\n", "ModuleNotFoundError: No module named 'helper'", "Only installed"),
        ("x = 1\nraise ValueError('no')\n", "ValueError: no", "waits for that line"),
        ("import sys\nsys.exit()\n", "SystemExit", "exit()"),
        ("import os\nos.abort()\n", "ended its process", "outside of functions"),
        ("while True:\n    pass\n", "did not come to an end", "outside of functions"),
    ],
)
def test_a_file_that_cannot_be_loaded_fails_each_exercise_once(grade, text, rationale, hint):
    results = grade(ch01_sums=text, timeout=5.0, only=["ch01", "ch02_shapes.outer"])
    for name in ("total", "mean", "spread"):
        failure = only(results, name)
        assert failure.status == "failed"
        assert rationale in failure.rationale
        assert hint in failure.hint
    assert results["outer"].status == "passed"


def test_a_hang_costs_one_deadline_and_nothing_else(grade):
    text = "+def total(x):\n    while True:\n        pass\n"
    results = grade(only=["ch01_sums"], timeout=5.0, ch01_sums=text)
    assert "total gave no answer within 5 s." in only(results, "total").rationale
    assert [results[name].status for name in ("mean", "spread")] == ["passed", "passed"]


def test_a_crash_costs_nothing_else(grade):
    text = "+import os\ndef mean(x):\n    os.abort()\n"
    results = grade(only=["ch01_sums"], ch01_sums=text)
    assert "SIGABRT" in only(results, "mean").rationale
    assert [results[name].status for name in ("total", "spread")] == ["passed", "passed"]


def test_what_a_hung_answer_printed_is_no_part_of_the_message(grade):
    text = "+def total(x):\n    print('\\x1b[31mnoise' * 10_000)\n    return x.sum() + 1\n"
    failure = only(grade(only=["ch01_sums.total"], ch01_sums=text), "total")
    assert "noise" not in failure.rationale + failure.evidence


# Hypothesis.


def counting(condition):
    """An answer that is wrong under a condition, and that counts its calls in its message."""
    return textwrap.dedent(
        f"""
        +calls = []
        def total(x):
            calls.append(1)
            if {condition}:
                raise ValueError(f"calls: {{len(calls)}}")
            return x.sum()
        """
    ).strip()


def test_the_counterexample_is_small(grade):
    text = "+def total(x):\n    return x.sum() + (x.size > 1) * (abs(x) > 2).any()\n"
    failure = only(grade(only=["ch01_sums.total"], ch01_sums=text), "total")
    line = next(line for line in failure.evidence.splitlines() if "x = " in line)
    assert "float32[3]" in line  # the smallest size that shows it, of 1, 3 and 8
    assert line.count("0.") >= 2  # and only one entry that is not 0


def test_shrinking_is_bounded(grade):
    text = counting("x.size > 3")
    failure = only(grade(only=["ch01_sums.total"], ch01_sums=text), "total")
    count = int(failure.rationale.rpartition("calls: ")[2])
    assert 1 <= count <= 100


def test_an_answer_that_is_different_each_time_fails(grade):
    text = "+import itertools\nn = itertools.count()\ndef total(x):\n    return x.sum() + next(n)\n"
    failure = only(grade(only=["ch01_sums.total"], ch01_sums=text), "total")
    assert failure.status == "failed"
    assert "laky" not in failure.rationale


def test_an_answer_that_is_wrong_now_and_then_fails(grade):
    text = (
        "+import itertools\nn = itertools.count(1)\n"
        "def total(x):\n    return x.sum() + (next(n) % 3 == 0)\n"
    )
    failure = only(grade(only=["ch01_sums.total"], ch01_sums=text), "total")
    assert failure.status == "failed"
    assert "does not return what it should" in failure.rationale


def test_the_seed_decides_the_inputs(grade):
    text = "+def total(x):\n    return x.sum() + (abs(x.sum()) > 1)\n"

    def evidence(seed):
        return only(grade(only=["ch01_sums.total"], seed=seed, ch01_sums=text), "total").evidence

    assert evidence(1) == evidence(1)


# Arguments and the check's own code.


def test_an_argument_given_away_is_a_failure(grade):
    text = "+def mean(x):\n    y = x.mean()\n    x.delete()\n    return y\n"
    failure = only(grade(only=["ch01_sums.mean"], ch01_sums=text), "mean")
    assert failure.status == "failed"
    assert "changed its arguments" in failure.rationale
    assert "leave the input" in failure.hint


@pytest.mark.parametrize("value", ["5.0", "x", "[[1], 2]", "None", "x.sum()"])
def test_a_check_that_trips_over_an_odd_value_is_a_failure(grade, value):
    text = f"+def outer(x, y):\n    return {value}\n"
    failure = only(grade(only=["ch02_shapes.outer"], ch02_shapes=text), "outer")
    assert failure.status == "failed"
    assert failure.rationale.startswith("What outer returned cannot be used as this check does")


def test_the_hint_of_a_check_comes_before_the_exercises(grade):
    text = "+def mean(x):\n    return x.sum() / 4 if x.ndim > 1 else x.max()\n"
    failure = only(grade(only=["ch01_sums.mean"], ch01_sums=text), "mean")
    assert (failure.name, failure.hint) == ("works under vmap", "Use no Python numbers.")
    assert failure.weight == 3


def test_two_lines_that_say_the_same_are_left_out():
    lines = ["at [0]: got 1, expected 2"]
    one, other = [1, 2, 3, 4], [2, 2, 3, 4]
    assert _mismatch("f", lines, one, other)[1] == ""
    assert _mismatch("f", lines, one[:2], other[:2])[1].startswith("got       [the Python int 1,")


KNOWN = Diagnosis("a name", "it is so", "the rule's", "ch01_sums", "https://page")


@pytest.mark.parametrize(
    ("explanation", "diagnosis", "of_check", "step"),
    [
        (Explanation("", "", "its own", "the class's"), KNOWN, "the check's", "its own (See "),
        (Explanation("", "", "", "the class's"), KNOWN, "the check's", "the rule's (See "),
        (Explanation("", "", "its own", "the class's"), None, "the check's", "its own"),
        (Explanation("", "", "", "the class's"), None, "the check's", "the check's"),
        (Explanation("", "", "", "the class's"), None, "", "the class's"),
        (Explanation(""), None, "", "the exercise's"),
    ],
)
def test_the_most_particular_advice_wins(pack, explanation, diagnosis, of_check, step):
    exercise = replace(pack.exercise("ch01_sums.total"), hints=("the exercise's",))
    demand = Demand(exercise.id, "a check", "value", 1, of_check, None, False, False, True)
    bound = Bound(pack, pack.chapter("ch01_sums"), exercise, demand)
    assert _next_step(bound, explanation, diagnosis).startswith(step)


def test_a_program_compiled_anew_each_time_is_found(grade):
    text = "+def relu_jit(x):\n    return jax.jit(lambda v: jnp.maximum(v, 0))(x)\n"
    results = grade(only=["ch02_shapes.relu_jit"], ch02_shapes=text)
    assert only(results, "relu_jit").name == "is compiled once per shape"
    assert results["relu_jit"].score == pytest.approx(1.6)  # two of five checks of four points
