"""Lists that hold the right things in the wrong number or order, and inputs that hold nothing."""

from __future__ import annotations

import re

import numpy as np

from grader.compare import describe
from grader.misconceptions.evidence import Evidence
from grader.misconceptions.rule import DOCS, misconception
from grader.worker.wire import Array, Spec

_PYTHON = "https://docs.python.org/3/"


def _lists(e: Evidence) -> tuple[list[str], list[str]] | None:
    """The list of texts that came back and the one expected."""
    got, expected = e.got, e.expected
    if not isinstance(got, list | tuple) or not isinstance(expected, list):
        return None
    if not expected or not all(isinstance(item, str) for item in [*got, *expected]):
        return None
    return list(got), expected


@misconception(
    "a list in another order",
    "Keep the order in which the parts come: no sorting, no reversing.",
    "ch02_tracing",
    _PYTHON + "howto/sorting.html",
)
def list_order(e: Evidence) -> str | None:
    lists = _lists(e)
    if lists is None or lists[0] == lists[1] or sorted(lists[0]) != sorted(lists[1]):
        return None
    if lists[0] == lists[1][::-1]:
        return "the entries come from the last to the first."
    return "the entries come in alphabetical order." if lists[0] == sorted(lists[1]) else None


@misconception(
    "a list that drops entries",
    "Keep every entry, also one that comes again or comes last.",
    "ch02_tracing",
    _PYTHON + "tutorial/datastructures.html",
)
def list_shortened(e: Evidence) -> str | None:
    lists = _lists(e)
    if lists is None or len(lists[0]) >= len(lists[1]) or not lists[0]:
        return None
    got, expected = lists
    if got == list(dict.fromkeys(expected)):
        return "every entry comes once, although some are expected more often."
    if got in (expected[:-1], expected[1:]):
        return f"the {'last' if got == expected[:-1] else 'first'} entry is missing."
    return None


@misconception(
    "a function that is run to learn the shape of its result",
    "Use jax.eval_shape: it traces the function, and computes nothing.",
    "ch02_tracing",
    DOCS + "_autosummary/jax.eval_shape.html",
)
def run_for_shape(e: Evidence) -> str | None:
    if "never runs" not in e.check or e.called("eval_shape"):
        return None
    how = "compiled and run" if "compiled" in e.rationale else "called with concrete arrays"
    return f"the function was {how}."


@misconception(
    "an array or a shape where a jax.ShapeDtypeStruct is asked for",
    "Return jax.ShapeDtypeStruct(shape, dtype), which is what jax.eval_shape gives.",
    "ch02_tracing",
    DOCS + "_autosummary/jax.eval_shape.html",
)
def no_spec(e: Evidence) -> str | None:
    if not isinstance(e.expected, Spec):
        return None
    if isinstance(e.got, Array):
        return f"what came back is an array of shape {e.got.shape}."
    if not isinstance(e.got, tuple):
        return None
    is_shape = all(type(size) is int for size in e.got)
    return f"what came back is {f'the shape {e.got}' if is_shape else describe(e.got)}."


@misconception(
    "an empty input forgotten",
    "Try it with length 0 (or n = 0) first: there is no first entry, no mean and no logarithm of it.",
    "ch03_jit",
    DOCS + "jax.numpy.html",
)
def empty_input(e: Evidence) -> str | None:
    if e.says("Need at least one array to", "axis 0 with size 0", "zero-size array"):
        return f"`{e.line}` needs at least one entry." if e.line else None
    empty = any(np.size(a) == 0 for a in e.args) or any(type(a) is int and a == 0 for a in e.args)
    if e.says("cannot convert float infinity to integer") and "log2" in e.line:
        return f"`{e.line}` takes the logarithm of the length 0."
    nan = bool(e.leaves) and all(a.dtype.kind == "f" and np.isnan(a).all() for a, _ in e.leaves)
    if empty and nan and re.search(r"\bmean\(", e.text):
        return "the mean of no numbers is NaN."
    return None


@misconception(
    "an index beyond the end, which JAX clamps",
    "Bound it yourself: jnp.minimum(n, len(x)), or a mask; JAX raises no IndexError.",
    "ch03_jit",
    DOCS + "notebooks/Common_Gotchas_in_JAX.html",
)
def clamped_index(e: Evidence) -> str | None:
    rows = [a for a in e.args if isinstance(a, np.ndarray) and a.ndim == 1 and a.size]
    counts = [int(a) for a in e.args if np.ndim(a) == 0 and np.asarray(a).dtype.kind in "iu"]
    if len(rows) != 1 or len(counts) != 1 or len(e.leaves) != 1 or e.leaves[0][0].ndim:
        return None
    (got, expected), beyond = e.leaves[0], counts[0] - len(rows[0])
    if beyond < 1 or not np.isclose(got - expected, beyond * rows[0][-1], rtol=1e-4):
        return None
    return f"the last entry, {rows[0][-1]:g}, counts {beyond} times too often: n is {counts[0]}, beyond the end."


@misconception(
    "indices outside of the array, which wrap or clamp",
    "Compare instead: labels[:, None] == jnp.arange(k); no row then matches a label outside.",
    "ch10_mnist_jax",
    DOCS + "notebooks/Common_Gotchas_in_JAX.html",
)
def wrapped_index(e: Evidence) -> str | None:
    labels = [
        a for a in e.args if isinstance(a, np.ndarray) and a.dtype.kind in "iu" and a.ndim == 1
    ]
    if len(labels) != 1 or not e.differs or len(e.leaves) != 1 or e.leaves[0][1].ndim != 2:
        return None
    got, expected = e.leaves[0]
    outside = (labels[0] < 0) | (labels[0] >= expected.shape[1])
    wrong = (got != expected).any(axis=1)
    if len(outside) != len(wrong) or not wrong.any() or (wrong & ~outside).any():
        return None
    return f"only rows whose label lies outside of 0..{expected.shape[1] - 1} differ: {labels[0][wrong].tolist()}."
