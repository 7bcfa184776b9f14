"""Checks of chapter 1: device arrays and asynchronous dispatch."""

import time

import jax
import jax.numpy as jnp
import numpy as np
from grader.checks import check, example, given, vectors

SPECIAL = np.float32([0.0, -0.0, np.nan, np.inf, -np.inf, 3e38, -3e38, 2e-38, -2e-38])


# to_device ------------------------------------------------------------------------------------


@check("to_device", "gives a jax.Array of float32 with the numbers it got")
def test_to_device_values(both):
    both(lambda m, values: m.to_device(values), [[1, 2], [3, 4]]).agree()
    both(lambda m, values: m.to_device(values), ((0.5, -1.25, 3.0),)).agree()
    both(lambda m: m.to_device(np.arange(6, dtype=np.uint8).reshape(2, 3))).agree()
    both(lambda m: m.to_device(np.float64([0.1, -7.0]))).agree()
    both(lambda m: m.to_device([np.array([True, False]), (2, np.int64(3))])).agree()


@check("to_device", "keeps the shape, from a scalar to an empty list")
def test_to_device_shapes(both):
    both(lambda m, values: m.to_device(values), 3).agree()
    both(lambda m: m.to_device(np.float64(-0.5))).agree()
    both(lambda m, values: m.to_device(values), []).agree()
    both(lambda m, values: m.to_device(values), [[[1], [2]]]).agree()
    both(lambda m: m.to_device(np.ones((1, 3, 0), np.int32))).agree()


@check(
    "to_device",
    "refuses ragged lists",
    hint="jax.numpy.array refuses them by itself: let its error pass.",
)
def test_to_device_ragged(answer):
    answer.raises(lambda m, values: m.to_device(values), [[1, 2], [3]])
    answer.raises(lambda m, values: m.to_device(values), [[1, 2], 3])


@check("to_device", "works inside jit", kind="transform")
def test_to_device_jit(both):
    both(lambda m: jax.jit(lambda: 2 * m.to_device([[1, 2], [3, 4]]))()).agree()


# nonnegative_mask -----------------------------------------------------------------------------


@check("nonnegative_mask", "is 1.0 exactly where x is not negative")
@given(x=vectors(-4, 4))
@example(x=np.float32([-1.5, 0.0, 2.0]))
def test_mask_values(both, x):
    both(lambda m, x: m.nonnegative_mask(x), x, compile=True).agree()


@check(
    "nonnegative_mask",
    "gets minus zero, NaN and infinity right",
    hint="Compare with 0. Comparisons take -0.0 for zero, and with NaN they are all False.",
)
def test_mask_corners(both):
    both(lambda m, x: m.nonnegative_mask(x), SPECIAL).agree()


@check("nonnegative_mask", "keeps the shape, from a scalar to a matrix")
def test_mask_shapes(both):
    both(lambda m, x: m.nonnegative_mask(x), np.float32(-2)).agree()
    both(lambda m, x: m.nonnegative_mask(x), np.float32([[1, -1, 0], [-3, 4, 5]])).agree()
    both(lambda m, x: m.nonnegative_mask(x), np.zeros((2, 0), np.float32)).agree()


@check("nonnegative_mask", "works under vmap and grad", kind="transform")
def test_mask_transforms(both):
    x = np.float32([[1, -1, 0.5], [-3, 4, 5]])
    both(lambda m, x: jax.vmap(m.nonnegative_mask)(x), x).agree()
    both(lambda m, x: jax.grad(lambda v: m.nonnegative_mask(v).sum())(x), x).agree()


# device_names ---------------------------------------------------------------------------------


@check("device_names", "names the devices of this computer")
def test_names_here(both):
    both(lambda m: m.device_names()).agree()


@check("device_names", "names two devices when there are two", devices=2)
def test_names_two(both):
    both(lambda m: m.device_names()).agree()


@check(
    "device_names",
    "orders eleven devices by number, not as text",
    devices=11,
    hint='As text "cpu:10" comes before "cpu:2". Sort the devices by their id, not the names.',
)
def test_names_eleven(both):
    both(lambda m: m.device_names()).agree()
