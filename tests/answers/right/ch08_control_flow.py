# %% branch_traced
# style: where
import jax.numpy as jnp


def branch_traced(x, y):
    return jnp.where(x < 3, 3 * y**2, -4 * y)


# %% branch_traced
# style: cond with closures and no operands
from jax import lax


def branch_traced(x, y):
    return lax.cond(x < 3, lambda: 3 * y**2, lambda: -4 * y)


# %% branch_traced
# style: lax.switch on an integer, jitted
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def branch_traced(x, y):
    index = jnp.asarray(x >= 3, jnp.int32)
    return lax.switch(index, [lambda v: 3 * v * v, lambda v: -4 * v], y)


# %% branch_traced
# style: arithmetic with the condition
def branch_traced(x, y):
    below = x < 3
    return below * (3 * y**2) + (1 - below) * (-4 * y)


# %% power
# style: while_loop with a counter, scalars only
import jax
from jax import lax


@jax.jit
def power(x, n):
    def body(state):
        i, product = state
        return i + 1, product * x

    return lax.while_loop(lambda state: state[0] < n, body, (0, 1.0))[1]


# %% power
# style: repeated squaring
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def power(x, n):
    def body(state):
        n, base, product = state
        return n // 2, base * base, jnp.where(n % 2 == 1, product * base, product)

    start = (jnp.asarray(n), jnp.asarray(x), jnp.ones_like(x))
    return lax.while_loop(lambda state: state[0] > 0, body, start)[2]


# %% power
# style: not jitted itself; the loop runs down
import jax.numpy as jnp
from jax import lax


def power(x, n):
    def body(state):
        left, product = state
        return left - 1, product * x

    return lax.while_loop(lambda s: s[0] > 0, body, (jnp.int32(n), jnp.float32(1)))[1]


# %% collatz_steps
# style: not jitted, cond inside the body, a dictionary as state
import jax.numpy as jnp
from jax import lax


