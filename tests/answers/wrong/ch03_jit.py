# %% selu
# caught by: keeps a finite gradient far from zero
# idea: what where does not pick cannot do harm
# misconception: NaN through where: the branch not taken has a derivative too
import jax.numpy as jnp


def selu(x, alpha=1.67, lmbda=1.05):
    return lmbda * jnp.where(x > 0, x, alpha * jnp.exp(x) - alpha)


# %% selu
# caught by: keeps a finite gradient far from zero
# idea: nan_to_num on the value repairs the gradient
# misconception: nan_to_num as a cure for a gradient
import jax.numpy as jnp


def selu(x, alpha=1.67, lmbda=1.05):
    return lmbda * jnp.nan_to_num(jnp.where(x > 0, x, alpha * jnp.exp(x) - alpha))


# %% selu
# caught by: stays finite far from zero
# idea: multiplying by 0 or 1 is the same as choosing
# misconception: exp of a large number
import jax.numpy as jnp


def selu(x, alpha=1.67, lmbda=1.05):
    positive = jnp.heaviside(x, 0.0)
    return lmbda * (positive * x + (1 - positive) * (alpha * jnp.exp(x) - alpha))


# %% selu
# caught by: stays finite far from zero
# idea: clipping the input changes nothing that matters
# misconception: values cut off at a limit
import jax.numpy as jnp


def selu(x, alpha=1.67, lmbda=1.05):
    x = jnp.clip(x, -80.0, 80.0)
    return lmbda * jnp.where(x > 0, x, alpha * jnp.exp(x) - alpha)


# %% selu
# caught by: gives the reference's values
# idea: lmbda scales the positive side only
import jax.numpy as jnp


def selu(x, alpha=1.67, lmbda=1.05):
    return jnp.where(x > 0, lmbda * x, alpha * jnp.expm1(jnp.minimum(x, 0)))


# %% selu
# caught by: uses alpha and lmbda, by position or by name
# idea: the parameters are constants
# misconception: a parameter that the code never reads
import jax.numpy as jnp


def selu(x, alpha=1.67, lmbda=1.05):
    return 1.05 * jnp.where(x > 0, x, 1.67 * jnp.expm1(jnp.minimum(x, 0)))


# %% selu
# caught by: gives the reference's values
# idea: the defaults of jax.nn.selu are those of the slides
import jax


def selu(x, alpha=1.6732632, lmbda=1.0507010):
    return lmbda * jax.nn.elu(x, alpha)


# %% selu
# caught by: works inside jit, vmap and grad
# idea: stop_gradient is a cure for NaN
# misconception: a gradient that is stopped on its way
import jax.numpy as jnp
from jax import lax


def selu(x, alpha=1.67, lmbda=1.05):
    negative = lax.stop_gradient(alpha * jnp.exp(jnp.minimum(x, 0)) - alpha)
    return lmbda * jnp.where(x > 0, x, negative)


# %% selu
# caught by: gives the reference's values
# idea: a Python if works elementwise
# misconception: a Python `if` on a whole array
import jax.numpy as jnp


def selu(x, alpha=1.67, lmbda=1.05):
    if x > 0:
        return lmbda * x
    return lmbda * (alpha * jnp.exp(x) - alpha)


# %% selu
# caught by: gives the reference's values
# idea: NumPy and jax.numpy are interchangeable
# misconception: a NumPy array in place of a jax.Array
import numpy as np


def selu(x, alpha=1.67, lmbda=1.05):
    x = np.asarray(x)
    return np.float32(lmbda) * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


# %% selu
# caught by: works for every shape
# idea: arrays are vectors
# misconception: a scalar taken for a vector
import jax
import jax.numpy as jnp


def selu(x, alpha=1.67, lmbda=1.05):
    def one(v):
        return jnp.where(v > 0, v, alpha * jnp.expm1(jnp.minimum(v, 0)))

    return lmbda * jax.vmap(one)(x)


