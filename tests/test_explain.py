"""Outcomes in a learner's words: what was called, what came back, what to think about next."""

import numpy as np
import pytest

from grader import explain
from grader.model import Frame, Outcome, Raised


def error(*types, message="", frames=()):
    return Raised(types, message, frames)


def test_a_lambda_is_shown_as_the_call_that_it_makes():
    assert explain.probe_text(lambda m, x: m.selu(x)) == "selu(x)"
    assert explain.probe_text(lambda m: m.f(m.g(1), name="m.")) == "f(g(1), name='m.')"


def test_a_lambda_over_several_lines_is_one_line():
    probe = lambda m, x, y: (  # noqa: E731
        m.selu(x)
        + y
    )  # fmt: skip
    assert explain.probe_text(probe) == "selu(x) + y"


def test_of_two_lambdas_in_a_line_the_right_one_is_shown():
    pair = (lambda m, x: m.first(x), lambda m, y: m.second(y))
    assert [explain.probe_text(probe) for probe in pair] == ["first(x)", "second(y)"]


def test_a_lambda_inside_a_lambda_is_part_of_the_call():
    probe = lambda m, x: m.grad(lambda v: m.selu(v))(x)  # noqa: E731
    assert explain.probe_text(probe) == "grad(lambda v: selu(v))(x)"


def test_a_named_probe_is_shown_by_its_docstring():
    def with_docstring(m):
        """The gradient at 0.

        More.
        """

    def without(m):
        return m

    assert explain.probe_text(with_docstring) == "The gradient at 0."
    assert explain.probe_text(without) == "without(...)"


def test_a_probe_without_source_is_the_exercise():
    assert explain.probe_text(eval("lambda m: m.f()")) == "the exercise"


def test_the_arguments_are_shown_below_the_call():
    text = explain.call_text(lambda m, x, n: m.f(x, n), (np.float32([1, 2]), 3))
    assert text == "called    f(x, n)\nwith      x = float32[2] [1. 2.]\n          n = 3"


def test_a_call_without_arguments_has_one_line():
    assert explain.call_text(lambda m: m.f(), ()) == "called    f()"


def test_arguments_without_names_are_counted():
    text = explain.call_text(lambda m, *xs: m.f(*xs), (1, 2))
    assert "1" in text
    assert "2" in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        ("a", "'a'"),
        (None, "None"),
        ((1, 2.5), "(1, 2.5)"),
        ((1,), "(1,)"),
        ([1], "[1]"),
        ([np.float32(1)], "[float32[] 1.]"),
        ([1, 2, 3, 4, 5], "a list of 5"),
        ({"a": 1}, "a dict of 1"),
        (np.zeros((0, 2), np.float32), "float32[0,2] []"),
    ],
)
def test_an_argument_takes_few_words(value, text):
    assert explain.argument_text(value) == text


def test_long_arguments_are_cut():
    assert len(explain.argument_text("x" * 1000)) <= 120
    assert len(explain.argument_text([[0] * 3, ["y" * 500]])) <= 300


@pytest.mark.parametrize("name", [name for name, _ in explain.ADVICE])
def test_every_class_with_advice_is_found_below_its_subclass(name):
    assert explain.advice(error("MyOwnError", name, "Exception")) != ""


def test_the_more_telling_class_comes_first():
    import jax.errors

    for name in ("TracerBoolConversionError", "TracerIntegerConversionError"):
        types = [c.__name__ for c in getattr(jax.errors, name).__mro__]
        assert explain.advice(error(*types)) == dict(explain.ADVICE)[name]


def test_every_class_of_jax_with_advice_exists():
    import jax.errors

    names = [name for name, _ in explain.ADVICE if name.startswith(("Tracer", "Concret", "Key"))]
    assert names
    assert [name for name in names if not hasattr(jax.errors, name)] == []


def test_an_unknown_class_has_no_advice():
    assert explain.advice(error("ValueError")) == ""


def test_the_first_paragraph_is_short_and_clean():
    text = "\n\x1b[31mone\x1b[0m\ntwo\nthree\nfour\n\nlater"
    assert explain.first_paragraph(text) == "one\n| two\n| three"
    assert len(explain.first_paragraph("x" * 5000)) == 240
    assert explain.first_paragraph("") == ""


def test_what_a_colon_announces_is_part_of_the_first_paragraph():
    text = "must have equal types, but they differ:\n\nThe input has type int32[].\n\nRevise it."
    assert explain.first_paragraph(text) == (
        "must have equal types, but they differ:\n| The input has type int32[]."
    )
    assert explain.first_paragraph("it ends here:") == "it ends here:"


def test_what_is_known_of_a_class_alone_is_no_hint_about_the_place():
    tracer = explain.raised("f", "", error("TracerBoolConversionError"), "a.py")
    assert not tracer.hint
    assert "jnp.where" in tracer.general
    ended = explain.raised("f", "", error("SystemExit"), "a.py")
    assert "exit()" in ended.hint
    assert not ended.general


def test_an_exception_names_the_learners_lines():
    frames = (Frame(3, "selu", "return x.no"), Frame(9, "<module>", "\x1b[2Jvalue"))
    failure = error("AttributeError", "Exception", message="no 'no'", frames=frames)
    explanation = explain.raised("selu", "called    selu(x)", failure, "ch03.py")
    assert explanation.rationale == "selu raised AttributeError: no 'no'"
    assert explanation.evidence.splitlines() == [
        "called    selu(x)",
        "ch03.py, line 3, in selu:  return x.no",
        "ch03.py, line 9, in <module>:  value",
    ]


def test_an_exception_without_text_ends_with_a_stop():
    assert explain.raised("f", "", error("ValueError"), "a.py").rationale == "f raised ValueError."


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (Outcome("timed out", detail="no answer within 5 s"), "did not come to an end"),
        (Outcome("crashed", detail="its process was ended by SIGABRT"), "SIGABRT"),
        (Outcome("raised", error=error("SyntaxError", message="invalid")), "SyntaxError: invalid"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_explained(outcome, words):
    explanation = explain.load_failure("ch03.py", outcome)
    assert explanation.rationale.startswith("ch03.py ")
    assert words in explanation.rationale
    assert explanation.hint
