"""Checks of three chapters as a careful instructor may write them without this kit: for `rivals.py` to run.

    python tests/benchmarks/ordinary.py constants.npz
    CONSTANTS=constants.npz SUBMISSION=FOLDER python -m pytest tests/benchmarks/ordinary.py

The first command writes what the solutions give; the second checks the chapters in a folder against it. Each
exercise is called on five fixed examples: as it is, under jit, under vmap, and for its gradient.
"""

from __future__ import annotations

import functools
import importlib
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

EXAMPLES = 5
NETWORK = [((3, 4), (4,)), ((4, 2), (2,))]
BATCH = ((4, 3), (4, 2))

# For each exercise: a call of it, and the shapes of the arguments. A size of () is one number.
CALLS: dict[str, tuple[Any, ...]] = {
    "ch03_jit.selu": (lambda m, x: m.selu(x), (2, 3)),
    "ch03_jit.selu_jit": (lambda m, x: m.selu_jit(x, 0.5, 3.0), (6,)),
    "ch03_jit.scaled_square": (lambda m, x: m.scaled_square(x), (4,)),
    "ch03_jit.branch": (lambda m, y: [m.branch(x, y) for x in (2, 2.75, 3)], (3,)),
    "ch03_jit.sum_first_n": (lambda m, x: [m.sum_first_n(x, n) for n in (0, 3, 5)], (5,)),
    "ch03_jit.sum_first_n_traced": (
        lambda m, x: [m.sum_first_n_traced(x, n) for n in np.int32([0, 3, 5])],
        (5,),
    ),
    "ch04_grad.test_fun": (lambda m, x, y: m.test_fun(x, y), (), ()),
    "ch04_grad.grad_x_test_fun": (lambda m, x, y: m.grad_x_test_fun(x, y), (), ()),
    "ch04_grad.grad_y_test_fun": (lambda m, x, y: m.grad_y_test_fun(x, y), (), ()),
    "ch04_grad.d2x_test_fun": (lambda m, x, y: m.d2x_test_fun(x, y), (), ()),
    "ch04_grad.g": (lambda m, x, y: m.g(x, y), (), ()),
    "ch04_grad.dg_dx": (lambda m, x, y: m.dg_dx(x, y), (), ()),
    "ch04_grad.mlp_predict": (lambda m, w, x: m.mlp_predict(w, x), NETWORK, (4, 3)),
    "ch04_grad.mlp_loss": (lambda m, w, batch: m.mlp_loss(w, batch), NETWORK, BATCH),
    "ch04_grad.gradient_fun": (lambda m, w, batch: m.gradient_fun(w, batch), NETWORK, BATCH),
    "ch04_grad.directional_derivative": (
        lambda m, x, v: m.directional_derivative(lambda x: jnp.cumsum(x**3), x, v),
        *((3,), (3,)),
    ),
    "ch04_grad.pullback": (
        lambda m, x, ct: m.pullback(lambda x: jnp.cumsum(x**3), x, ct),
        *((3,), (3,)),
    ),
    "ch04_grad.hvp": (lambda m, x, v: m.hvp(lambda x: jnp.sum(x**3), x, v), (3,), (3,)),
    "ch05_vmap.dot": (lambda m, w, x: m.dot(w, x), (3,), (3,)),
    "ch05_vmap.batched_dot": (lambda m, w, xs: m.batched_dot(w, xs), (3,), (4, 3)),
    "ch05_vmap.batched_weighted": (
        lambda m, xs, ys, c: m.batched_weighted(xs, ys, c),
        *((4, 3), (3, 4), ()),
    ),
    "ch05_vmap.standardize_columns": (lambda m, x: m.standardize_columns(x), (5, 3)),
    "ch05_vmap.sigmoid": (lambda m, x: m.sigmoid(x), ()),
    "ch05_vmap.swish": (lambda m, x: m.swish(x), ()),
    "ch05_vmap.batch_swish": (lambda m, x: m.batch_swish(x), (4,)),
    "ch05_vmap.first_derv_swish": (lambda m, x: m.first_derv_swish(x), (4,)),
    "ch05_vmap.second_derv_swish": (lambda m, x: m.second_derv_swish(x), (4,)),
    "ch05_vmap.third_derv_swish": (lambda m, x: m.third_derv_swish(x), (4,)),
    "ch05_vmap.per_example_grads": (
        lambda m, w, xs, ys: m.per_example_grads(w, xs, ys),
        *((3,), (4, 3), (4,)),
    ),
}
KINDS = ("value", "jit", "vmap", "grad")


def examples(shapes: tuple[Any, ...]) -> list[Any]:
    """Five examples of the arguments, the same ones always."""
    is_shape = lambda node: isinstance(node, tuple) and all(isinstance(n, int) for n in node)  # noqa: E731
    found = []
    for seed in range(EXAMPLES):
        draw = np.random.default_rng(seed)
        drawn = lambda shape, draw=draw: np.float32(2 * draw.standard_normal(shape))  # noqa: E731
        found.append(jax.tree.map(drawn, shapes, is_leaf=is_shape))
    return found


def results(module: ModuleType, exercise: str, kind: str) -> list[Any]:
    """What an exercise gives for all examples, as arrays."""
    probe, *shapes = CALLS[exercise]
    call = functools.partial(probe, module)
    drawn = [tuple(arguments) for arguments in examples(shapes)]
    if kind == "vmap":
        stacked = jax.tree.map(lambda *leaves: np.stack(leaves), *drawn)
        return jax.tree.leaves(jax.vmap(call)(*stacked))
    if kind == "jit":
        call = jax.jit(call)
    if kind == "grad":
        total = lambda *given: sum(map(jnp.sum, jax.tree.leaves(probe(module, *given))))  # noqa: E731
        call = jax.jit(jax.grad(total, tuple(range(len(shapes)))))
    return jax.tree.leaves([call(*arguments) for arguments in drawn])


def verify(module: ModuleType, exercise: str, kind: str) -> None:
    """Compare with the constants."""
    constants = np.load(os.environ["CONSTANTS"])
    expected = [constants[f"{exercise} {kind} {n}"] for n in range(constants[f"{exercise} {kind}"])]
    got = results(module, exercise, kind)
    assert len(got) == len(expected)
    for one, other in zip(got, expected, strict=True):
        assert jnp.shape(one) == other.shape
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("exercise", CALLS)
def test_exercise(exercise, kind):
    chapter = exercise.partition(".")[0]
    if os.environ["SUBMISSION"] not in sys.path:
        sys.path.insert(0, os.environ["SUBMISSION"])
    verify(importlib.import_module(chapter), exercise, kind)


def main() -> None:
    """Write the constants."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.path.insert(0, str(Path(__file__).parents[2] / "solutions"))
    constants: dict[str, Any] = {}
    for exercise in CALLS:
        module = importlib.import_module(exercise.partition(".")[0])
        for kind in KINDS:
            found = results(module, exercise, kind)
            constants[f"{exercise} {kind}"] = len(found)
            constants |= {f"{exercise} {kind} {n}": leaf for n, leaf in enumerate(found)}
    np.savez(sys.argv[1], **constants)


if __name__ == "__main__":
    main()