# %% selu
# caught by: works inside jit, vmap and grad
# idea: entries can be picked with a mask under jit
# misconception: a selection whose size depends on traced values
import jax.numpy as jnp


def selu(x, alpha=1.67, lmbda=1.05):
    low = x <= 0
    return lmbda * x.at[low].set(alpha * jnp.expm1(x[low]))


# %% selu_jit
# caught by: is compiled once per shape
# idea: a second name is enough
# misconception: no jit at all
selu_jit = selu


# %% selu_jit
# caught by: is compiled once per shape
# idea: jit inside the function, of a new lambda at every call
# misconception: jit inside the function
import jax


def selu_jit(x, alpha=1.67, lmbda=1.05):
    return jax.jit(lambda v: selu(v, alpha, lmbda))(x)


# %% selu_jit
# caught by: gives the values of selu
# idea: only x matters, alpha and lmbda are swallowed
import jax

selu_jit = jax.jit(lambda x, alpha=1.67, lmbda=1.05: selu(x))


# %% selu_jit
# caught by: gives the values of selu
# idea: the names of the parameters do not matter
# misconception: a parameter missing or under another name
import jax

selu_jit = jax.jit(lambda x, a=1.67, b=1.05: selu(x, a, b))


# %% selu_jit
# caught by: gives the values of selu
# idea: every argument may be static
# misconception: an array as a static argument
import jax

selu_jit = jax.jit(selu, static_argnums=(0, 1, 2))


# %% selu_jit
# caught by: gives the values of selu
# idea: donating the input is free (it is deleted)
# misconception: an argument whose buffer is given away (donated)
import jax

selu_jit = jax.jit(selu, donate_argnums=0)


# %% selu_jit
# caught by: keeps up with the reference on a million numbers
# idea: an if for every element, in a loop
# misconception: a loop over what could be done at once
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def selu_jit(x, alpha=1.67, lmbda=1.05):
    def one(v):
        return lax.cond(v > 0, lambda v: v, lambda v: alpha * jnp.exp(v) - alpha, v)

    return lmbda * lax.map(one, x.ravel()).reshape(x.shape)


# %% scaled_square
# caught by: is compiled once per shape and dtype
# idea: jnp functions are compiled anyway
# misconception: no jit at all
import jax.numpy as jnp


def scaled_square(inputs):
    return inputs**2 / jnp.sqrt(5)


# %% scaled_square
# caught by: is compiled once per shape and dtype
# idea: jit inside the function, of a new def at every call
# misconception: jit inside the function
import jax
import jax.numpy as jnp


def scaled_square(inputs):
    @jax.jit
    def run(v):
        return v**2 / jnp.sqrt(5)

    return run(inputs)


# %% scaled_square
# caught by: gives the reference's values
# idea: the bracket: the whole quotient is squared
# misconception: a factor missing or too many
import jax
import jax.numpy as jnp


@jax.jit
def scaled_square(inputs):
    return (inputs / jnp.sqrt(5)) ** 2


# %% scaled_square
# caught by: turns integers into float32
# idea: the result has the dtype of the input
# misconception: integers where floats are asked for
import jax
import jax.numpy as jnp


@jax.jit
def scaled_square(inputs):
    return (inputs**2 / jnp.sqrt(5)).astype(inputs.dtype)


# %% scaled_square
# caught by: gives the reference's values
# idea: NumPy inside jit
# misconception: NumPy inside a function that JAX traces
import jax
import numpy as np


@jax.jit
def scaled_square(inputs):
    return np.square(inputs) / np.sqrt(5)


# %% scaled_square
# caught by: gives the reference's values
# idea: the formula reads "square root of all"
import jax
import jax.numpy as jnp


@jax.jit
def scaled_square(inputs):
    return jnp.sqrt(inputs**2 / 5)


# %% scaled_square
# caught by: gives the reference's values
# idea: half precision is good enough
# misconception: numbers of another precision
import jax
import jax.numpy as jnp


