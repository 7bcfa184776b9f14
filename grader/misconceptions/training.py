"""Mistakes in training: the step, the loss, the epochs, and parameters that nobody reads."""

from __future__ import annotations

import ast
import re
from typing import Any

import numpy as np

from grader.misconceptions.evidence import Evidence
from grader.misconceptions.measure import common_factor, number, rich, same, telling
from grader.misconceptions.rule import DOCS, TORCH, misconception
from grader.worker.wire import Array

_LESSON = "ch10_mnist_jax"
TRAINING = DOCS + "notebooks/Neural_Network_and_Data_Loading.html"


def _numbers(value: Any) -> list[np.ndarray]:
    """The arrays of a pytree of arguments."""
    if isinstance(value, Array):
        return [value.values]
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, list | tuple):
        return [a for item in value for a in _numbers(item)]
    return []


def _steps(e: Evidence) -> tuple[np.ndarray, np.ndarray] | None:
    """(change that came back, change expected) of the parameters in the first argument."""
    first = _numbers(e.args[0]) if e.args and isinstance(e.args[0], list | tuple) else []
    shapes = [a.shape for a in first]
    if not e.differs or len(first) < 2 or shapes != [b.shape for _, b in e.leaves]:
        return None
    before = np.concatenate([a.ravel().astype(np.float64) for a in first])
    got = np.concatenate([a.ravel().astype(np.float64) for a, _ in e.leaves]) - before
    expected = np.concatenate([b.ravel().astype(np.float64) for _, b in e.leaves]) - before
    return (got, expected) if np.isfinite(got).all() and np.abs(expected).max() > 0 else None


def _step_ratio(e: Evidence) -> float | None:
    """How many times the expected step the step is, with room for the rounding of the difference."""
    steps = _steps(e)
    if steps is None or not telling(steps[1]):
        return None
    got, expected = steps
    factor = float(got @ expected / (expected @ expected))
    close = np.abs(got - factor * expected).max() <= 0.02 * abs(factor) * np.abs(expected).max()
    return factor if close and factor and abs(factor - 1) > 0.02 else None


@misconception(
    "a parameter that the code never reads",
    "Use the argument in place of a constant or of the default.",
    "ch03_jit",
    "https://docs.python.org/3/tutorial/controlflow.html#default-argument-values",
)
def unused_parameter(e: Evidence) -> str | None:
    if e.error is not None or not isinstance(e.code, ast.FunctionDef) or e.kind == "speed":
        return None
    if not e.leaves and not isinstance(e.got, list | tuple):
        return None
    if any(a.shape == b.shape and a.dtype != b.dtype for a, b in e.leaves):
        return None
    read = {
        n.id for n in ast.walk(e.code) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    }
    unread = [name for name in e.parameters if name not in read]
    return f"`{unread[0]}` is a parameter, but nothing depends on it." if unread else None


@misconception(
    "a step uphill",
    "Subtract: parameters - step_size * gradient goes down.",
    _LESSON,
    TRAINING,
)
def uphill(e: Evidence) -> str | None:
    factor = _step_ratio(e)
    if factor is None or abs(factor + 1) > 0.02:
        return None
    return "every parameter moves by minus the expected step."


@misconception(
    "a gradient summed over the devices",
    "Differentiate the mean over all devices: pmean of the loss, or check_vma=False and pmean of the gradient.",
    "ch09_devices",
    DOCS + "notebooks/shard_map.html",
)
def summed_over_devices(e: Evidence) -> str | None:
    factor = _step_ratio(e)
    if factor is None or abs(factor - 8) > 0.1 or not e.called("shard_map", "partial"):
        return None
    return "the step is 8 times the expected one, and there are 8 devices."


@misconception(
    "every device counting the whole",
    "in_specs=P('data') gives every device its own rows; P() gives each of them all rows.",
    "ch09_devices",
    DOCS + "notebooks/shard_map.html",
)
def counted_by_all(e: Evidence) -> str | None:
    factor = common_factor(e)
    if factor is None or abs(factor - 8) > 0.01 or not e.called("psum") or not rich(e):
        return None
    return "the result is 8 times the expected one, and there are 8 devices."


