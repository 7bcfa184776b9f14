"""Digits that get lost: cancellation, rounding, limits."""

from __future__ import annotations

import ast
import re

import numpy as np

from grader.misconceptions.evidence import Evidence
from grader.misconceptions.measure import same, single, telling, whole
from grader.misconceptions.rule import DOCS, misconception


@misconception(
    "digits lost in a difference of large numbers",
    "Subtract before you add up or square: (a - b) ** 2, a masked sum, the two-pass variance.",
    "ch05_vmap",
    DOCS + "jax.numpy.html",
)
def cancellation(e: Evidence) -> str | None:
    pair = whole(e)
    floats = [a for a in e.args if isinstance(a, np.ndarray) and a.dtype.kind == "f" and a.size]
    minus = [n for n in e.nodes if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Sub)]
    if pair is None or not floats or not minus:
        return None
    largest = max(float(np.abs(a[np.isfinite(a)]).max(initial=0)) for a in floats)
    constants = [n.value for n in e.nodes if isinstance(n, ast.Constant)]
    if any(isinstance(value, float) and 0 < value < 1e-3 for value in constants):
        return None  # a tolerance may be what is wrong
    size = float(np.abs(pair[1]).max()) if np.isfinite(pair[1]).all() else 0.0
    if not size or not 1e4 * max(size, 0.1) < largest < 1e30 or e.called("clip", "exp"):
        return None
    return f"numbers of {largest:.1e} are subtracted to give {size:.3g}: float32 has 7 digits."


@misconception(
    "a safety number that is not small beside the input",
    "Test for zero itself with where; a constant like 1e-12 swallows inputs of that size.",
    "ch06_gotchas",
    DOCS + "faq.html#gradients-contain-nan-where-using-where",
)
def guard_swamps(e: Evidence) -> str | None:
    pair = single(e)
    values = [
        n.value for n in e.nodes if isinstance(n, ast.Constant) and isinstance(n.value, float)
    ]
    tiny = [v for v in values if 0 < v <= 1e-4]
    if pair is None or not tiny or not 0 < np.abs(pair[1]).max() < 1e-4:
        return None
    return f"the expected number is {np.abs(pair[1]).max():.3g}, and the code compares or adds {max(tiny):g}."


@misconception(
    "numbers rounded on the way",
    "Do not round, and stay in float32: rounding is for printing.",
    "ch06_gotchas",
    DOCS + "type_promotion.html",
)
def rounded(e: Evidence) -> str | None:
    calls = [c for c in e.called("round", "astype") if "bool" not in ast.unparse(c)]
    half = re.search(r"b?float16|round\(", e.text)
    if not calls or not half or not e.differs or e.error is not None:
        return None
    for got, expected in e.leaves:
        near = got.dtype.kind == "f" and np.allclose(got, expected, rtol=0.02)
        if not near and not same(got, expected):
            return None
    return f"`{half.group().rstrip('(')}` leaves a number that is near, but not the one expected."


@misconception(
    "a division that drops the fraction",
    "Use / in place of //.",
    "ch06_gotchas",
    "https://docs.python.org/3/library/stdtypes.html#numeric-types-int-float-complex",
)
def floor_division(e: Evidence) -> str | None:
    floors = [n for n in e.nodes if isinstance(n, ast.BinOp) and isinstance(n.op, ast.FloorDiv)]
    if not floors or not e.differs:
        return None
    wrong = [(a, b) for a, b in e.leaves if not same(a, b)]
    if not wrong or not all(same(a, np.floor(b)) and (b % 1 > 0).any() for a, b in wrong):
        return None
    return f"`{ast.unparse(floors[0])}` rounds down."


@misconception(
    "values cut off at a limit",
    "Clip nothing that the result depends on; clip the argument of the function that overflows.",
    "ch05_vmap",
    DOCS + "jax.numpy.html",
)
def clipped(e: Evidence) -> str | None:
    pair = whole(e)
    if pair is None or not e.called("clip", "minimum", "maximum"):
        return None
    got, expected = pair
    for call in e.called("clip"):
        wrong = ~np.isclose(got, expected, rtol=1e-4, atol=1e-5)
        if len(np.unique(np.round(np.abs(got[wrong]), 4))) <= 2 and telling(expected[wrong]):
            return f"`{ast.unparse(call)}`: beyond the limit all inputs give the same."
    return None
