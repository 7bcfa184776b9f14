"""Chapter 8: cond, while, fori and scan. Reference solutions."""

import jax
import jax.numpy as jnp
from jax import lax


def branch_traced(x, y):
    """Both branches are in the program; which one runs is decided by the value of x."""
    return lax.cond(x < 3, lambda y: 3 * y**2, lambda y: -4 * y, y)


@jax.jit  # traces n: called eagerly with a known n, fori_loop would compile for each n
def power(x, n):
    """x to the power n by n multiplications; n is an input of the program."""
    x = jnp.asarray(x)
    return lax.fori_loop(0, n, lambda _, product: product * x, jnp.ones_like(x))


@jax.jit
def collatz_steps(n):
    """Number of Collatz steps from n to 1."""

    def running(state):
        n, _ = state
        return n != 1

    def step(state):
        n, steps = state
        return jnp.where(n % 2 == 0, n // 2, 3 * n + 1), steps + 1

    _, steps = lax.while_loop(running, step, (n, 0))
    return steps


@jax.jit
def newton_sqrt(a):
    """Square root by Newton's method, from above, until the iterates stop falling."""
    # Zero would divide by zero: the loop gets a harmless 1 instead.
    positive = jnp.where(a > 0, a, 1.0)

    def improve(x):
        return 0.5 * (x + positive / x)

    # Started above the root, exact iterates fall for ever. Rounded ones stop falling at the
    # root, whatever its size: no tolerance to choose.
    def falling(state):
        x, following = state
        return following < x

    def step(state):
        _, following = state
        return following, improve(following)

    start = jnp.maximum(positive, 1.0)
    root, _ = lax.while_loop(falling, step, (start, improve(start)))
    return jnp.where(a > 0, root, a)


@jax.jit
def ema(xs, decay):
    """Exponential moving average: the carry is the last average."""

    def step(average, x):
        average = decay * average + (1 - decay) * x
        return average, average

    _, averages = lax.scan(step, jnp.zeros(xs.shape[1:], xs.dtype), xs)
    return averages


@jax.jit
def rnn(params, h0, xs):
    """Simple recurrent network: last state, and all states stacked."""
    w_h, w_x, b = params

    def step(h, x):
        h = jnp.tanh(w_h @ h + w_x @ x + b)
        return h, h

    return lax.scan(step, h0, xs)
