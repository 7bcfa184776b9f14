"""Comparison: what agrees with what, and the sentence about the first thing that does not."""

import math
import time
import warnings

import ml_dtypes
import numpy as np
import pytest

from grader import compare
from grader.compare import Tolerance, describe, differences, share_apart
from grader.worker.wire import TOO_LARGE, Array, Opaque, Record, Spec

STRICT = Tolerance()


def jax(values, dtype="float32"):
    return Array("jax", np.array(values, dtype))


def numpy(values, dtype="float32"):
    return Array("numpy", np.array(values, dtype))


def torch(values, dtype="float32"):
    return Array("torch", np.array(values, dtype))


def bfloat16(values):
    return Array("jax", np.array(values).astype(ml_dtypes.bfloat16))


POINT = Record("Point", ("x", "y"), (1, jax([2.0])))

AGREE = [
    (None, None),
    (True, True),
    (3, 3),
    ("a", "a"),
    (1.0, 1.0 + 1e-12),
    (math.nan, math.nan),
    (-math.inf, -math.inf),
    (2j, 2j),
    ([1, (2, {"a": None})], [1, (2, {"a": None})]),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    (jax([1, 2]), jax([1, 2])),
    (jax([1, 2]), np.float32([1, 2])),  # NumPy in `expected` stands for JAX
    (jax([1, 2.00001]), jax([1, 2])),
    (jax([1.0000001, 1e-6]), jax([1, 0])),
    (jax([math.nan, math.inf, -math.inf]), jax([math.nan, math.inf, -math.inf])),
    (jax([]), jax([])),
    (jax(0.0), jax(-0.0)),
    (jax([1, 2], "int32"), jax([1, 2], "int64")),  # the width of an integer is the platform's
    (jax([1, 2], "uint8"), jax([1, 2], "int32")),
    (jax([True, False], "bool"), jax([True, False], "bool")),
    (jax(1.0), np.float32(1)),
    (2.5, np.float32(2.5)),  # a Python number for an array without axes
    (2, np.int32(2)),
    (True, np.bool_(True)),
    (0.1, np.float32(0.1)),
    (bfloat16([1.0, math.nan]), bfloat16([1.01, math.nan])),
    (jax([1.0], "float16"), jax([1.001], "float16")),
    (jax([1 + 1j], "complex64"), jax([1 + 1j], "complex64")),
    (torch([1, 2]), torch([1, 2])),
    (Spec((2,), "float32"), Spec((2,), "float32")),
    (POINT, POINT),
    (POINT, Record("Place", ("a", "b"), POINT.values)),  # names of types are the learner's
    (POINT, POINT.values),
]

DIFFER = [
    (None, 0, "None"),
    (1, True, "the Python bool True"),
    (1, 1.0, "the Python float 1"),
    (1.0, 1.1, "got 1, expected 1.1"),
    (math.nan, 1.0, "got nan, expected 1"),
    ("a", "b", "the text 'b'"),
    ([1], (1,), "expected (the Python int 1,)"),
    ([1, 2], [1, 2, 3], "got a list of 2, expected one of 3"),
    ({"a": 1}, {"a": 1, "b": 2}, "got the keys ['a']"),
    ([1], {"a": 1}, "expected a dict"),
    ({"w": [jax([1, 2])]}, {"w": [jax([1, 3])]}, "at ['w'][0][1]: got 2, expected 3"),
    (jax([1, 2]), jax([1, 2.01]), "(1 of 2 entries differ)"),
    (jax([[1, 2]]), jax([1, 2]), "got shape (1, 2), expected (2,)"),
    (jax(1.0), jax([1.0, 1.0]), "got shape (), expected (2,)"),  # a broadcast is no equality
    (jax([1], "float32"), jax([1], "int32"), "got dtype float32, expected int32"),
    (jax([1], "int32"), jax([1], "float32"), "got dtype int32, expected float32"),
    (jax([1], "float16"), jax([1], "float32"), "got dtype float16"),
    (jax([1], "complex64"), jax([1], "float32"), "got dtype complex64"),
    (jax([1], "int32"), jax([True], "bool"), "got dtype int32, expected bool"),
    (jax([math.nan] * 2), jax([1, 2]), "got nan, expected 1 (2 of 2"),
    (jax([1.0]), jax([math.nan]), "got 1, expected nan"),
    (jax([math.inf]), jax([-math.inf]), "got inf, expected -inf"),
    (jax([3e38]), jax([math.inf]), "expected inf"),
    (jax([math.inf]), jax([3e38]), "got inf"),
    (jax([100, 4], "uint8"), jax([100, 5], "uint8"), "got 4, expected 5"),
    (numpy([1, 2]), jax([1, 2]), "got a NumPy array float32[2]"),
    (torch([1.0]), jax([1.0]), "a torch.Tensor"),
    (jax([1.0]), torch([1.0]), "a torch.Tensor"),
    (jax([0, 1], "uint32"), Array("jax key", np.uint32([0, 1])), "a PRNG key"),
    ([1.0, 2.0], jax([1, 2]), "expected float32[2]"),
    (1.0, jax([1.0]), "got the Python float 1, expected float32[1]"),
    (1, np.float32(1), "got the Python int 1, expected float32[]"),
    (1.0, np.int32(1), "got the Python float 1"),
    (True, np.int32(1), "got the Python bool True"),
    (3, np.int32(2), "got 3, expected 2"),
    (2**40, np.int32(2), "expected"),  # beyond the type that it stands for
    (-1, np.uint8(255), "expected"),
    (1e300, np.float32(1), "expected"),
    (jax([1.0]), 1.0, "expected the Python float 1"),
    (None, jax([1.0]), "got None"),
    (Opaque("function", "builtins.function", "<f>"), jax([1.0]), "a function (builtins.function)"),
    (Opaque("tracer", "jax.Tracer", "T"), jax([1.0]), "got a tracer"),
    (Spec((2,), "float32"), Spec((3,), "float32"), "ShapeDtypeStruct(float32[3])"),
    (bfloat16([1.0]), bfloat16([1.1]), "got 1, expected 1.1"),
    (jax([1 + 1j], "complex64"), jax([1 - 1j], "complex64"), "1+1j"),
    (POINT, (1, jax([3.0])), "got 2, expected 3"),
    ((1,), POINT, "a Point of 2"),
]


