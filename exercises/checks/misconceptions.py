"""Misconceptions that only these exercises can tell apart; the general ones are the grader's own."""

import ast
import re

import numpy as np

from grader.misconceptions import Evidence, misconception

GRAD = "https://docs.jax.dev/en/latest/_autosummary/jax.grad.html"
# What the exercises of chapter 4 may have mixed up, at x and y.
AT = {
    "test_fun itself": lambda x, y: x**2 + x * y + y**2,
    "the derivative in x": lambda x, y: 2 * x + y,
    "the derivative in y": lambda x, y: x + 2 * y,
    "the sum of both derivatives": lambda x, y: 3 * x + 3 * y,
    "the second derivative in x": lambda x, y: 2.0,
    "the mixed derivative": lambda x, y: 1.0,
    "three times test_fun": lambda x, y: 3 * (x**2 + x * y + y**2),
    "three times the derivative in y": lambda x, y: 3 * (x + 2 * y),
    "three times the mixed derivative": lambda x, y: 3.0,
    "three times the derivative in x": lambda x, y: 3 * (2 * x + y),
}
ASKED = {
    "grad_x_test_fun": "the derivative in x",
    "grad_y_test_fun": "the derivative in y",
    "d2x_test_fun": "the second derivative in x",
    "g": "three times the derivative in x",
    "dg_dx": "6",
}


def numbers(e: Evidence) -> tuple[np.ndarray, np.ndarray] | None:
    """The one array that came back and the one expected, of one shape."""
    if len(e.leaves) != 1 or not e.differs:
        return None
    got, expected = e.leaves[0]
    return got.astype(np.float64), expected.astype(np.float64)


@misconception(
    "another derivative than the one asked for",
    "argnums says in which argument (0 is the first); every grad around it differentiates once more.",
    "ch04_grad",
    GRAD,
)
def other_derivative(e: Evidence) -> str | None:
    pair = numbers(e)
    if pair is None or e.exercise not in ASKED or len(e.args) != 2 or pair[0].ndim:
        return None
    x, y = (float(a) for a in e.args)
    fits = [what for what, value in AT.items() if np.isclose(pair[0], value(x, y), rtol=1e-5)]
    if len(fits) != 1 or not float(pair[0]) or np.isclose(*pair):
        return None
    if "3 *" in e.text and "three" not in fits[0]:
        return None  # the factor is there, but somewhere else
    return f"what came back is {fits[0]}, at x = {x:g} and y = {y:g}."


def swish(x: np.ndarray) -> list[np.ndarray]:
    """swish and its derivatives, by order: n s^(n-1) + x s^(n), with s the sigmoid."""
    s = 1 / (1 + np.exp(-x))
    t = s * (1 - s)
    sigmoid = [
        s,
        t,
        t * (1 - 2 * s),
        t * (1 - 6 * s + 6 * s**2),
        t * (1 - 2 * s) * (1 - 12 * s + 12 * s**2),
    ]
    return [x * s, *(n * sigmoid[n - 1] + x * sigmoid[n] for n in range(1, 5))]


ORDERS = {"batch_swish": 0, "first_derv_swish": 1, "second_derv_swish": 2, "third_derv_swish": 3}


@misconception(
    "a derivative of another order",
    "Count the grads: one for the first derivative, one more around it for each further one.",
    "ch05_vmap",
    GRAD,
)
def other_order(e: Evidence) -> str | None:
    pair = numbers(e)
    if pair is None or e.exercise not in ORDERS or len(e.args) != 1:
        return None
    if not isinstance(e.args[0], np.ndarray) or len(np.unique(e.args[0])) < 2:
        return None
    for order, values in enumerate(swish(e.args[0].astype(np.float64))):
        if order != ORDERS[e.exercise] and np.allclose(pair[0], values, rtol=1e-4, atol=1e-6):
            what = f"derivative number {order} of swish" if order else "swish itself"
            return f"what came back is {what}; number {ORDERS[e.exercise]} is asked for."
    return None


@misconception(
    "one gradient for the whole batch",
    "Take the gradient of one sample's loss, then map it: vmap(grad(loss), in_axes=(None, 0, 0))(w, xs, ys).",
    "ch05_vmap",
    "https://docs.jax.dev/en/latest/automatic-vectorization.html",
)
def batch_gradient(e: Evidence) -> str | None:
    if e.exercise != "per_example_grads" or len(e.leaves) != 1 or "vmap(" in e.text:
        return None
    got, expected = e.leaves[0]
    if got.shape != expected.shape[1:] or not any(
        np.allclose(got, whole, rtol=1e-3, atol=1e-5)
        for whole in (expected.sum(axis=0), expected.mean(axis=0))
    ):
        return None
    return f"what came back is one gradient for the {len(expected)} samples together."


STATIC = {"branch": "x", "sum_first_n": "n"}


@misconception(
    "an argument that must be static and is traced",
    "Name it in jax.jit: with static_argnames it stays a Python number inside the function.",
    "ch03_jit",
    "https://docs.jax.dev/en/latest/jit-compilation.html",
)
def not_static(e: Evidence) -> str | None:
    name = STATIC.get(e.exercise)
    refused = e.raised("ConcretizationTypeError", "TracerIntegerConversionError") or (
        e.raised("IndexError") and e.says("must be static", "must have static")
    )
    if name is None or not refused or "static" in e.text:
        return None
    if not re.search(rf"\b{name}\b", e.line):
        return None
    return f"`{e.line}` needs the number {name}: name {name} in static_argnames."


@misconception(
    "the two branches exchanged",
    "lax.cond(condition, f, g, y) calls f where the condition is True.",
    "ch08_control_flow",
    "https://docs.jax.dev/en/latest/_autosummary/jax.lax.cond.html",
)
def branches_exchanged(e: Evidence) -> str | None:
    pair = numbers(e)
    if pair is None or not e.exercise.startswith("branch") or len(e.args) != 2 or pair[0].ndim:
        return None
    if not e.called("cond", "where", "select") or e.called("round", "int", "floor", "custom_vmap"):
        return None
    x, y = (float(a) for a in e.args)
    other = -4 * y if x < 3 else 3 * y**2
    if x == 3 or not y or not np.isclose(pair[0], other):
        return None
    return f"at x = {x:g} the result is the formula for the other side of 3."


@misconception(
    "an operation on an array of every length",
    "Pad with NumPy first: JAX compiles each operation anew for each shape that it meets.",
    "ch02_tracing",
    "https://docs.jax.dev/en/latest/jit-compilation.html",
)
def every_length(e: Evidence) -> str | None:
    if e.exercise != "bucketed_sum" or "compiles at most" not in e.check:
        return None
    code = "\n".join(ast.unparse(call) for call in e.called("pad", "sum"))  # no text in it is meant
    found = re.search(r"jnp\.pad\(x\b|jnp\.sum\(x\)|\bx\.sum\(\)", code)
    return f"`{found.group().rstrip('(')}` meets x at its own length." if found else None


@misconception(
    "a concrete array taken for a tracer",
    "Ask isinstance(x, jax.core.Tracer): concrete arrays are jax.Arrays too, and have an aval.",
    "ch02_tracing",
    "https://docs.jax.dev/en/latest/tracing.html",
)
def array_for_tracer(e: Evidence) -> str | None:
    found = re.search(r"isinstance\(x, jax\.Array\)|hasattr\(x, 'aval'\)", e.text)
    if e.exercise != "is_traced" or e.got is not True or "Tracer" in e.text or not found:
        return None
    return f"`{found.group()}` is True for concrete arrays as well."
