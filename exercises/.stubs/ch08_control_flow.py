"""Chapter 8: cond, while, fori and scan.

Python's `if`, `while` and `for` run while JAX traces. They can only see static values, and a loop
leaves a copy of its body in the program for every turn: a thousand turns, a thousand copies, and
minutes of compilation. `jax.lax` has branches and loops that are operations themselves. Their
bodies are functions, traced once, and the program decides at run time:

    lax.cond(condition, if_true, if_false, *operands)   one of two functions
    lax.while_loop(keep_going, body, state)             until keep_going(state) is False
    lax.fori_loop(start, stop, body, state)             body(i, state), i = start .. stop - 1
    lax.scan(body, state, xs)                           along the first axis of xs

The rule behind all of them: the *state* (carry) that a body returns must have the structure,
shapes and dtypes of the state it got. XLA reserves its memory once. "body function carry input and
carry output must have equal types" means that the first state was, say, the integer 0 and the body
returned a float. Several things travel together as a tuple.

`scan` is the loop for sequences. Its body takes `(state, x)`, one entry of `xs` at a time, and
returns `(state, y)`; the result is the last state and all `y`, stacked. The largest gap between the
marks on a ruler needs the last mark as its state:

>>> def gap(last_mark, mark):
...     return mark, mark - last_mark
>>> last, gaps = lax.scan(gap, 0.0, jnp.array([1.0, 4.0, 9.0]))
>>> last.item(), gaps.tolist(), gaps.max().item()
(9.0, [1.0, 3.0, 5.0], 5.0)

The body is in the program once, however long the sequence is:

>>> def gaps_of(marks):
...     return lax.scan(gap, 0.0, marks)[1]
>>> [len(jax.make_jaxpr(gaps_of)(jnp.zeros(n)).eqns) for n in (3, 300)]
[1, 1]

Then and now (the slides are of 2020):

    then                                        now
    lax.cond(p, a, true_fun, b, false_fun)      lax.cond(p, true_fun, false_fun, a)
    index_update(out, index[i], v) in a loop    out.at[i].set(v), or let scan stack the outputs
    jit of a Python loop over time steps        lax.scan

What can be differentiated, and what can be mapped?

                   grad (reverse)                 vmap over the condition or the bounds
    cond           yes                            yes, but then both branches are computed
    scan           yes                            the length is a shape: nothing to map
    fori_loop      only with static bounds        yes
    while_loop     no: nobody knows how many      yes: all run as long as the slowest
                   states to remember

Under `vmap` a `cond` on a mapped condition becomes a `where`, with the trap of chapter 3: a NaN or
infinity of the branch not taken can come back in the gradient.

A `while_loop` ends when its condition says so, and never otherwise. A comparison with NaN is False,
float32 iterates may wander in the last digit for ever, and one tolerance does not fit both 1e-6 and
1e6: think of what the condition sees at the very end.

Called eagerly, these functions compile when they meet a new body, and a lambda inside your function
is a new body at every call. With `@jax.jit` above the function it is compiled once.
"""

import jax  # noqa: F401
import jax.numpy as jnp  # noqa: F401
from jax import lax  # noqa: F401


def branch_traced(x, y):
    """`3 * y ** 2` if `x < 3`, else `-4 * y`, with both arguments traced.

    `jax.jit`, `jax.grad` in `y` and `jax.vmap` over both arguments work.

    Args:
        x: number, traced.
        y: number or float32 array, traced.

    Returns:
        Array of the shape of `y`.

    Example:
        >>> jax.jit(branch_traced)(2.0, 4.0).item()
        48.0
        >>> jax.vmap(branch_traced)(jnp.array([2.0, 3.0]), jnp.array([4.0, 4.0])).tolist()
        [48.0, -16.0]

    The slide's idea: a branch on a value is an operation of the program, not a Python `if`.
    """
    # TODO: choose between the two formulas without asking for the value of x in Python.
    raise NotImplementedError


def power(x, n):
    """`x ** n` for a traced integer `n >= 0`, by a loop.

    One program serves all `n`. Reverse-mode gradients are not required.

    Args:
        x: float32 scalar.
        n: integer >= 0, traced.

    Returns:
        float32 scalar; 1.0 for `n = 0`.

    Example:
        >>> [power(2.0, n).item() for n in (0, 1, 10)]
        [1.0, 2.0, 1024.0]

    The slide's idea: the number of turns may be known only at run time.
    """
    # TODO: multiply n times in a lax.fori_loop or lax.while_loop.
    raise NotImplementedError


def collatz_steps(n):
    """How many steps the Collatz rule needs from `n` to 1.

    The rule: halve an even number, replace an odd `n` by `3 * n + 1`.

    Args:
        n: integer, traced, 1 <= n < 113383 (beyond, int32 overflows on the way).

    Returns:
        Integer scalar.

    Example:
        >>> [int(collatz_steps(n)) for n in (1, 2, 3, 27)]
        [0, 1, 7, 111]

    The slide's idea: a loop whose number of turns nobody can tell before it ends.
    """
    # TODO: carry the number and the count through a lax.while_loop.
    raise NotImplementedError


def newton_sqrt(a):
    """Square root by Newton's method: `x` becomes `(x + a / x) / 2` until it is good enough.

    The relative error is at most 1e-6 for every `a` from 1e-12 to 1e12. Reverse-mode gradients are
    not required.

    Args:
        a: float32 scalar >= 0, traced.

    Returns:
        float32 scalar; 0.0 for `a = 0`.

    Example:
        >>> round(newton_sqrt(2.0).item(), 5)
        1.41421
        >>> newton_sqrt(0.0).item()
        0.0

    The slide's idea: iterate until converged, with the test inside the compiled program.
    """
    # TODO: choose a start, what the state holds, and a condition that ends the loop for every a.
    raise NotImplementedError


def ema(xs, decay):
    """Exponential moving average along a sequence.

    `y_t = decay * y_(t-1) + (1 - decay) * x_t`, where the `y` before the first one is 0. The
    program does not grow with the length; reverse-mode gradients work.

    Args:
        xs: float32 array of shape (length,); the length may be 0.
        decay: number between 0 and 1.

    Returns:
        float32 array of shape (length,).

    Example:
        >>> ema(jnp.array([1.0, 2.0, 3.0]), 0.5).tolist()
        [0.5, 1.25, 2.125]

    The slide's idea: a recurrence over a sequence is a scan, whose carry is the last result.
    """
    # TODO: write the body of a lax.scan: what is its carry, and what does it put out?
    raise NotImplementedError


def rnn(params, h0, xs):
    """Simple recurrent network: `h_t = tanh(W_h @ h_(t-1) + W_x @ x_t + b)`.

    The program does not grow with the length; reverse-mode gradients work.

    Args:
        params: tuple `(W_h, W_x, b)` of float32 arrays of shapes (hidden, hidden),
            (hidden, features) and (hidden,).
        h0: float32 array of shape (hidden,), the state before the first input.
        xs: float32 array of shape (length, features).

    Returns:
        Tuple of the last state, (hidden,), and all states h_1 to h_T, (length, hidden).

    Example:
        >>> params = (jnp.eye(2), jnp.ones((2, 3)), jnp.zeros(2))
        >>> last, states = rnn(params, jnp.zeros(2), jnp.zeros((5, 3)))
        >>> last.shape, states.shape
        ((2,), (5, 2))

    The slide's idea: scan carries any structure, and is differentiated like any other operation.
    """
    # TODO: one time step as a function of (h, x), then lax.scan over xs.
    raise NotImplementedError