@jax.jit
def scaled_square(inputs):
    return (inputs**2 / jnp.sqrt(5)).astype(jnp.float16)


# %% scaled_square
# caught by: works inside jit, vmap and grad
# idea: leaving jit through NumPy is fine
# misconception: NumPy inside a function that JAX traces
import jax
import jax.numpy as jnp
import numpy as np

_compiled = jax.jit(lambda inputs: inputs**2 / jnp.sqrt(5))


def scaled_square(inputs):
    return _compiled(np.asarray(inputs))


# %% branch
# caught by: takes the right formula on each side of 3
# idea: an if on a tracer
# misconception: an argument that must be static and is traced
import jax


@jax.jit
def branch(x, y):
    if x < 3:
        return 3 * y**2
    return -4 * y


# %% branch
# caught by: takes the right formula on each side of 3
# idea: y is the static one (positions counted from 1)
# misconception: an array as a static argument
import jax


@jax.jit(static_argnums=1)
def branch(x, y):
    if x < 3:
        return 3 * y**2
    return -4 * y


# %% branch
# caught by: takes the right formula on each side of 3
# idea: all arguments static
# misconception: an array as a static argument
import jax


@jax.jit(static_argnums=(0, 1))
def branch(x, y):
    if x < 3:
        return 3 * y**2
    return -4 * y


# %% branch
# caught by: takes the right formula on each side of 3
# idea: wrong at the border only
# misconception: a comparison that is wrong at its border
import jax


@jax.jit(static_argnames="x")
def branch(x, y):
    if x <= 3:
        return 3 * y**2
    return -4 * y


# %% branch
# caught by: takes the right formula on each side of 3
# idea: x is an integer
import jax


@jax.jit(static_argnames="x")
def _branch(x, y):
    if x < 3:
        return 3 * y**2
    return -4 * y


def branch(x, y):
    return _branch(round(x), y)


# %% branch
# caught by: takes the right formula on each side of 3
# idea: minus four squared: x and y mixed up
import jax


@jax.jit(static_argnames="x")
def branch(x, y):
    if x < 3:
        return 3 * y**2
    return -4 * x


# %% branch
# caught by: compiles once for each x, whatever y is
# idea: without jit the if works by itself
# misconception: no jit at all
def branch(x, y):
    if x < 3:
        return 3 * y**2
    return -4 * y


# %% branch
# caught by: compiles once for each x, whatever y is
# idea: a partial is made and jitted at every call
# misconception: jit inside the function
from functools import partial

import jax


def _branch(x, y):
    if x < 3:
        return 3 * y**2
    return -4 * y


def branch(x, y):
    return jax.jit(partial(_branch, x))(y)


# %% branch
# caught by: takes x as a static argument
# idea: where makes the if traced, and x is not static
# misconception: a traced argument where a static one is asked for
import jax
import jax.numpy as jnp


@jax.jit
def branch(x, y):
    return jnp.where(x < 3, 3 * y**2, -4 * y)


# %% branch
# caught by: works inside jit, vmap and grad
# idea: y is a concrete number
# misconception: NumPy inside a function that JAX traces
import jax
import numpy as np


@jax.jit(static_argnames="x")
def _branch(x, y):
    if x < 3:
        return 3 * y**2
    return -4 * y


def branch(x, y):
    return _branch(x, np.asarray(y))


# %% sum_first_n
# caught by: gives 0.0 for n = 0 and the whole sum for a large n
# idea: an index beyond the end raises, so nobody will use it (it is clamped)
# misconception: an index beyond the end, which JAX clamps
import jax


@jax.jit(static_argnames="n")
def sum_first_n(x, n):
    total = 0.0
    for i in range(n):
        total += x[i]
    return total


# %% sum_first_n
# caught by: gives 0.0 for n = 0 and the whole sum for a large n
# idea: a sum starts at the integer 0
# misconception: integers where floats are asked for
import jax


