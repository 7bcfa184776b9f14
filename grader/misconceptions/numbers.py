"""Numbers that are off in a telling way: a factor, a sign, an offset, another axis, another function."""

from __future__ import annotations

import ast
import re

import numpy as np

from grader.misconceptions.evidence import Evidence
from grader.misconceptions.measure import count, number, ratio, same, single, sizes, telling, whole
from grader.misconceptions.rule import DOCS, GOTCHAS, misconception

SUM = DOCS + "_autosummary/jax.numpy.sum.html"


def _varied(e: Evidence) -> tuple[np.ndarray, np.ndarray] | None:
    """The one array pair, if the expected one has enough different numbers to tell."""
    pair = single(e)
    return pair if pair is not None and telling(pair[1]) else None


def _pair(e: Evidence) -> tuple[np.ndarray, np.ndarray] | None:
    """The one array that came back and the one expected, whatever their shapes."""
    if len(e.leaves) != 1 or any(a.dtype.kind not in "biuf" for a in e.leaves[0]):
        return None
    got, expected = e.leaves[0]
    return got.astype(np.float64), expected.astype(np.float64)


@misconception(
    "rows and columns exchanged",
    "Say which axis is which: in_axes, out_axes, axis= or .T.",
    "ch05_vmap",
    DOCS + "automatic-vectorization.html",
)
def transposed(e: Evidence) -> str | None:
    pair = _pair(e)
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
    pair = _pair(e)
    if pair is None or pair[0].ndim >= pair[1].ndim or not telling(pair[1]):
        return None
    got, expected = pair
    if same(got, expected.sum()) and expected.size > 1 and not got.ndim:
        return f"what came back is the sum of the {expected.size} numbers asked for."
    for axis in range(expected.ndim):
        for name, reduced in (("sum", expected.sum(axis)), ("mean", expected.mean(axis))):
            if expected.shape[axis] > 1 and same(got, reduced):
                return f"what came back is the {name} of the expected result over its axis {axis}."
    return None


@misconception(
    "one number per sample, where their sum is asked for",
    "Add them up: jnp.sum without an axis.",
    "ch10_mnist_jax",
    SUM,
)
def sum_missing(e: Evidence) -> str | None:
    pair = _pair(e)
    if pair is None or pair[0].ndim <= pair[1].ndim or not telling(pair[0]):
        return None
    got, expected = pair
    for axis in range(got.ndim):
        if got.shape[axis] > 1 and same(got.sum(axis), expected):
            return f"the {got.shape[axis]} numbers along axis {axis} that came back add up to what is asked for."
    if not expected.ndim and got.size > 1 and same(got.sum(), expected):
        return f"the {got.size} numbers that came back add up to what is asked for."
    return None


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
    if factor is None or abs(factor + 1) > 1e-3:
        return None
    return "every entry is minus the expected one."


@misconception(
    "the sample standard deviation in place of the population's",
    "Divide by n, not by n - 1: leave ddof at 0.",
    "ch05_vmap",
    DOCS + "_autosummary/jax.numpy.std.html",
)
def sample_deviation(e: Evidence) -> str | None:
    pair = _varied(e)
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
    "Use jnp.sum over the batch; a mean divides by its size.",
    "ch10_mnist_jax",
    SUM,
)
def mean_for_sum(e: Evidence) -> str | None:
    pair = whole(e)
    factor = ratio(*pair) if pair else None
    n = count(1 / factor, e) if factor else None
    averages = e.uses("mean", "average") or re.search(r"/ ?(?:len\(|\w+\.shape|\w*size|n\b)", e.text)
    if pair is None or not n or not averages:
        return None
    return f"every number is 1/{n} of the expected one, and {sizes(e)[n]}."


@misconception(
    "a sum where a mean is asked for",
    "Use jnp.mean, or divide by the number of samples.",
    "ch05_vmap",
    SUM,
)
def sum_for_mean(e: Evidence) -> str | None:
    pair = whole(e)
    factor = ratio(*pair) if pair else None
    n = count(factor, e) if factor and factor > 1 else None
    if pair is None or not n or not e.uses("sum"):
        return None
    return f"every number is {n} times the expected one, and {sizes(e)[n]}."


@misconception(
    "percent in place of a fraction",
    "Leave the 100 out: all right is 1.0.",
    "ch10_mnist_jax",
    SUM,
)
def percent(e: Evidence) -> str | None:
    pair = whole(e)
    factor = ratio(*pair) if pair else None
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
    if not telling(pair[1]) and not ("!=" in e.text or "1 -" in e.text):
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
    constants = {n.value for n in e.nodes if isinstance(n, ast.Constant) and type(n.value) in (int, float)}
    given = {float(a) for a in e.args if isinstance(a, int | float) or np.ndim(a) == 0 and _real(a)}
    known = any(
        abs(factor - c) < 1e-3 * abs(c) or abs(factor * c - 1) < 1e-3
        for c in {*constants, *given}
        if c not in (0, 1)
    )
    if not known and not telling(pair[1]):
        return None
    return f"every number is {number(factor)} times the expected one."


