"""Mistakes with x.at[...] and with indices that pick nothing."""

from __future__ import annotations

import ast

import numpy as np

from grader.misconceptions.evidence import Evidence
from grader.misconceptions.measure import is_count, same, single, telling
from grader.misconceptions.rule import DOCS, GOTCHAS, misconception


@misconception(
    "a value that is set where it should be added",
    "Use x.at[i].add(v): .set forgets what was there.",
    "ch06_gotchas",
    DOCS + "_autosummary/jax.numpy.ndarray.at.html",
)
def set_for_add(e: Evidence) -> str | None:
    pair = single(e)
    first = e.args[0] if e.args else None
    if pair is None or not isinstance(first, np.ndarray) or first.shape != pair[1].shape:
        return None
    got, expected = pair
    wrong = ~np.isclose(got, expected, rtol=1e-4, atol=1e-6)
    if not e.called("set") or not np.abs(first[wrong]).max() > 0:
        return None
    if np.allclose((expected - got)[wrong], first[wrong], rtol=1e-4, atol=1e-5):
        return "what the array held before is missing in every entry that differs."
    return None


@misconception(
    "repeated indices that overwrite one another",
    "Use x.at[idx].add(values): it adds every value, also where an index comes twice.",
    "ch06_gotchas",
    DOCS + "_autosummary/jax.numpy.ndarray.at.html",
)
def repeats_lost(e: Evidence) -> str | None:
    indices = [
        a for a in e.args if isinstance(a, np.ndarray) and a.dtype.kind in "iu" and a.ndim == 1
    ]
    pair = single(e)
    if pair is None or not indices or len(np.unique(indices[0])) == len(indices[0]):
        return None
    wrong = set(np.flatnonzero(~np.isclose(*pair, rtol=1e-4, atol=1e-6)).tolist())
    twice = {int(i) for i in indices[0] if (indices[0] == i).sum() > 1}
    if wrong and wrong <= twice and (e.called("set") or e.called("unique")):
        return f"only entries whose index comes more than once differ: {sorted(wrong)}."
    return None


@misconception(
    "a negative index that matches nothing",
    "Count it from the end first, i % n; or use x.at[i], which knows negative numbers.",
    "ch06_gotchas",
    DOCS + "_autosummary/jax.numpy.ndarray.at.html",
)
def negative_index(e: Evidence) -> str | None:
    pair = single(e)
    if pair is None or not e.args or not isinstance(e.args[0], np.ndarray):
        return None
    below = [int(a) for a in e.args if np.ndim(a) == 0 and is_count(a) and int(a) < 0]
    if not below or not same(pair[0], e.args[0]):
        return None
    return f"for the index {below[0]} nothing has changed."


@misconception(
    "the input handed back",
    "Return the new value.",
    "ch06_gotchas",
    GOTCHAS,
)
def input_returned(e: Evidence) -> str | None:
    pair = single(e)
    if pair is None or not pair[0].ndim or not telling(pair[0]):
        return None
    returns = [n.value for n in ast.walk(e.code) if isinstance(n, ast.Return)]
    if not any(isinstance(value, ast.Name) for value in returns):
        return None
    for index, value in enumerate(e.args):
        if isinstance(value, np.ndarray) and same(pair[0], value):
            return f"the result is argument {index}, unchanged."
    return None
