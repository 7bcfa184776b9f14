"""Checks of chapter 2."""

import jax
import numpy as np

from grader.checks import check


@check("outer", "multiplies each with each")
def test_outer_values(answer):
    x, y = np.float32([1, 2]), np.float32([3, 4, 5])
    grid = answer(lambda m, x, y: m.outer(x, y), x, y)
    rows = [[float(entry) for entry in row] for row in grid.value]
    grid.demand(rows == [[3, 4, 5], [6, 8, 10]], f"outer gives {rows}.")


@check("relu_jit", "gives the larger of each entry and 0")
def test_relu_values(both):
    both(lambda m, x: m.relu_jit(x), np.float32([-1, 0, 2])).agree()


@check("relu_jit", "works inside grad", kind="transform")
def test_relu_gradient(both):
    both(lambda m, x: jax.grad(lambda v: m.relu_jit(v).sum())(x), np.float32([-1, 2])).agree()


@check("relu_jit", "is compiled once per shape", kind="structure", fresh=True)
def test_relu_once(answer):
    x = np.linspace(-1, 1, 5, dtype=np.float32)
    answer.compiles_once(lambda m, x: m.relu_jit(x), (x[:3],), (x,), (x - 1,))


@check("relu_jit", "has one program for every size", kind="structure")
def test_relu_size(answer):
    short, long = (np.linspace(-1, 1, size, dtype=np.float32) for size in (3, 12))
    answer.constant_size(lambda m, x: m.relu_jit(x), (short,), (long,), "the length")


@check("relu_jit", "keeps up with the reference", kind="speed")
def test_relu_speed(speed):
    measured = speed(lambda m, x: m.relu_jit(x), inputs=lambda rng: (rng.random(1000, np.float32),))
    measured.at_most(10.0)