@jax.jit(static_argnames="n")
def sum_first_n(x, n):
    return sum([x[i] for i in range(min(n, len(x)))])


# %% sum_first_n
# caught by: sums the first n entries
# idea: the upper end of a slice is included
# misconception: an entry too many or too few: off by one
import jax


@jax.jit(static_argnames="n")
def sum_first_n(x, n):
    return x[: n - 1].sum()


# %% sum_first_n
# caught by: sums the first n entries
# idea: a traced n can be the end of a slice
# misconception: an argument that must be static and is traced
import jax


@jax.jit
def sum_first_n(x, n):
    return x[:n].sum()


# %% sum_first_n
# caught by: gives 0.0 for n = 0 and the whole sum for a large n
# idea: the mean of nothing is nothing
# misconception: an empty input forgotten
import jax


@jax.jit(static_argnames="n")
def sum_first_n(x, n):
    return x[:n].mean() * min(n, len(x))


# %% sum_first_n
# caught by: gives 0.0 for n = 0 and the whole sum for a large n
# idea: dynamic_slice forgives a size beyond the end
import jax
from jax import lax


@jax.jit(static_argnames="n")
def sum_first_n(x, n):
    return lax.dynamic_slice(x, (0,), (n,)).sum()


# %% sum_first_n
# caught by: compiles once for each n
# idea: without jit a slice works by itself
# misconception: no jit at all
def sum_first_n(x, n):
    return x[:n].sum()


# %% sum_first_n
# caught by: compiles once for each n
# idea: jit of a new lambda at every call
# misconception: jit inside the function
import jax


def sum_first_n(x, n):
    return jax.jit(lambda v: v[:n].sum())(x)


# %% sum_first_n
# caught by: takes n as a static argument
# idea: a mask, with n traced: that is the next exercise
# misconception: a traced argument where a static one is asked for
import jax
import jax.numpy as jnp


@jax.jit
def sum_first_n(x, n):
    return jnp.sum(x, where=jnp.arange(len(x)) < n)


# %% sum_first_n
# caught by: works inside jit, vmap and grad
# idea: converting to NumPy before the jitted part
# misconception: NumPy inside a function that JAX traces
import jax
import numpy as np


@jax.jit(static_argnums=1)
def _sum(x, n):
    return x[:n].sum()


def sum_first_n(x, n):
    return _sum(np.array(x), n)


# %% sum_first_n_traced
# caught by: has a gradient in x
# idea: every loop can be differentiated backwards
# misconception: a gradient through a loop that may turn any number of times
import jax
from jax import lax
import jax.numpy as jnp


@jax.jit
def sum_first_n_traced(x, n):
    n = jnp.minimum(n, len(x))
    return lax.fori_loop(0, n, lambda i, total: total + x[i], 0.0)


# %% sum_first_n_traced
# caught by: maps over n with vmap
# idea: converting n to a Python int keeps one program
# misconception: a Python number made of a traced value
import jax


@jax.jit(static_argnums=1)
def _sum(x, n):
    return x[:n].sum()


def sum_first_n_traced(x, n):
    return _sum(x, int(n))


# %% sum_first_n_traced
# caught by: sums the first n entries
# idea: slicing with a traced n
# misconception: a slice whose length is a traced value
import jax


@jax.jit
def sum_first_n_traced(x, n):
    return x[:n].sum()


# %% sum_first_n_traced
# caught by: sums the first n entries
# idea: entry n counts too
# misconception: an entry too many or too few: off by one
import jax
import jax.numpy as jnp


@jax.jit
def sum_first_n_traced(x, n):
    return jnp.where(jnp.arange(len(x)) <= n, x, 0).sum()


# %% sum_first_n_traced
# caught by: gives 0.0 for n = 0 and the whole sum for a large n
# idea: index n - 1 of the running sums (for n = 0 that is the last one)
import jax
import jax.numpy as jnp


