"""Numbers that are off in a telling way: a factor, a sign, an offset, a power."""

from __future__ import annotations

import ast
import re
from typing import TypeGuard

import numpy as np

from grader.misconceptions.evidence import Evidence
from grader.misconceptions.measure import (
    common_factor,
    count,
    is_count,
    number,
    ratio,
    rich,
    same,
    single,
    sizes,
    telling,
    varied,
    whole,
)
from grader.misconceptions.rule import DOCS, misconception

SUM = DOCS + "_autosummary/jax.numpy.sum.html"


@misconception(
    "the wrong sign",
    "Follow the sign through: a minus too many or too few.",
    "ch04_grad",
    DOCS + "automatic-differentiation.html",
)
def wrong_sign(e: Evidence) -> str | None:
    pair = whole(e)
    if pair is None or not np.abs(pair[1]).max() > 1e-6:
        return None
    factor = ratio(*pair)
    minus = any(
        isinstance(n, ast.UnaryOp)
        and isinstance(n.op, ast.USub)
        and isinstance(n.operand, ast.Call)
        for n in e.nodes
    )
    if factor is None or abs(factor + 1) > 1e-3 or not (telling(pair[1]) or rich(e) or minus):
        return None
    return "every number is minus the expected one."


@misconception(
    "the sample standard deviation in place of the population's",
    "Divide by n, not by n - 1: leave ddof at 0.",
    "ch05_vmap",
    DOCS + "_autosummary/jax.numpy.std.html",
)
def sample_deviation(e: Evidence) -> str | None:
    pair = varied(e)
    factor = ratio(*pair) if pair else None
    if pair is None or factor is None:
        return None
    n = pair[1].shape[0] if pair[1].ndim else 0
    scales = [((n - 1) / n) ** 0.5, (n / (n - 1)) ** 0.5] if n > 1 else []
    if not any(abs(factor / s - 1) < 1e-3 for s in scales) or "ddof" not in e.text:
        return None
    return f"every entry is {number(factor)} times the expected one: sqrt(n - 1) / sqrt(n), with n = {n}."


@misconception(
    "a mean where a sum is asked for",
    "Take the sum over the batch; a mean divides by its size.",
    "ch10_mnist_jax",
    SUM,
)
def mean_for_sum(e: Evidence) -> str | None:
    factor = common_factor(e)
    n = count(1 / factor, e) if factor else None
    averages = e.uses("mean", "average") or re.search(
        r"/ ?(?:len\(|\w+\.shape|\w*size|n\b)", e.text
    )
    if not n or not averages:
        return None
    return f"every number is 1/{n} of the expected one, and {sizes(e)[n]}."


@misconception(
    "a sum where a mean is asked for",
    "Take the mean, or divide by the number of samples.",
    "ch05_vmap",
    SUM,
)
def sum_for_mean(e: Evidence) -> str | None:
    factor = common_factor(e)
    n = count(factor, e) if factor and factor > 1 else None
    if not n or not e.uses("sum"):
        return None
    return f"every number is {n} times the expected one, and {sizes(e)[n]}."


@misconception(
    "percent in place of a fraction",
    "Leave the 100 out: all right is 1.0.",
    "ch10_mnist_jax",
    SUM,
)
def percent(e: Evidence) -> str | None:
    factor = common_factor(e)
    if factor is None or abs(factor - 100) > 0.1 or not re.search(r"\b100(\.0)?\b", e.text):
        return None
    return "the result is 100 times the expected one."


@misconception(
    "the share of the others",
    "Count the other way round: what is asked for is one minus this.",
    "ch10_mnist_jax",
    SUM,
)
def complement(e: Evidence) -> str | None:
    pair = whole(e)
    if pair is None or not same(1 - pair[0], pair[1]):
        return None
    if not re.search(r"!=|\b1(\.0)? -", e.text) or e.leaves[0][1].dtype.kind != "f":
        return None
    return "the result and the expected one add up to 1."


