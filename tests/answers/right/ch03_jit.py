# %% selu
# style: jax.nn.elu, scaled
import jax


def selu(x, alpha=1.67, lmbda=1.05):
    return lmbda * jax.nn.elu(x, alpha)


# %% selu
# style: no where at all, the two parts added
import jax.numpy as jnp


def selu(x, alpha=1.67, lmbda=1.05):
    return lmbda * (jnp.maximum(x, 0) + alpha * jnp.expm1(jnp.minimum(x, 0)))


# %% selu
# style: exp of -|x|, which cannot overflow
import jax.numpy as jnp


def selu(x, alpha=1.67, lmbda=1.05):
    return lmbda * jnp.where(x > 0, x, alpha * jnp.exp(-jnp.abs(x)) - alpha)


# %% selu
# style: a derivative given by hand with custom_jvp
from functools import partial

import jax
import jax.numpy as jnp


@partial(jax.custom_jvp, nondiff_argnums=(1, 2))
def _selu(x, alpha, lmbda):
    return lmbda * jnp.where(x > 0, x, alpha * jnp.exp(x) - alpha)


@_selu.defjvp
def _selu_jvp(alpha, lmbda, primals, tangents):
    (x,), (t,) = primals, tangents
    slope = lmbda * jnp.where(x > 0, 1.0, alpha * jnp.exp(jnp.minimum(x, 0.0)))
    return _selu(x, alpha, lmbda), slope * t


def selu(x, alpha=1.67, lmbda=1.05):
    return _selu(x, alpha, lmbda)


# %% selu
# style: an object with __call__ around jnp.piecewise
import jax.numpy as jnp


class _Selu:
    def __call__(self, x, alpha=1.67, lmbda=1.05):
        def negative(v):
            return alpha * jnp.exp(jnp.clip(v, max=0)) - alpha

        return lmbda * jnp.piecewise(x, [x > 0], [lambda v: v, negative])


selu = _Selu()


# %% selu_jit
# style: a jitted lambda with the defaults repeated
import jax

selu_jit = jax.jit(lambda x, alpha=1.67, lmbda=1.05: selu(x, alpha, lmbda))


# %% selu_jit
# style: a thin wrapper around a jitted function
import jax
import jax.numpy as jnp


@jax.jit
def _compiled(x, alpha, lmbda):
    return lmbda * jnp.where(x > 0, x, alpha * jnp.expm1(jnp.minimum(x, 0)))


def selu_jit(x, alpha=1.67, lmbda=1.05):
    """SELU by the compiled program."""
    return _compiled(x, alpha, lmbda)


# %% selu_jit
# style: jax.nn.elu in a decorated def
from functools import partial

import jax


@partial(jax.jit)
def selu_jit(x, alpha=1.67, lmbda=1.05):
    return jax.nn.elu(x, alpha=alpha) * lmbda


# %% scaled_square
# style: a factor of the math module, no power
import math

import jax

FACTOR = 1 / math.sqrt(5)


@jax.jit
def scaled_square(inputs):
    return FACTOR * inputs * inputs


# %% scaled_square
# style: converts first, and is a partial of a jitted function
from functools import partial

import jax
import jax.numpy as jnp


@jax.jit
def _over_root(radicand, inputs):
    return jnp.square(jnp.asarray(inputs, jnp.float32)) * jax.lax.rsqrt(radicand)


scaled_square = partial(_over_root, 5.0)


# %% scaled_square
# style: NumPy for the constant, jnp.power for the rest
import jax
import jax.numpy as jnp
import numpy as np

scaled_square = jax.jit(lambda inputs: jnp.power(inputs, 2) / np.sqrt(5))


# %% branch
# style: the form of 2020, partial and static_argnums
from functools import partial

import jax


@partial(jax.jit, static_argnums=(0,))
def branch(x, y):
    return 3 * y**2 if x < 3 else -4 * y


# %% branch
# style: a thin wrapper that chooses between two jitted functions
import jax

_below = jax.jit(lambda y: 3 * y * y)
_above = jax.jit(lambda y: -4 * y)


def branch(x, y):
    if x < 3:
        return _below(y)
    return _above(y)


# %% branch
# style: the condition is the static argument
import jax
import jax.numpy as jnp


def _branch(below, y):
    if below:
        return 3 * jnp.square(y)
    else:
        return jnp.negative(4 * y)


_branch_jit = jax.jit(_branch, static_argnums=0)


def branch(x, y):
    return _branch_jit(x < 3, y)


# %% sum_first_n
# style: a Python loop, unrolled
from functools import partial

import jax


@partial(jax.jit, static_argnums=1)
def sum_first_n(x, n):
    total = 0.0
    for i in range(min(n, x.shape[0])):
        total += x[i]
    return total


# %% sum_first_n
# style: the rest is set to zero
import jax
import jax.numpy as jnp


def _sum(x, n):
    return jnp.sum(x.at[n:].set(0))


sum_first_n = jax.jit(_sum, static_argnums=[1])


# %% sum_first_n
# style: a product with a NumPy mask made while tracing
import jax
import jax.numpy as jnp
import numpy as np


@jax.jit(static_argnums=1)
def _masked(x, n):
    return jnp.dot(x, (np.arange(len(x)) < n).astype(np.float32))


def sum_first_n(x, n):
    return _masked(x, n)


# %% sum_first_n
# style: lax.fori_loop with a static bound
import jax
from jax import lax


@jax.jit(static_argnames=("n",))
def sum_first_n(x, n):
    return lax.fori_loop(0, min(n, len(x)), lambda i, total: total + x[i], 0.0)


# %% sum_first_n_traced
# style: mask by where, then sum
import jax
import jax.numpy as jnp


@jax.jit
def sum_first_n_traced(x, n):
    return jnp.where(jnp.arange(len(x)) < n, x, 0).sum()


# %% sum_first_n_traced
# style: entry n of the running sums
import jax
import jax.numpy as jnp


@jax.jit
def sum_first_n_traced(x, n):
    sums = jnp.concatenate([jnp.zeros(1), jnp.cumsum(x)])
    return sums[jnp.minimum(n, len(x))]


# %% sum_first_n_traced
# style: a loop over the full, static length
import jax
import jax.numpy as jnp
from jax import lax


def _sum(x, n):
    def body(total, entry):
        i, value = entry
        return total + jnp.where(i < n, value, 0.0), None

    return lax.scan(body, 0.0, (jnp.arange(x.shape[0]), x))[0]


sum_first_n_traced = jax.jit(_sum)


# %% sum_first_n_traced
# style: a product with the mask, and a wrapper that clips n eagerly
import jax
import jax.numpy as jnp


@jax.jit
def _masked(x, n):
    return (jnp.arange(x.size) < n).astype(x.dtype) @ x


def sum_first_n_traced(x, n):
    return _masked(x, jnp.minimum(n, x.shape[0]))


# %% selu_jit
# style: jnp.piecewise, as slow as the contract allows
import jax
import jax.numpy as jnp


@jax.jit
def selu_jit(x, alpha=1.67, lmbda=1.05):
    return lmbda * jnp.piecewise(x, [x > 0], [lambda v: v, lambda v: alpha * jnp.exp(v) - alpha])
