"""What a definition rests on: an answer is graded again when that changes, and only then."""

import pytest

from grader.sources import definition, digests, line_ranges

TEXT = '''"""The lesson."""
import jax
from ch02 import helper

SCALE = 2.0


def inner(x):
    return SCALE * x


@jax.jit
def outer(x):
    return inner(x) + 1


def other(x):
    return x


jax.config.update("jax_debug_nans", False)
'''
SIBLING = "def helper(x):\n    return x\n"


def found(text, sibling=SIBLING):
    return digests({"ch01": text, "ch02": sibling}, "ch01", ["inner", "outer", "other", "missing"])


BEFORE = found(TEXT)


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("x\n\n\njax", "x * 1\n\n\njax", {"other"}),
        ("SCALE = 2.0", "SCALE = 3.0", {"inner", "outer"}),
        ("inner(x) + 1", "inner(x) + 2", {"outer"}),
        ("@jax.jit\n", "", {"outer"}),
        ("SCALE * x", "SCALE*x  # a comment", set()),
        ("The lesson", "Another lesson", set()),
        ("def other(x):", "def other(x):\n", set()),
        (
            '"jax_debug_nans", False',
            '"jax_debug_nans", True',
            {"inner", "outer", "other", "missing"},
        ),
        ("def other(x):", "SCALE = 5\n\n\ndef other(x):", {"inner", "outer"}),
        ("return x\n", "return (\n", {"inner", "outer", "other", "missing"}),
    ],
)
def test_what_changes_with_what(old, new, changed):
    assert old in TEXT
    after = found(TEXT.replace(old, new, 1) if old != "return x\n" else TEXT.replace(old, new))
    assert {name for name in after if after[name] != BEFORE[name]} == changed


def test_a_chapter_that_is_imported_counts_where_it_is_named():
    using = TEXT.replace("return inner(x) + 1", "return helper(inner(x))")
    before = found(using)
    after = found(using, SIBLING.replace("return x", "return 2 * x"))
    assert {name for name in after if after[name] != before[name]} == {"outer"}


def test_a_name_that_is_not_there_has_a_digest_too():
    assert BEFORE["missing"]
    assert digests({}, "ch01", ["f"])["f"]


@pytest.mark.parametrize(
    "text",
    [
        "def f(:",
        "\0",
        "(" * 100_000,
        "x = '\ud800'",
        "x = " + "-" * 900 + "1",
        "x" + "+x" * 2000,
        "x" + ".a" * 9000,
    ],
)
def test_a_text_that_is_no_python_counts_whole(text):
    assert digests({"ch01": text}, "ch01", ["f", "g"]).keys() == {"f", "g"}


def test_a_definition_is_shown_as_it_is_written():
    assert definition(TEXT, "outer") == "@jax.jit\ndef outer(x):\n    return inner(x) + 1\n"
    assert line_ranges(TEXT, "SCALE") == [(4, 5)]


@pytest.mark.parametrize(
    ("more", "same"),
    [
        ("import jax\n", True),
        ("import jax\nimport jax\n", True),
        ("from ch02 import helper\nimport jax\n", True),
        ("jax = None\nimport jax\n", False),
        ("import numpy as jax\nimport jax\n", False),
        ("import jax\njax = None\n", False),
        ("import jax, numpy\n", False),  # perhaps the same; a doubt costs nothing but time
    ],
)
def test_an_import_that_is_repeated_changes_nothing(more, same):
    changed = found(TEXT.replace("def inner", f"{more}\n\ndef inner"))
    assert (changed["outer"] == BEFORE["outer"]) == same


def test_what_completes_a_function_counts_for_it():
    text = (
        "import jax\n\n\n@jax.custom_jvp\ndef f(x):\n    return x\n\n\n"
        "@f.defjvp\ndef f_jvp(primals, tangents):\n    return helper(primals[0]), tangents[0]\n\n\n"
        "def helper(x):\n    return x\n\n\ndef other(x):\n    return x\n"
    )
    for old, new in (
        ("tangents[0]\n", "2 * tangents[0]\n"),
        ("helper(x):\n", "helper(x):\n    x += 1\n"),
    ):
        assert old in text
        before, after = (
            digests({"ch01": t}, "ch01", ["f", "other"]) for t in (text, text.replace(old, new))
        )
        assert before["f"] != after["f"]
        assert before["other"] == after["other"]


def test_names_of_local_variables_may_not_count():
    def found(text, anonymously):
        return digests({"ch01": text}, "ch01", ["f"], anonymously)["f"]

    text = "def f(x):\n    total = x + 1\n    for n in range(3):\n        total += n\n    return total\n"
    other = text.replace("total", "sum_").replace("n in", "i in").replace("+= n", "+= i")
    assert found(text, True) == found(other, True)
    assert found(text, False) != found(other, False)
    assert found(text, True) != found(text.replace("(x)", "(y)").replace("x +", "y +"), True)
    assert found(text, True) != found(text.replace("+= n", "+= total"), True)