def _real(value: object) -> bool:
    return isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "iuf"


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
    if whole_numbers and len(steps) == 1 and abs(steps[0]) == 1 and (telling(expected) or not got.ndim):
        return f"the result is one {'more' if steps[0] > 0 else 'less'} than expected."
    n = [int(a) for a in e.args if np.ndim(a) == 0 and _count(a)]
    rows = [a for a in e.args if isinstance(a, np.ndarray) and a.ndim == 1]
    if got.ndim or len(n) != 1 or not rows or not 0 < n[0] <= len(rows[0]):
        return None
    sums = np.concatenate([[0.0], np.cumsum(rows[0].astype(np.float64))])
    others = {"more": n[0] + 1, "fewer": n[0] - 1}
    for word, end in others.items():
        if end < len(sums) and same(got, sums[end]) and same(expected, sums[n[0]]):
            return f"the result is the sum of one entry {word} than n = {n[0]}."
    return None


def _count(value: object) -> bool:
    integer = isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "iu"
    return type(value) is int or integer


@misconception(
    "a comparison that is wrong at its border",
    "Decide on which side equality belongs: < or <=, > or >=.",
    "ch03_jit",
    DOCS + "_autosummary/jax.numpy.where.html",
)
def wrong_border(e: Evidence) -> str | None:
    pair = single(e)
    arrays = [a for a in e.args if isinstance(a, np.ndarray)]
    if pair is None or not any(isinstance(n, ast.Compare) for n in e.nodes):
        return None
    got, expected = pair
    wrong = ~np.isclose(got, expected, rtol=1e-4, atol=1e-5)
    if len(arrays) == 1 and arrays[0].shape == got.shape and got.size > wrong.sum() > 0:
        at = np.unique(arrays[0][wrong])
        if len(at) == 1 and at[0] == 0:
            return "only the entries where x is exactly 0 differ."
    for a in e.args:
        if isinstance(a, int | float) and re.search(rf"[<>]=? {re.escape(f'{a:g}')}\b", e.text):
            if wrong.all():
                return f"the input {a:g} stands exactly at the border of the comparison."
    return None


@misconception(
    "entries in another order",
    "Follow the order of the input: no sorting, no reversing, no rolling.",
    "ch08_control_flow",
    DOCS + "_autosummary/jax.lax.scan.html",
)
def other_order(e: Evidence) -> str | None:
    pair = _varied(e)
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
    pair = _pair(e)
    if pair is None or pair[0].ndim != pair[1].ndim - 1 or len(pair[1]) < 2:
        return None
    if not same(pair[0], pair[1][-1]) or not telling(pair[1]):
        return None
    return f"what came back is the last of the {len(pair[1])} rows asked for."


@misconception(
    "probabilities where log-probabilities are asked for",
    "Use log_softmax: it is the logarithm, computed without overflow.",
    "ch10_mnist_jax",
    DOCS + "_autosummary/jax.nn.log_softmax.html",
)
def probabilities(e: Evidence) -> str | None:
    pair = _varied(e)
    if pair is None or (pair[1] > 1e-6).any() or not same(pair[0], np.exp(pair[1])):
        return None
    return "the result is exp of the expected one: its entries add up to 1."


@misconception(
    "logits where log-probabilities are asked for",
    "Subtract logsumexp of the logits, or use log_softmax.",
    "ch10_mnist_jax",
    DOCS + "_autosummary/jax.nn.log_softmax.html",
)
def logits(e: Evidence) -> str | None:
    pair = _varied(e)
    if pair is None or not pair[1].ndim or not _normalised(pair[1]) or e.called("log_softmax", "softmax"):
        return None
    got, expected = pair
    gap = got - expected
    if got.shape[-1] > 1 and same(gap, np.broadcast_to(gap[..., :1], gap.shape)):
        if not e.called("logsumexp"):
            return "the entries differ from the expected ones by one number per row: they are not normalised."
    return None


def _normalised(values: np.ndarray) -> bool:
    sums = np.exp(np.minimum(values, 1)).sum(-1)
    return bool(np.isclose(sums, 1, rtol=1e-3).all())


