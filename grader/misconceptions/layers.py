"""Mistakes in networks: activations, biases, probabilities, averages, dropout."""

from __future__ import annotations

import ast

import numpy as np

from grader.misconceptions.evidence import Evidence
from grader.misconceptions.measure import normalised, number, ratio, same, single, telling, varied
from grader.misconceptions.rule import DOCS, misconception


@misconception(
    "probabilities where log-probabilities are asked for",
    "Use log_softmax: it is the logarithm, computed without overflow.",
    "ch10_mnist_jax",
    DOCS + "_autosummary/jax.nn.log_softmax.html",
)
def probabilities(e: Evidence) -> str | None:
    pair = varied(e)
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
    pair = varied(e)
    if (
        pair is None
        or not pair[1].ndim
        or not normalised(pair[1])
        or e.called("log_softmax", "softmax")
    ):
        return None
    got, expected = pair
    gap = got - expected
    if (
        got.shape[-1] > 1
        and same(gap, np.broadcast_to(gap[..., :1], gap.shape))
        and not e.called("logsumexp")
    ):
        return "the entries differ from the expected ones by one number per row: they are not normalised."
    return None


@misconception(
    "an activation after the last layer",
    "Leave the last layer's outputs as they are; the activation stands between the layers.",
    "ch04_grad",
    DOCS + "_autosummary/jax.numpy.tanh.html",
)
def activation_after_last(e: Evidence) -> str | None:
    pair = varied(e)
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
        if (
            isinstance(node, ast.For)
            and isinstance(node.target, ast.Tuple)
            and len(node.target.elts) == 2
        ):
            bias = ast.unparse(node.target.elts[1])
            body = [n.id for s in node.body for n in ast.walk(s) if isinstance(n, ast.Name)]
            if bias not in body and "@" in ast.unparse(node):
                named = "the second part of a layer" if bias == "_" else f"`{bias}`"
                return f"the loop over the layers does not use {named}."
    return None


@misconception(
    "dropout that does not scale what stays",
    "Divide what stays by 1 - rate: then the mean is preserved.",
    "ch07_prng",
    DOCS + "_autosummary/jax.random.bernoulli.html",
)
def dropout_scale(e: Evidence) -> str | None:
    pair = single(e)
    rates = [a for a in e.args if isinstance(a, float) and 0 < a < 1]
    if pair is None or len(rates) != 1 or not e.called("bernoulli"):
        return None
    got, expected = pair
    wrong = ~np.isclose(got, expected, rtol=1e-4, atol=1e-6)
    factor = ratio(got[wrong], expected[wrong]) if telling(expected[wrong]) else None
    if factor is None:
        return None
    rate = rates[0]
    known = {
        1 - rate: "it is not scaled",
        (1 - rate) ** 2: "it is multiplied by 1 - rate",
        (1 - rate) / rate: "it is divided by the rate",
    }
    for value, what in known.items():
        if abs(factor - value) < 1e-3:
            return f"what stays is {number(factor)} times the expected, with rate {rate:g}: {what}."
    return None


@misconception(
    "an average that weighs old and new the other way round",
    "new = decay * old + (1 - decay) * x: the decay belongs to what was.",
    "ch08_control_flow",
    DOCS + "_autosummary/jax.lax.scan.html",
)
def weights_swapped(e: Evidence) -> str | None:
    pair = varied(e)
    rates = [
        float(a)
        for a in e.args
        if np.ndim(a) == 0 and isinstance(a, float | np.generic | np.ndarray)
    ]
    rows = [a for a in e.args if isinstance(a, np.ndarray) and a.ndim == 1]
    if pair is None or len(rates) != 1 or len(rows) != 1 or rates[0] == 0.5:
        return None
    if not same(_average(rows[0], rates[0]), pair[1]):
        return None
    if same(_average(rows[0], 1 - rates[0]), pair[0]):
        return (
            f"the result is the average with decay {1 - rates[0]:.3g} in place of {rates[0]:.3g}."
        )
    return None


def _average(xs: np.ndarray, decay: float) -> np.ndarray:
    y, ys = 0.0, []
    for x in xs.astype(np.float64):
        y = decay * y + (1 - decay) * x
        ys.append(y)
    return np.array(ys)