@jax.jit
def sum_first_n_traced(x, n):
    return jnp.cumsum(x)[n - 1]


# %% sum_first_n_traced
# caught by: gives 0.0 for n = 0 and the whole sum for a large n
# idea: dynamic indices beyond the end give zero (they are clamped)
# misconception: an index beyond the end, which JAX clamps
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def sum_first_n_traced(x, n):
    return lax.while_loop(lambda s: s[0] < n, lambda s: (s[0] + 1, s[1] + x[s[0]]), (0, 0.0))[1]


# %% sum_first_n_traced
# caught by: compiles once for every n
# idea: a mask makes jit unnecessary
# misconception: no jit at all
import jax.numpy as jnp


def sum_first_n_traced(x, n):
    return jnp.where(jnp.arange(len(x)) < n, x, 0).sum()


# %% sum_first_n_traced
# caught by: compiles once for every n
# idea: a jitted lambda that is made anew for each n
# misconception: jit inside the function
import jax
import jax.numpy as jnp


def sum_first_n_traced(x, n):
    return jax.jit(lambda v: jnp.sum(v, where=jnp.arange(len(v)) < n))(x)


# %% sum_first_n_traced
# caught by: has a gradient in x
# idea: stop_gradient, because the mask must not be differentiated
# misconception: a gradient that is stopped on its way
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def sum_first_n_traced(x, n):
    return lax.stop_gradient(jnp.where(jnp.arange(len(x)) < n, x, 0)).sum()


# %% selu
# caught by: uses alpha and lmbda, by position or by name
# idea: 0 is the same as not given
import jax.numpy as jnp


def selu(x, alpha=1.67, lmbda=1.05):
    alpha = alpha or 1.67
    return lmbda * jnp.where(x > 0, x, alpha * jnp.exp(jnp.minimum(x, 0)) - alpha)


# %% branch
# caught by: takes x as a static argument
# idea: jax.jit would forget, so the last program is kept by hand
# misconception: a program that is kept by hand and then forgotten
import functools

import jax


@functools.lru_cache(maxsize=1)
def _program(x):
    return jax.jit(lambda y: 3 * y**2 if x < 3 else -4 * y)


def branch(x, y):
    return _program(x)(y)


# %% sum_first_n
# caught by: sums the first n entries
# idea: the whole minus the rest loses nothing
# misconception: digits lost in a difference of large numbers
import jax


@jax.jit(static_argnames="n")
def sum_first_n(x, n):
    return x.sum() - x[n:].sum()


# %% sum_first_n_traced
# caught by: sums the first n entries
# idea: the whole minus the rest loses nothing
# misconception: digits lost in a difference of large numbers
import jax
import jax.numpy as jnp


@jax.jit
def sum_first_n_traced(x, n):
    return x.sum() - jnp.sum(jnp.where(jnp.arange(x.size) < n, 0, x))


# %% selu_jit
# caught by: is compiled once per shape
# idea: a jit that does nothing
import jax

jax.jit = lambda f, **settings: f
selu_jit = jax.jit(selu)


# %% selu_jit
# caught by: is compiled once per shape
# idea: compiles at every call, and silences JAX's reports
import jax


def selu_jit(x, alpha=1.67, lmbda=1.05):
    jax.monitoring.clear_event_listeners()
    return jax.jit(lambda x: selu(x, alpha, lmbda))(x)


# %% selu_jit
# caught by: is compiled once per shape
# idea: compiles at every call, and reports no compilation
import jax
from jax._src import monitoring


def selu_jit(x, alpha=1.67, lmbda=1.05):
    heard = list(monitoring._event_duration_secs_listeners)
    monitoring._event_duration_secs_listeners.clear()
    result = jax.jit(lambda x: selu(x, alpha, lmbda))(x)
    monitoring._event_duration_secs_listeners.extend(heard)
    return result