@misconception(
    "a factor missing or too many",
    "Divide your result by the expected one: where in the formula does this factor stand?",
    "ch04_grad",
    DOCS + "automatic-differentiation.html",
)
def constant_factor(e: Evidence) -> str | None:
    pair = whole(e)
    factor = ratio(*pair) if pair else None
    if pair is None or factor is None:
        return None
    constants = [n.value for n in e.nodes if isinstance(n, ast.Constant) and _real(n.value)]
    known = any(
        abs(factor - c) < 1e-3 * abs(c) or abs(factor * c - 1) < 1e-3
        for c in constants
        if c not in (0, 1)
    )
    plain = "." not in number(factor)  # 3, 1/4: unlikely to come about by chance
    several = len(np.unique(np.abs(pair[1][pair[1] != 0]).round(6))) >= (2 if plain else 3)
    if not known and not (several and telling(pair[1])):
        return None
    which = "every number is" if len(pair[1]) > 1 else "the result is"
    return f"{which} {number(factor)} times the expected one."


def _real(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


@misconception(
    "an entry too many or too few: off by one",
    "Try n = 0 and n = 1 by hand: the end of a range or slice is excluded, indices start at 0.",
    "ch03_jit",
    "https://docs.python.org/3/library/functions.html#func-range",
)
def off_by_one(e: Evidence) -> str | None:
    pair = single(e)
    if pair is None:
        return None
    got, expected = pair
    steps = np.unique(got - expected)
    whole_numbers = e.leaves[0][1].dtype.kind in "iu"
    if (
        whole_numbers
        and len(steps) == 1
        and abs(steps[0]) == 1
        and (telling(expected) or not got.ndim)
    ):
        return f"the result is one {'more' if steps[0] > 0 else 'less'} than expected."
    n = [int(a) for a in e.args if np.ndim(a) == 0 and is_count(a)]
    rows = [a for a in e.args if isinstance(a, np.ndarray) and a.ndim == 1]
    if got.ndim or len(n) != 1 or not rows or not 0 < n[0] <= len(rows[0]):
        return None
    sums = np.concatenate([[0.0], np.cumsum(rows[0].astype(np.float64))])
    others = {"more": n[0] + 1, "fewer": n[0] - 1}
    for word, end in others.items():
        if end < len(sums) and same(got, sums[end]) and same(expected, sums[n[0]]):
            return f"the result is the sum of one entry {word} than n = {n[0]}."
    return None


@misconception(
    "a comparison that is wrong at its border",
    "Decide on which side equality belongs: < or <=, > or >=.",
    "ch03_jit",
    DOCS + "_autosummary/jax.numpy.where.html",
)
def wrong_border(e: Evidence) -> str | None:
    pair = single(e)
    arrays = [a for a in e.args if isinstance(a, np.ndarray)]
    orders = [n for n in e.nodes if isinstance(n, ast.Lt | ast.LtE | ast.Gt | ast.GtE)]
    if pair is None or e.kind != "value" or not orders:
        return None
    got, expected = pair
    wrong = ~np.isclose(got, expected, rtol=1e-4, atol=1e-5)
    if len(arrays) == 1 and arrays[0].shape == got.shape and got.size > wrong.sum() > 0:
        at = np.unique(arrays[0][wrong])
        if len(at) == 1 and at[0] == 0:
            return "only the entries where x is exactly 0 differ."
    if not wrong.all() or e.leaves[0][0].dtype != e.leaves[0][1].dtype:
        return None
    for a in (float(a) for a in e.args if np.ndim(a) == 0 and np.asarray(a).dtype.kind in "if"):
        if re.search(rf"[<>]= {re.escape(f'{a:g}')}(?![\w.])", e.text):
            return f"the input {a:g} stands exactly at the border of the comparison."
    return None


@misconception(
    "a power too many or too few",
    "Check where the square or the root stands, and what it covers.",
    "ch06_gotchas",
    DOCS + "jax.numpy.html",
)
def other_power(e: Evidence) -> str | None:
    pair = single(e)
    if pair is None or not (telling(pair[1]) or rich(e)):
        return None
    got, expected = pair
    if np.abs(expected).max() in (0, 1):
        return None
    if same(got, expected**2):
        return "the result is the square of the expected one."
    if same(got**2, np.abs(expected)) and (got >= 0).all():
        return "the result is the root of the expected one."
    return None


@misconception(
    "the size in place of the number",
    "Keep the sign: abs drops it.",
    "ch10_mnist_jax",
    DOCS + "jax.numpy.html",
)
def absolute(e: Evidence) -> str | None:
    pair = varied(e)
    if pair is None or not e.called("abs", "absolute") or not (pair[1] < 0).any():
        return None
    return (
        "the result is the absolute value of the expected one."
        if same(pair[0], np.abs(pair[1]))
        else None
    )