@misconception(
    "a mean over the devices where their sum is asked for",
    "lax.psum adds up what the devices have; lax.pmean divides by their number too.",
    "ch09_devices",
    DOCS + "_autosummary/jax.lax.pmean.html",
)
def mean_over_devices(e: Evidence) -> str | None:
    factor = common_factor(e)
    if factor is None or abs(factor - 1 / 8) > 1e-3 or not e.called("pmean") or not rich(e):
        return None
    return "the result is 1/8 of the expected one, and there are 8 devices."


@misconception(
    "a step divided by the size of the batch",
    "The loss is a sum over the batch, and so is its gradient: leave the division out.",
    _LESSON,
    TRAINING,
)
def step_averaged(e: Evidence) -> str | None:
    factor = _step_ratio(e)
    n = round(1 / factor) if factor and 0 < factor < 1 else 0
    divides = re.search(r"/ ?(?:len\(|\w+\.shape|\w*size)|mean\(", e.text)
    if n < 2 or factor is None or abs(n * factor - 1) > 0.02 or n not in _batch_sizes(e):
        return None
    if not divides:
        return None
    return f"the step is 1/{n} of the expected one, and the batch has {n} rows."


def _batch_sizes(e: Evidence) -> set[int]:
    return {n for a in _numbers(list(e.args[1:])) for n in a.shape[:1]}


@misconception(
    "a step of another size",
    "Use the step_size that is passed in, once.",
    _LESSON,
    TRAINING,
)
def other_step(e: Evidence) -> str | None:
    factor = _step_ratio(e)
    return f"the step is {number(factor)} times the expected one." if factor else None


@misconception(
    "new parameters that are thrown away",
    "Keep what update returns: params = update(params, ...).",
    _LESSON,
    TRAINING,
)
def nothing_learnt(e: Evidence) -> str | None:
    steps = _steps(e)
    if steps is None or np.abs(steps[0]).max() > 0:
        return None
    return "the parameters that came back are those that went in."


@misconception(
    "parameters that are left out of the step",
    "Update every leaf: jax.tree.map(lambda p, g: p - step_size * g, params, grads).",
    _LESSON,
    TRAINING,
)
def leaf_left_out(e: Evidence) -> str | None:
    first = _numbers(e.args[0]) if _steps(e) is not None else []
    if not first:
        return None
    still = [i for i, ((a, b), p) in enumerate(zip(e.leaves, first, strict=True)) if _kept(a, b, p)]
    right = [same(a, b) for a, b in e.leaves]
    if not still or sum(right) + len(still) < len(right):
        return None
    return f"{len(still)} of the {len(first)} arrays have not moved, the others are right."


def _kept(got: np.ndarray, expected: np.ndarray, before: np.ndarray) -> bool:
    return bool((got == before).all()) and not same(got, expected)


@misconception(
    "inputs that are scaled on the way",
    "Take the images as they come, 0 to 255: the step size belongs to them.",
    _LESSON,
    TRAINING,
)
def pixels_scaled(e: Evidence) -> str | None:
    found = re.search(r"[\w.\[\]]+ / 255(\.0)?", e.text)
    if not found or e.error is not None or not e.leaves:
        return None
    return f"`{found.group()}` makes the inputs 255 times smaller."


@misconception(
    "one iterator for all epochs",
    "Write `for x, labels in batches` in every epoch: that starts anew, an iterator does not.",
    _LESSON,
    "https://docs.python.org/3/glossary.html#term-iterator",
)
def one_iterator(e: Evidence) -> str | None:
    if e.error is not None or "epoch" not in f"{e.parameters} {e.check}" or "next(" in e.text:
        return None
    for call in e.called("iter"):
        return f"`{ast.unparse(call)}` is used up after the first epoch."
    return None


