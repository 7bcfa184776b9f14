"""Passages: what changes them, what does not, and that any text is read in bounded time."""

import time

import numpy as np
import pytest

from grader.passages import (
    GUARANTEED,
    LENGTH,
    MAX_STATEMENTS,
    MAX_TOKENS,
    chosen,
    grams,
    statements,
    vocabulary,
)

CODE = """
import jax.numpy as jnp

@decorated(
    with_this=1,
)
def mean(x):
    \"\"\"A docstring
def total(x):
    of several lines.\"\"\"
    count = len(x)  # a comment
    return jnp.sum(x) / count

table = {
    "a": 1,
}
if table:
    spread = 1
else:
    spread = 2
"""


@pytest.fixture(scope="module")
def words(pack):
    return vocabulary(pack)


@pytest.fixture(scope="module")
def chapter(pack):
    return pack.chapter("ch01_sums")


def passages(code, words):
    hashes = grams(words.numbers(code), 1)
    return set(hashes[chosen(hashes)].tolist())


def test_a_file_is_taken_apart_at_its_first_column(chapter):
    found = statements(CODE, chapter)
    assert [(s.name, s.first, s.last) for s in found] == [
        *(("mean", 4, 12), ("table", 14, 16), ("", 17, 20)),  # those of exercises come first
    ]
    lines = CODE.split("\n")
    assert lines[found[0].first - 1] == "@decorated("
    assert lines[found[0].last - 1].startswith("    return")
    assert "docstring" not in found[0].code
    assert "comment" not in found[0].code


@pytest.mark.parametrize(
    "other",
    [
        CODE.replace("count", "how_many"),
        CODE.replace("(x)", "(values)"),
        CODE.replace("# a comment", "# another one"),
        CODE.replace("    ", "\t"),
        CODE.replace("A docstring", "My own words"),
        CODE.replace("jnp.sum", "jax.numpy.sum"),
        CODE.replace("len(x)", "len( x )"),
    ],
)
def test_what_hides_a_copy_changes_no_passage(chapter, words, other):
    assert other != CODE
    first, second = (statements(text, chapter)[0].code for text in (CODE, other))
    assert passages(first, words) == passages(second, words) != set()


@pytest.mark.parametrize(
    "other",
    [
        CODE.replace("jnp.sum", "jnp.mean"),
        CODE.replace("/ count", "* count"),
        CODE.replace("len(x)", "abs(x)"),
        CODE.replace("with_this=1", "with_this=2"),
    ],
)
def test_what_changes_the_code_changes_passages(chapter, words, other):
    first, second = (statements(text, chapter)[0].code for text in (CODE, other))
    assert passages(first, words) != passages(second, words)


def test_every_long_run_that_two_share_is_seen():
    drawn = np.random.default_rng(0)
    for _ in range(50):
        shared = drawn.integers(0, 5, GUARANTEED).tolist()
        texts = [
            [*drawn.integers(5, 99, 30).tolist(), *shared, *drawn.integers(5, 99, 30).tolist()]
            for _ in range(2)
        ]
        one, other = (grams(text, 3) for text in texts)
        assert set(one[chosen(one)].tolist()) & set(other[chosen(other)].tolist())


@pytest.mark.parametrize("length", [0, 1, LENGTH - 1, LENGTH, LENGTH + 1, LENGTH + 3, 99])
def test_texts_of_any_length_have_passages_if_they_are_long_enough(length):
    hashes = grams(list(range(length)), 1)
    assert len(hashes) == max(0, length - LENGTH + 1)
    places = chosen(hashes)
    assert bool(len(places)) == (length >= LENGTH)
    assert len(set(places.tolist())) == len(places)


def test_passages_are_the_same_in_every_process(words):
    assert words.numbers("def f(x):")[0] == 5346529856746473847


def test_lines_of_tokens(words):
    code = "def f(x):\n\n    y = 1\n    return y"
    assert words.lines(code) == [0] * 5 + [2] * 3 + [3] * 2
    assert len(words.lines(code)) == len(words.numbers(code))


MEBI = 2**20
TEXTS = {
    "quotation marks": '"' * MEBI,
    "an open text": '"""' + 'a"' * (MEBI // 2),
    "backslashes": "'" + "\\" * MEBI,
    "decorators": "@\n" * (MEBI // 2),
    "open decorators": "@a(\n)\n" * (MEBI // 6),
    "statements": "a\n" * (MEBI // 2),
    "names": "a " * (MEBI // 2),
    "modules": "jnp." * (MEBI // 4),
    "one name": "b" * MEBI,
    "prefixes": "f'" * (MEBI // 2),
    "brackets": "(" * MEBI,
    "spaces": " " * MEBI,
    "annotations": "a:" * (MEBI // 2),
    "definitions": "def total(x): return x\n" * (MEBI // 23),
    "a text of no language": "\ufdfa\u202e\U0001f600é ñ" * (MEBI // 8),
    "half pairs": "\ud800 = 1\n" * (MEBI // 6),
    "form feeds": "\f\v\x1c\u2028 a = 1\n" * (MEBI // 10),
}


@pytest.mark.parametrize("name", TEXTS)
def test_no_text_takes_long(chapter, words, name):
    start = time.process_time()
    found = statements(TEXTS[name], chapter)
    assert len(found) <= MAX_STATEMENTS
    for statement in found:
        numbers = words.numbers(statement.code)
        assert len(numbers) <= MAX_TOKENS
        chosen(grams(numbers, 1))
        assert len(words.lines(statement.code)) == len(numbers)
    assert time.process_time() - start < 8