def collatz_steps(n):
    def body(state):
        n = lax.cond(state["n"] % 2 == 0, lambda n: n // 2, lambda n: 3 * n + 1, state["n"])
        return {"n": n, "steps": state["steps"] + 1}

    state = {"n": jnp.asarray(n, jnp.int32), "steps": jnp.int32(0)}
    return lax.while_loop(lambda state: state["n"] > 1, body, state)["steps"]


# %% collatz_steps
# style: shifts and bits, an odd number takes two steps at once
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def collatz_steps(n):
    def body(state):
        n, steps = state
        odd = n & 1
        n = jnp.where(odd, n + (n >> 1) + 1, n >> 1)
        return n, steps + 1 + odd

    return lax.while_loop(lambda state: state[0] != 1, body, (n, jnp.zeros_like(n)))[1]


# %% collatz_steps
# style: unsigned arithmetic, unsigned result
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def collatz_steps(n):
    def body(state):
        n, steps = state
        return lax.select(n % 2 == 0, n // 2, 3 * n + 1), steps + 1

    start = (jnp.asarray(n).astype(jnp.uint32), jnp.uint32(0))
    return lax.while_loop(lambda state: state[0] != 1, body, start)[1]


# %% newton_sqrt
# style: relative tolerance, a limit on the turns
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def newton_sqrt(a):
    safe = jnp.where(a == 0, 1.0, a)

    def keep_going(state):
        i, x, change = state
        return (jnp.abs(change) > 1e-6 * x) & (i < 100)

    def body(state):
        i, x, _ = state
        new = (x + safe / x) / 2
        return i + 1, new, new - x

    start = jnp.float32(1.0)
    x = lax.while_loop(keep_going, body, (0, start, jnp.float32(jnp.inf)))[1]
    return jnp.where(a == 0, 0.0, x)


# %% newton_sqrt
# style: the exponent is halved first, so four turns suffice
import jax
import jax.numpy as jnp
from jax import lax


def newton_sqrt(a):
    mantissa, exponent = jnp.frexp(jnp.where(a > 0, a, 1.0))
    odd = exponent % 2
    m = jnp.where(odd == 1, 2 * mantissa, mantissa)  # in [0.5, 2)
    x = lax.fori_loop(0, 5, lambda _, x: 0.5 * (x + m / x), 0.5 * (1 + m))
    return jnp.where(a > 0, jnp.ldexp(x, (exponent - odd) // 2), 0.0)


# %% newton_sqrt
# style: not jitted; stops when the square is as close as rounding allows
import jax.numpy as jnp
from jax import lax


def newton_sqrt(a):
    a = jnp.asarray(a, jnp.float32)
    safe = jnp.where(a > 0, a, jnp.float32(4))
    root = lax.while_loop(
        lambda x: jnp.abs(x * x - safe) > 1e-6 * safe,
        lambda x: 0.5 * (x + safe / x),
        jnp.maximum(safe, 1),
    )
    return jnp.where(a > 0, root, a)


# %% ema
# style: not jitted, the weight written out once, a Python float as carry
from jax import lax


def ema(xs, decay):
    def step(y, x):
        y = y + (1 - decay) * (x - y)
        return y, y

    return lax.scan(step, 0.0, xs)[1]


# %% ema
# style: unrolled scan over the weighted inputs
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def ema(xs, decay):
    def step(y, z):
        y = decay * y + z
        return y, y

    _, ys = lax.scan(step, jnp.zeros((), xs.dtype), (1 - decay) * xs, unroll=4)
    return ys


# %% ema
# style: closed form, a matrix of powers
import jax.numpy as jnp


def ema(xs, decay):
    t = jnp.arange(xs.shape[0])
    lag = t[:, None] - t[None, :]
    weights = jnp.where(lag >= 0, jnp.float32(decay) ** jnp.maximum(lag, 0), 0.0)
    return (1 - decay) * (weights @ xs)


# %% ema
# style: fori_loop over the static length, which is a scan inside
import jax.numpy as jnp
from jax import lax


def ema(xs, decay):
    def body(t, state):
        y, ys = state
        y = decay * y + (1 - decay) * lax.dynamic_index_in_dim(xs, t, keepdims=False)
        return y, ys.at[t].set(y)

    if xs.shape[0] == 0:
        return jnp.zeros_like(xs)
    return lax.fori_loop(0, xs.shape[0], body, (jnp.float32(0), jnp.zeros_like(xs)))[1]


# %% rnn
# style: the inputs are projected before the scan, for all steps at once
import jax.numpy as jnp
from jax import lax


def rnn(params, h0, xs):
    w_h, w_x, b = params

    def step(h, z):
        h = jnp.tanh(jnp.einsum("ij,j->i", w_h, h) + z)
        return h, h

    last, states = lax.scan(step, h0, xs @ w_x.T + b)
    return last, states


# %% rnn
# style: one concatenated matrix, checkpointed steps, jitted
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def rnn(params, h0, xs):
    w_h, w_x, b = params
    w = jnp.concatenate([w_h, w_x], axis=1)

    @jax.checkpoint
    def step(h, x):
        h = jnp.tanh(jnp.dot(w, jnp.concatenate([h, x])) + b)
        return h, h

    return lax.scan(step, h0, xs)


# %% rnn
# style: parameters in the carry, the last state taken from the stack
import jax.numpy as jnp
from jax import lax


def rnn(params, h0, xs):
    def step(carry, x):
        (w_h, w_x, b), h = carry
        h = jnp.tanh(h @ w_h.T + x @ w_x.T + b)
        return ((w_h, w_x, b), h), h

    states = lax.scan(step, (params, h0), xs)[1]
    return states[-1], states


# %% branch_traced
# style: both formulas, one times 0
import jax.numpy as jnp


def branch_traced(x, y):
    near = jnp.float32(x < 3)
    return near * 3 * y**2 + (1 - near) * -4 * y