def identify(value):
    return repr(value)[:40]


@pytest.mark.parametrize(("got", "expected"), AGREE, ids=identify)
def test_these_agree(got, expected):
    assert list(differences(got, expected, STRICT)) == []


@pytest.mark.parametrize(("got", "expected", "sentence"), DIFFER, ids=identify)
def test_these_differ_in_one_line(got, expected, sentence):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lines = list(differences(got, expected, STRICT))
    assert len(lines) == 1
    assert sentence in lines[0]


def test_every_leaf_that_differs_is_named():
    got = {"a": jax([1]), "b": jax([2]), "c": [jax([3])]}
    expected = {"a": jax([1]), "b": jax([5]), "c": [jax([6])]}
    lines = list(differences(got, expected, STRICT))
    assert [line.partition(":")[0] for line in lines] == ["at ['b'][0]", "at ['c'][0][0]"]


def test_a_tolerance_replaces_the_tables():
    got, expected = jax([1.0]), jax([1.05])
    assert list(differences(got, expected, STRICT))
    assert not list(differences(got, expected, Tolerance(rtol=0.1)))
    assert not list(differences(got, expected, Tolerance(atol=0.1)))
    assert list(differences(jax([1.00001]), jax([1.0]), Tolerance(rtol=0.0, atol=0.0)))


def test_a_tolerance_never_makes_integers_equal():
    assert list(differences(jax([1], "int32"), jax([2], "int32"), Tolerance(10.0, 10.0)))


@pytest.mark.parametrize("dtype", sorted(compare.TOLERANCES))
def test_the_table_is_neither_exact_nor_careless(dtype):
    rtol, atol = compare.TOLERANCES[dtype]
    assert 0 < rtol <= 2e-2
    assert 0 < atol <= 2e-2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (jax([1, 2.5]), "float32[2] [1. 2.5]"),
        (np.float32([1]), "float32[1] [1.]"),
        (jax(3, "int32"), "int32[] 3"),
        (bfloat16([1.5]), "bfloat16[1] [1.5]"),
        ((), "a tuple of 0"),
        ((jax(2.5),), "(float32[] 2.5,)"),
        ([jax(2.5)], "[float32[] 2.5]"),
        ([1, 2, 3, 4], "a list of 4"),
        ([1, True], "[the Python int 1, the Python bool True]"),
        (POINT, "a Point of 2"),
        ({"a": 1}, "a dict of 1"),
        (1e-9, "the Python float 1e-09"),
    ],
    ids=identify,
)
def test_a_value_is_described_in_a_few_words(value, text):
    assert describe(value) == text


def test_a_large_array_is_described_in_one_short_line():
    text = describe(jax(np.random.default_rng(0).normal(size=(100, 100))))
    assert "\n" not in text
    assert len(text) < 140


def test_the_share_of_entries_that_differ():
    def tree(*arrays):
        return [(Array("jax", np.float32(a)), Array("jax", np.float32([1, 2]))) for a in arrays]

    right = tree([1, 2, 3, 4, 5, 6])
    assert share_apart(right, right) == 0
    assert share_apart(tree([1, 2, 3, 4, 5, 9]), right) == 1 / 8
    assert share_apart(tree([1, 2, 3]), right) == 1
    assert share_apart(tuple(right), right) == 1
    assert share_apart(right * 2, right) == 1
    assert share_apart([None], [Array("jax", np.float32(1))]) == 1


LARGE = Opaque(TOO_LARGE, "jax float32[9000,9000]", "324,000,000 bytes")


def test_an_array_too_large_to_send_is_named_with_its_shape():
    (line,) = differences(LARGE, np.float32([1, 2, 3]), STRICT)
    assert line == (
        "got an array too large to send (jax float32[9000,9000]), expected float32[3] [1. 2. 3.]"
    )


def test_two_arrays_too_large_to_send_do_not_agree():
    (line,) = differences(LARGE, LARGE, STRICT)
    assert "cannot be compared" in line


def test_an_array_of_many_axes_is_described_at_once():
    many = Array("jax", np.zeros((2,) * 24, np.uint8))
    start = time.perf_counter()
    assert len(describe(many)) < 250
    assert time.perf_counter() - start < 1


def test_thousands_of_long_keys_are_shortened():
    (line,) = differences({"k" * 1000 + str(i): 1 for i in range(1000)}, {"a": 1}, STRICT)
    assert "expected ['a']" in line
    assert len(line) < 600


def test_what_an_answer_calls_its_things_is_cleaned_and_bounded():
    name = "a\x1b[2J\nb" * 1000
    keys = {f"k{number}\n": 0 for number in range(5000)}
    texts = [
        compare.describe(Opaque("", name, "")),
        compare.describe(Opaque(name, name, "")),
        compare.describe(Record(name, (), ())),
        compare.describe(Spec((1,), name)),
        compare.describe(10**390),
        *compare.differences(keys, {"a": 0}, compare.Tolerance()),
    ]
    for text in texts:
        assert text.isprintable()
        assert len(text) < 500
    assert "4990 more" in texts[-1]