@misconception(
    "a normalisation over the wrong axis",
    "Normalise over the classes of each sample: axis=-1 (dim=1 in PyTorch).",
    "ch10_mnist_jax",
    DOCS + "_autosummary/jax.nn.log_softmax.html",
)
def normalised_wrong(e: Evidence) -> str | None:
    pair = _varied(e)
    if pair is None or pair[1].ndim != 2 or min(pair[1].shape) < 2 or not _normalised(pair[1]):
        return None
    got = pair[0]
    with np.errstate(over="ignore"):
        if np.isclose(np.exp(got).sum(0), 1, rtol=1e-3).all():
            return "exp of the result adds up to 1 along axis 0, down the batch."
        if abs(np.exp(got).sum() - 1) < 1e-3:
            return "exp of the result adds up to 1 over the whole batch."
    return None


@misconception(
    "an activation after the last layer",
    "Leave the last layer's outputs as they are; the activation stands between the layers.",
    "ch04_grad",
    DOCS + "_autosummary/jax.numpy.tanh.html",
)
def activation_after_last(e: Evidence) -> str | None:
    pair = _varied(e)
    if pair is None:
        return None
    got, expected = pair
    if e.uses("tanh") and same(got, np.tanh(expected)):
        return "the result is tanh of the expected one."
    if e.uses("relu", "maximum") and (expected < 0).any() and same(got, np.maximum(expected, 0)):
        return "the result is the expected one with its negative entries set to 0."
    return None


@misconception(
    "a bias left out",
    "Add the bias in every layer: w @ x + b.",
    "ch04_grad",
    DOCS + "_autosummary/jax.numpy.dot.html",
)
def no_bias(e: Evidence) -> str | None:
    if e.error is not None or not e.differs or all(same(a, b) for a, b in e.leaves):
        return None
    for node in e.nodes:
        if isinstance(node, ast.For) and isinstance(node.target, ast.Tuple) and len(node.target.elts) == 2:
            bias = ast.unparse(node.target.elts[1])
            body = [n.id for s in node.body for n in ast.walk(s) if isinstance(n, ast.Name)]
            if bias not in body and "@" in ast.unparse(node):
                return f"the loop over the layers does not use `{bias}`."
    return None


@misconception(
    "a power too many or too few",
    "Check where the square or the root stands, and what it covers.",
    "ch06_gotchas",
    DOCS + "jax.numpy.html",
)
def other_power(e: Evidence) -> str | None:
    pair = single(e)
    if pair is None or not telling(pair[1]) and not re.search(r"\*\* ?2|sqrt|\bx \* x\b|norm", e.text):
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
    pair = _varied(e)
    if pair is None or not e.called("abs", "absolute") or not (pair[1] < 0).any():
        return None
    return "the result is the absolute value of the expected one." if same(pair[0], np.abs(pair[1])) else None


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
    indices = [a for a in e.args if isinstance(a, np.ndarray) and a.dtype.kind in "iu" and a.ndim == 1]
    pair = single(e)
    if pair is None or not indices or len(np.unique(indices[0])) == len(indices[0]):
        return None
    wrong = set(np.flatnonzero(~np.isclose(*pair, rtol=1e-4, atol=1e-6)).tolist())
    twice = {int(i) for i in indices[0] if (indices[0] == i).sum() > 1}
    if wrong and wrong <= twice and (e.called("set") or e.called("unique")):
        return f"only entries whose index comes more than once differ: {sorted(wrong)}."
    return None


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
    for index, value in enumerate(e.args):
        if isinstance(value, np.ndarray) and same(pair[0], value):
            return f"the result is argument {index}, unchanged."
    return None


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


@misconception(
    "an average that weighs old and new the other way round",
    "new = decay * old + (1 - decay) * x: the decay belongs to what was.",
    "ch08_control_flow",
    DOCS + "_autosummary/jax.lax.scan.html",
)
def weights_swapped(e: Evidence) -> str | None:
    pair = _varied(e)
    rates = [float(a) for a in e.args if np.ndim(a) == 0 and isinstance(a, float | np.generic | np.ndarray)]
    rows = [a for a in e.args if isinstance(a, np.ndarray) and a.ndim == 1]
    if pair is None or len(rates) != 1 or len(rows) != 1 or rates[0] == 0.5:
        return None
    if not same(_average(rows[0], rates[0]), pair[1]):
        return None
    if same(_average(rows[0], 1 - rates[0]), pair[0]):
        return f"the result is the average with decay {1 - rates[0]:.3g} in place of {rates[0]:.3g}."
    return None


def _average(xs: np.ndarray, decay: float) -> np.ndarray:
    y, ys = 0.0, []
    for x in xs.astype(np.float64):
        y = decay * y + (1 - decay) * x
        ys.append(y)
    return np.array(ys)
