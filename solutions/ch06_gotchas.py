"""Chapter 6, solved: updates, printing, purity, NaN."""

import jax
import jax.numpy as jnp


def set_row(x, i, value):
    """Return a copy of the matrix `x` with row `i` set to `value`."""
    # .at[i] normalises negative indices, also traced ones, and broadcasts a scalar over the row.
    return x.at[i].set(value)


def add_row(x, i, value):
    """Return a copy of the matrix `x` with `value` added to row `i`."""
    return x.at[i].add(value)


def add_at(x, idx, values):
    """Return a copy of the vector `x` with `values[k]` added at `idx[k]`."""
    # .add accumulates over repeated indices; x[idx] + values followed by .set would keep only one.
    return x.at[idx].add(values)


@jax.jit
def cube(x):
    """Return `x ** 3` and print the input and the result at every call."""
    # The format string goes in as it is: an f-string would be filled in while tracing.
    jax.debug.print("[cube] input: {}", x)
    result = x**3
    jax.debug.print("[cube] result: {}", result)
    return result


def running_mean(state, x):
    """Return the updated `(count, total)` and the mean of everything seen so far."""
    count, total = state
    count = count + 1
    total = total + x
    return (count, total), total / count


def safe_norm(x):
    """Return the Euclidean norm of `x`, with gradient 0 at the zero vector."""
    squared = jnp.sum(x * x)
    is_zero = squared == 0
    # The inner `where` keeps sqrt away from 0, where its slope is infinite. The outer one alone
    # would not do: its gradient still multiplies that infinite slope by 0, which gives NaN.
    return jnp.where(is_zero, 0.0, jnp.sqrt(jnp.where(is_zero, 1.0, squared)))