@misconception(
    "batches taken for a list",
    "Only loop over them: batches need have no length and no index.",
    _LESSON,
    "https://docs.python.org/3/glossary.html#term-iterable",
)
def batches_indexed(e: Evidence) -> str | None:
    if not e.raised("TypeError") or not e.says("has no len()", "is not subscriptable"):
        return None
    return f"`{e.line}` asks for a length or an index."


@misconception(
    "gradients that add up from step to step",
    "Call optimizer.zero_grad() before every backward(): PyTorch adds to the old gradients.",
    "ch11_mnist_torch",
    TORCH + "generated/torch.optim.Optimizer.zero_grad.html",
)
def no_zero_grad(e: Evidence) -> str | None:
    if not e.called("backward") or e.called("zero_grad", "grad") or ".grad = None" in e.text:
        return None
    if not e.called("step") and ".grad" not in e.text:
        return None
    return None if e.error is not None else "there is a backward(), and no zero_grad()."


@misconception(
    "another optimizer than plain SGD",
    "torch.optim.SGD(net.parameters(), lr=step_size), with no momentum.",
    "ch11_mnist_torch",
    TORCH + "generated/torch.optim.SGD.html",
)
def other_optimizer(e: Evidence) -> str | None:
    if e.error is not None:
        return None
    for call in e.called("Adam", "AdamW", "RMSprop", "Adagrad"):
        return f"`{ast.unparse(call)}` scales its steps by earlier gradients."
    for call in e.called("SGD"):
        if any(k.arg in ("momentum", "weight_decay", "nesterov") for k in call.keywords):
            return f"`{ast.unparse(call)}` adds to the gradient."
    return None


@misconception(
    "the loss after the update in place of before",
    "Take the loss with the parameters of before the step: value_and_grad gives both at once.",
    "ch11_mnist_torch",
    TORCH + "optim.html",
)
def loss_after_update(e: Evidence) -> str | None:
    for got, expected in _rows(e.got, e.expected):
        if (
            len(got) > 2
            and telling(expected)
            and not same(got, expected)
            and same(got[:-1], expected[1:])
        ):
            return "every loss is the one that is expected a step later."
    return None


def _rows(got: Any, expected: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    """Pairs of lists of numbers of one length, at the same place of both values."""
    if isinstance(got, dict) and isinstance(expected, dict) and got.keys() == expected.keys():
        return [row for key in expected for row in _rows(got[key], expected[key])]
    if not isinstance(got, list | tuple) or not isinstance(expected, list | tuple):
        return []
    if len(got) != len(expected):
        return []
    if got and all(isinstance(v, int | float) for v in [*got, *expected]):
        return [(np.asarray(got, np.float64), np.asarray(expected, np.float64))]
    return [row for pair in zip(got, expected, strict=True) for row in _rows(*pair)]


@misconception(
    "a loss averaged over the batch",
    "Add the losses of a batch up: reduction='sum', .sum() in place of .mean().",
    "ch11_mnist_torch",
    TORCH + "generated/torch.sum.html",
)
def loss_averaged(e: Evidence) -> str | None:
    for got, expected in _rows(e.got, e.expected):
        if len(got) and expected[0] and got[0]:
            factor = float(expected[0] / got[0])
            averages = e.uses("mean", "nll_loss", "cross_entropy") or "/ n" in e.text
            if factor > 1.5 and abs(factor - round(factor)) < 2e-3 * factor and averages:
                return f"the first loss is 1/{round(factor)} of the expected one."
    return None


@misconception(
    "losses of a network that does not learn",
    "Take the step: the parameters must change between two losses.",
    "ch11_mnist_torch",
    TORCH + "optim.html",
)
def losses_without_steps(e: Evidence) -> str | None:
    for got, expected in _rows(e.got, e.expected):
        if len(got) > 2 and abs(got[0] - expected[0]) <= 1e-4 * abs(expected[0]):
            if not same(got, expected) and re.search(r"\b0\.0\b|deepcopy", e.text):
                return "the first loss is right, the later ones show no step."
    return None
