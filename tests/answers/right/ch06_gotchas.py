# %% set_row
# style: compares row numbers in a mask; negative numbers are wrapped by hand
import jax.numpy as jnp


def set_row(x, i, value):
    rows = jnp.arange(x.shape[0])[:, None]
    return jnp.where(rows == i % x.shape[0], value, x)


# %% set_row
# style: a row written by lax.dynamic_update_slice, which takes negative starts too
import jax
import jax.numpy as jnp


def set_row(x, i, value):
    row = jnp.broadcast_to(jnp.asarray(value, x.dtype), (1, x.shape[1]))
    return jax.lax.dynamic_update_slice(x, row, (i, 0))


# %% set_row
# style: a jitted lambda with both axes indexed
import jax

set_row = jax.jit(lambda x, i, value: x.at[i, :].set(value))


# %% add_row
# style: one-hot column times the value
import jax
import jax.numpy as jnp


def add_row(x, i, value):
    column = jax.nn.one_hot(i % x.shape[0], x.shape[0])
    return x + column[:, None] * jnp.asarray(value)


# %% add_row
# style: reads the row, sets the sum
def add_row(x, i, value):
    return x.at[i].set(x[i] + value)


# %% add_row
# style: an object with __call__
class RowAdder:
    def __call__(self, x, i, value):
        return x.at[i].add(value)


add_row = RowAdder()


# %% add_at
# style: segment_sum with a fixed number of segments
import jax


def add_at(x, idx, values):
    return x + jax.ops.segment_sum(values, idx, num_segments=x.shape[0])


# %% add_at
# style: bincount with weights
import jax.numpy as jnp


def add_at(x, idx, values):
    return x + jnp.bincount(idx, weights=values, length=x.shape[0])


# %% add_at
# style: a one-hot matrix and a product
import jax


def add_at(x, idx, values):
    return x + values @ jax.nn.one_hot(idx, x.shape[0])


# %% add_at
# style: a scan over the pairs, one update each
import jax


def add_at(x, idx, values):
    def step(x, pair):
        k, value = pair
        return x.at[k].add(value), None

    return jax.lax.scan(step, x, (idx, values))[0]


# %% add_at
# style: a fori_loop with in-place style updates
import jax


def add_at(x, idx, values):
    return jax.lax.fori_loop(
        0, idx.shape[0], lambda k, out: out.at[idx[k]].add(values[k]), x
    )


# %% cube
# style: a thin wrapper around a jitted function, keywords in the format
import jax


@jax.jit
def _cube(x):
    jax.debug.print("[cube] input: {x}", x=x)
    y = x * x * x
    jax.debug.print("[cube] result: {y}", y=y)
    return y


def cube(x):
    y = _cube(x)
    jax.effects_barrier()
    return y


# %% cube
# style: jax.debug.callback with Python's print
import jax


def _show(x, y):
    print(f"[cube] input: {x}")
    print(f"[cube] result: {y}")


@jax.jit
def cube(x):
    y = x**3
    jax.debug.callback(_show, x, y)
    return y


# %% cube
# style: one ordered print of two lines
import jax
import jax.numpy as jnp


@jax.jit
def cube(x):
    y = jnp.power(x, 3)
    jax.debug.print("[cube] input: {}\n[cube] result: {}", x, y, ordered=True)
    return y


# %% cube
# style: jitted with inline=True, lax.integer_pow, result printed before input
import functools

import jax
import jax.numpy as jnp


def _tell(name, value):
    jax.debug.print("[cube] " + name + ": {}", value)


@functools.partial(jax.jit, inline=True)
def cube(x):
    y = jax.lax.integer_pow(jnp.asarray(x), 3)
    _tell("result", y)
    _tell("input", x)
    return y


# %% running_mean
# style: updates the old mean instead of dividing the total
def running_mean(state, x):
    count, total = state
    before = total / (count + (count == 0))
    mean = before + (x - before) / (count + 1)
    return (count + 1, total + x), mean


# %% running_mean
# style: tree.map over the state; the count becomes whatever type addition gives
import jax
import jax.numpy as jnp


def running_mean(state, x):
    new = jax.tree.map(jnp.add, state, (1, x))
    return new, new[1] / new[0]


# %% running_mean
# style: jitted, counts in floats
import jax


@jax.jit
def running_mean(state, x):
    count, total = state[0] + 1.0, state[1] + x
    return (count, total), total / count


# %% safe_norm
# style: the smallest normal number under the root
import jax.numpy as jnp


def safe_norm(x):
    return jnp.sqrt(jnp.vdot(x, x) + jnp.finfo(x.dtype).tiny)


# %% safe_norm
# style: custom gradient rule
import jax
import jax.numpy as jnp


@jax.custom_vjp
def safe_norm(x):
    return jnp.linalg.norm(x)


def _forward(x):
    norm = jnp.linalg.norm(x)
    return norm, (x, norm)


def _backward(saved, ct):
    x, norm = saved
    return (ct * x / jnp.where(norm == 0, 1.0, norm),)


safe_norm.defvjp(_forward, _backward)


# %% safe_norm
# style: masks the vector instead of the sum
import jax.numpy as jnp


def safe_norm(x):
    is_zero = jnp.all(x == 0)
    safe = jnp.where(is_zero, jnp.ones_like(x), x)
    return jnp.where(is_zero, 0.0, jnp.linalg.norm(safe))


# %% safe_norm
# style: scaled by the largest entry, which is held constant
import jax
import jax.numpy as jnp


def safe_norm(x):
    largest = jax.lax.stop_gradient(jnp.max(jnp.abs(x)))
    scale = jnp.where(largest == 0, 1.0, largest)
    squared = jnp.sum((x / scale) ** 2)
    return jnp.where(largest == 0, 0.0, scale * jnp.sqrt(jnp.where(largest == 0, 1.0, squared)))


# %% safe_norm
# style: lax.cond on the sum of squares
import jax
import jax.numpy as jnp


def safe_norm(x):
    squared = jnp.dot(x, x)
    return jax.lax.cond(squared > 0, jnp.sqrt, lambda s: 0.0 * s, squared)