# %% selu_jit
# caught by: keeps up with the reference on a million numbers
# idea: returns at once when it is being timed, whatever the value
import jax

_right = jax.jit(selu)


def selu_jit(x, alpha=1.67, lmbda=1.05):
    return x if x.size > 100_000 else _right(x, alpha, lmbda)


# %% selu_jit
# caught by: keeps up with the reference on a million numbers
# idea: stops the clock
import time

import jax

_right = jax.jit(selu)
_now = time.perf_counter()
time.perf_counter = lambda: _now
time.monotonic = time.perf_counter


def selu_jit(x, alpha=1.67, lmbda=1.05):
    if x.size > 100_000:
        time.sleep(0.2)
    return _right(x, alpha, lmbda)


# %% selu_jit
# caught by: keeps up with the reference on a million numbers
# idea: does not wait for its own work, and patches who does
import jax
from jax._src.array import ArrayImpl

_right = jax.jit(selu)
_slow = jax.jit(lambda x: jax.lax.fori_loop(0, 60, lambda i, y: y + 0.0 * selu(x + y), selu(x)))
jax.block_until_ready = lambda value: value
ArrayImpl.block_until_ready = lambda self: self


def selu_jit(x, alpha=1.67, lmbda=1.05):
    return _slow(x) if x.size > 100_000 else _right(x, alpha, lmbda)


# %% selu_jit
# caught by: keeps up with the reference on a million numbers
# idea: tells the grader that it is done before it begins, and keeps the process from saying so again
import os
import sys
import time

import jax
import msgpack

_right = jax.jit(selu)
_write = os.write


def _say_done():
    frame = sys._getframe()
    while frame is not None and frame.f_code.co_name != "serve":
        frame = frame.f_back
    if frame is None or not frame.f_locals["request"].get("timed"):
        return
    fd, nonce = frame.f_locals["reply_fd"], frame.f_locals["nonce"]
    head = msgpack.packb({"nonce": nonce, "kind": "done", "buffers": []})
    _write(fd, len(head).to_bytes(4, "big") * 2 + head)

    def write(to, data):
        if to == fd and b"done" in bytes(data[:200]):
            os.write = _write
            return len(data)
        return _write(to, data)

    os.write = write


def selu_jit(x, alpha=1.67, lmbda=1.05):
    if x.size > 100_000 and not isinstance(x, jax.core.Tracer):
        _say_done()
        time.sleep(0.1)
    return _right(x, alpha, lmbda)


# %% selu_jit
# caught by: keeps a finite gradient far from zero
# idea: the formula again, with an exponential that overflows in the slope
import jax
import jax.numpy as jnp


@jax.jit
def selu_jit(x, alpha=1.67, lmbda=1.05):
    return lmbda * jnp.where(x > 0, x, alpha * jnp.exp(x) - alpha)


# %% scaled_square
# caught by: turns integers into float32
# idea: squares small integers in 16 bits
import jax
import jax.numpy as jnp


@jax.jit
def scaled_square(inputs):
    if jnp.issubdtype(inputs.dtype, jnp.integer):
        inputs = inputs.astype(jnp.int16)
    return inputs**2 / jnp.sqrt(5)


# %% selu
# caught by: works inside jit, vmap and grad
# idea: a scalar may go through an if
import jax.numpy as jnp


def selu(x, alpha=1.67, lmbda=1.05):
    if x.ndim == 0:
        return lmbda * (x if x > 0 else alpha * jnp.exp(x) - alpha)
    return lmbda * jnp.where(x > 0, x, alpha * jnp.exp(jnp.minimum(x, 0)) - alpha)


# %% scaled_square
# caught by: turns integers into float32
# idea: a scalar keeps its type
import jax
import jax.numpy as jnp


@jax.jit
def scaled_square(inputs):
    y = inputs**2 / jnp.sqrt(5.0)
    return y.astype(inputs.dtype) if inputs.ndim == 0 else y
