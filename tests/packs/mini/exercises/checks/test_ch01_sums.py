"""Checks of chapter 1."""

import jax
import numpy as np

from grader.checks import check, example, given, vectors


@check("total", "adds all entries")
@given(x=vectors(-4, 4))
@example(x=np.float32([]))
def test_total_values(both, x):
    both(lambda m, x: m.total(x), x, compile=True).agree()


@check("total", "works inside grad", kind="transform")
def test_total_gradient(matrix):
    matrix(lambda m, x: m.total(x), np.float32([1, 2, 3]))


@check("mean", "gives the mean")
def test_mean_values(both):
    both(lambda m, x: m.mean(x), np.float32([[1, 2], [3, 6]])).agree()


@check("mean", "works under vmap", kind="transform", weight=3, hint="Use no Python numbers.")
def test_mean_vmap(both):
    both(lambda m, x: jax.vmap(m.mean)(x), np.float32([[1, 2], [3, 6]])).agree()


@check("spread", "gives the mean squared distance")
def test_spread_values(both):
    both(lambda m, x: m.spread(x), np.float32([1, 2, 3, 6])).agree()
