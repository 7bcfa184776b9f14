"""Chapter 5, vectorisation and Swish: the answers an instructor shows."""

import jax
import jax.numpy as jnp


def dot(w, x):
    """Return the dot product of two vectors; it knows nothing of batches."""
    return jnp.dot(w, x)


def batched_dot(w, xs):
    """Return the dot product of `w` with every row of `xs`."""
    return jax.vmap(dot, in_axes=(None, 0))(w, xs)


def batched_weighted(xs, ys, c):
    """Return `c * dot(x_i, y_i)` for row i of `xs` and column i of `ys`."""

    def weighted(x, y, c):
        return c * dot(x, y)

    return jax.vmap(weighted, in_axes=(0, 1, None))(xs, ys, c)


def standardize_columns(x):
    """Return `x` with every column at zero mean and unit standard deviation."""

    def standardize(column):
        # Rounding makes the mean of ten 0.1s differ from 0.1. Distances from the first entry are
        # exact zeros when all entries are equal, so that such a column can be told apart.
        distance = column - column[0]
        largest = jnp.max(jnp.abs(distance))
        # The result does not depend on the unit, and in this one no square over- or underflows.
        distance = distance / jnp.where(largest == 0, 1, largest)
        centred = distance - jnp.mean(distance)
        variance = jnp.mean(centred**2)
        # The 1 goes in before the square root: its slope at 0 would turn gradients into NaN.
        return centred / jnp.sqrt(jnp.where(largest == 0, 1, variance))

    return jax.vmap(standardize, in_axes=1, out_axes=1)(x)


def sigmoid(x):
    """Return `1 / (1 + exp(-x))`, in a form where nothing can overflow."""
    # exp(-x) is infinite from x = -89 on, and the chain rule then meets inf / inf. The library's
    # version brings its own derivative, s * (1 - s). By hand, 0.5 + 0.5 * tanh(x / 2) is the same
    # curve, and all its derivatives are bounded.
    return jax.nn.sigmoid(x)


def swish(x):
    """Return `x * sigmoid(x)`."""
    return x * sigmoid(x)


# `grad` wants a scalar function, an array is a batch of scalars: `vmap` goes outside.
batch_swish = jax.vmap(swish)
first_derv_swish = jax.vmap(jax.grad(swish))
second_derv_swish = jax.vmap(jax.grad(jax.grad(swish)))
third_derv_swish = jax.vmap(jax.grad(jax.grad(jax.grad(swish))))


def per_example_grads(w, xs, ys):
    """Return the gradient in `w` of every sample's squared error, one row per sample."""

    def loss(w, x, y):
        return (dot(w, x) - y) ** 2

    return jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(w, xs, ys)
