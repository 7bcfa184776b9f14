"""Axes and rows: transposed, summed away, in another order, or only one of them."""

from __future__ import annotations

import ast

import numpy as np

from grader.misconceptions.evidence import Evidence
from grader.misconceptions.measure import (
    JACOBIANS,
    normalised,
    pair_of,
    same,
    telling,
    varied,
    whole,
)
from grader.misconceptions.rule import DOCS, misconception

SUM = DOCS + "_autosummary/jax.numpy.sum.html"
_LIBRARIES = ("jnp", "np", "torch", "numpy", "jax.numpy", "lax", "jax.lax")


@misconception(
    "rows and columns exchanged",
    "Say which axis is which: in_axes, out_axes, axis= or .T.",
    "ch05_vmap",
    DOCS + "automatic-vectorization.html",
)
def transposed(e: Evidence) -> str | None:
    pair = pair_of(e)
    if pair is None or pair[0].ndim != 2 or pair[1].ndim != 2 or min(pair[1].shape) < 2:
        return None
    if same(pair[0], pair[1]) or not same(pair[0].T, pair[1]) or not telling(pair[1]):
        return None
    return f"the result is the transpose of what is asked for, {pair[1].shape[0]} by {pair[1].shape[1]}."


@misconception(
    "a sum over an axis that should stay",
    "Leave that axis alone: sum along the other one, or not at all.",
    "ch05_vmap",
    SUM,
)
def axis_summed(e: Evidence) -> str | None:
    pair = pair_of(e)
    if pair is None or pair[0].ndim >= pair[1].ndim or not telling(pair[1]):
        return None
    got, expected = pair
    if np.count_nonzero(expected) < 2:
        return None
    if same(got, expected.sum()) and expected.size > 1 and not got.ndim:
        return f"what came back is the sum of the {expected.size} numbers asked for."
    for axis in range(expected.ndim):
        for name, reduced in (("sum", expected.sum(axis)), ("mean", expected.mean(axis))):
            several = (np.count_nonzero(expected, axis) > 1).any()
            if several and same(got, reduced):
                return f"what came back is the {name} of the expected result over its axis {axis}."
    return None


@misconception(
    "one number per sample, where their sum is asked for",
    "Add them up: a sum without an axis.",
    "ch10_mnist_jax",
    SUM,
)
def sum_missing(e: Evidence) -> str | None:
    pair = pair_of(e)
    if pair is None or pair[0].ndim <= pair[1].ndim or not telling(pair[0]):
        return None
    if e.uses(*JACOBIANS):
        return None  # a whole Jacobian, whose other entries are zero
    got, expected = pair
    for axis in range(got.ndim):
        if got.shape[axis] > 1 and same(got.sum(axis), expected):
            return f"the {got.shape[axis]} numbers along axis {axis} that came back add up to what is asked for."
    if not expected.ndim and got.size > 1 and same(got.sum(), expected):
        return f"the {got.size} numbers that came back add up to what is asked for."
    return None


@misconception(
    "entries in another order",
    "Follow the order of the input: no sorting, no reversing, no rolling.",
    "ch08_control_flow",
    DOCS + "_autosummary/jax.lax.scan.html",
)
def other_order(e: Evidence) -> str | None:
    pair = varied(e)
    if pair is None or not pair[1].ndim or len(np.unique(pair[1])) < 3:
        return None
    got, expected = pair
    if same(got[::-1], expected):
        return "the rows come from the last to the first."
    if same(np.sort(got, axis=0), np.sort(expected, axis=0)):
        return "the right rows, but not in the order asked for."
    return None


@misconception(
    "the value before the step in place of the one after",
    "Compute the new state first, then put it out: return new, new.",
    "ch08_control_flow",
    DOCS + "_autosummary/jax.lax.scan.html",
)
def output_before_step(e: Evidence) -> str | None:
    for got, expected in e.leaves:
        if got.shape == expected.shape and got.ndim and len(got) > 2 and telling(expected[:-1]):
            if same(got[1:], expected[:-1]) and not same(got, expected):
                return "every row is the expected row before it."
    return None


@misconception(
    "the last value in place of all",
    "scan returns (carry, stacked outputs): the second is the whole sequence.",
    "ch08_control_flow",
    DOCS + "_autosummary/jax.lax.scan.html",
)
def last_for_all(e: Evidence) -> str | None:
    pair = pair_of(e)
    if pair is None or pair[0].ndim != pair[1].ndim - 1 or len(pair[1]) < 2:
        return None
    if not same(pair[0], pair[1][-1]) or not telling(pair[1]):
        return None
    return f"what came back is the last of the {len(pair[1])} rows asked for."


@misconception(
    "one row in place of the whole array",
    "Return the whole array, with that row replaced.",
    "ch06_gotchas",
    DOCS + "_autosummary/jax.numpy.ndarray.at.html",
)
def row_for_array(e: Evidence) -> str | None:
    pair = pair_of(e)
    if (
        pair is None
        or pair[1].ndim < 2
        or pair[0].shape != pair[1].shape[1:]
        or not telling(pair[0])
    ):
        return None
    rows = [i for i, row in enumerate(pair[1]) if same(pair[0], row)]
    return (
        f"what came back is row {rows[0]} of the {len(pair[1])} asked for."
        if len(rows) == 1
        else None
    )


@misconception(
    "the stacked outputs in place of the final carry",
    "scan returns (carry, outputs): take the first, lax.scan(...)[0].",
    "ch08_control_flow",
    DOCS + "_autosummary/jax.lax.scan.html",
)
def stack_for_carry(e: Evidence) -> str | None:
    if not e.leaves or not e.called("scan"):
        return None
    for got, expected in e.leaves:
        if got.ndim != expected.ndim + 1 or not len(got) or not same(got[-1], expected):
            return None
    return f"the last of the {len(e.leaves[0][0])} stacked results is the one asked for."


@misconception(
    "argmax over the wrong axis",
    "Ask every row for its largest entry: argmax(..., axis=1), dim=1 in PyTorch.",
    "ch10_mnist_jax",
    DOCS + "_autosummary/jax.numpy.argmax.html",
)
def argmax_axis(e: Evidence) -> str | None:
    pair = whole(e)
    if pair is None or len(pair[1]) != 1 or not 0 <= pair[1][0] <= 1:
        return None
    for call in e.called("argmax"):
        method = (
            isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) not in _LIBRARIES
        )
        named = [k.value for k in call.keywords if k.arg in ("axis", "dim")]
        axes = [ast.unparse(axis) for axis in (*call.args[0 if method else 1 :], *named)]
        if axes[:1] == ["0"]:
            return f"`{ast.unparse(call)}` looks for the best image of each class."
        if not axes and not method and "for " not in e.text:
            return f"`{ast.unparse(call)}` gives one index for everything."
    return None


@misconception(
    "a normalisation over the wrong axis",
    "Normalise over the classes of each sample: axis=-1 (dim=1 in PyTorch).",
    "ch10_mnist_jax",
    DOCS + "_autosummary/jax.nn.log_softmax.html",
)
def normalised_wrong(e: Evidence) -> str | None:
    pair = varied(e)
    if pair is None or pair[1].ndim != 2 or min(pair[1].shape) < 2 or not normalised(pair[1]):
        return None
    got = pair[0]
    with np.errstate(over="ignore"):
        if np.isclose(np.exp(got).sum(0), 1, rtol=1e-3).all():
            return "exp of the result adds up to 1 along axis 0, down the batch."
        if abs(np.exp(got).sum() - 1) < 1e-3:
            return "exp of the result adds up to 1 over the whole batch."
    return None
