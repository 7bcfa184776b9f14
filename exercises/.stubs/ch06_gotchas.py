"""Chapter 6: updates, printing, purity, NaN.

A function that JAX transforms must be pure: everything it reads comes in through its arguments,
everything it does goes out through its result. NumPy habits that break this rule often raise an
error; the ones in this chapter may also go wrong in silence.

1. Arrays do not change. `x[0] = 1.0` raises a TypeError. What you write instead gives a *new*
   array and leaves `x` as it was:

       2020 (slides)                                      today
       jax.ops.index_update(x, jax.ops.index[i], v)       x.at[i].set(v)
       jax.ops.index_add(x, jax.ops.index[i], v)          x.at[i].add(v)

   `x.at[...]` takes any NumPy index, also a traced number. Where the compiler sees, under `jit`,
   that nobody needs the old array any more, it writes in place and saves the copy.

       >>> import jax.numpy as jnp
       >>> x = jnp.arange(4.0)
       >>> x.at[::2].multiply(10).tolist()
       [0.0, 1.0, 20.0, 3.0]
       >>> x.tolist()
       [0.0, 1.0, 2.0, 3.0]

   The typical slip is a line `x.at[i].set(v)` whose result nobody keeps. An index out of range
   raises no error either: such an update is dropped, and such a read takes the last entry.

2. Python runs while JAX traces, the program runs later. A `print` in a jitted function shows a
   tracer, and only at the first call with that shape. `jax.debug.print("x = {}", x)` becomes
   part of the program and shows the value at every call. The slides could only say "do not
   print"; `jax.debug.print` came after them. Pass it the braces and the array apart: an f-string
   is filled in by Python, while tracing.

3. Globals are read once and written never. A compiled function keeps the value that a global had
   while it was traced; a global that it assigns to ends up holding a tracer, which raises an
   UnexpectedTracerError as soon as somebody uses it. State therefore travels: in as an argument,
   out as a result. This is the form `(state, x) -> (state, y)` that `jax.lax.scan` repeats:

       >>> import jax
       >>> def countdown(left, step):
       ...     return left - step, left > 0
       >>> left, running = jax.lax.scan(countdown, 3, jnp.array([1, 1, 1, 1]))
       >>> int(left), running.tolist()
       (-1, [True, True, True, False])

4. NaN comes through the branch that you did not take. `jnp.where(c, a, b)` computes both `a` and
   `b`. The value of the other branch is thrown away, but its slope is multiplied by 0, and
   0 * inf is NaN. So the *input* of the dangerous function needs a `where` as well:

       >>> def log_or_zero(x):
       ...     return jnp.where(x > 0, jnp.log(x), 0.0)
       >>> def safe_log_or_zero(x):
       ...     return jnp.where(x > 0, jnp.log(jnp.where(x > 0, x, 1.0)), 0.0)
       >>> float(log_or_zero(0.0)), float(jax.grad(log_or_zero)(0.0))
       (0.0, nan)
       >>> float(safe_log_or_zero(0.0)), float(jax.grad(safe_log_or_zero)(0.0))
       (0.0, 0.0)

   `jax.config.update("jax_debug_nans", True)` stops at the operation that made the first NaN.
"""

import jax
import jax.numpy as jnp  # noqa: F401


def set_row(x, i, value):
    """Return a copy of `x` with row `i` set to `value`.

    Slides: arrays do not change; `index_update` gives an updated copy.

    Args:
        x: float32 array of shape (rows, cols); it keeps its values.
        i: integer, may be traced; a negative one counts from the end.
        value: float32 scalar, or an array of shape (cols,).

    Returns:
        float32 array of shape (rows, cols).

    Example:
        >>> set_row(jnp.zeros((2, 3)), -1, 7.0).tolist()
        [[0.0, 0.0, 0.0], [7.0, 7.0, 7.0]]
    """
    # TODO: return an updated copy; the lesson shows what index_update is called today.
    raise NotImplementedError


def add_row(x, i, value):
    """Return a copy of `x` with `value` added to row `i`.

    Slides: `index_add` is `x[i] += value` for arrays that do not change.

    Args:
        x: float32 array of shape (rows, cols); it keeps its values.
        i: integer, may be traced; a negative one counts from the end.
        value: float32 scalar, or an array of shape (cols,).

    Returns:
        float32 array of shape (rows, cols).

    Example:
        >>> add_row(jnp.ones((2, 2)), 0, jnp.array([1.0, 5.0])).tolist()
        [[2.0, 6.0], [1.0, 1.0]]
    """
    # TODO: as set_row, but add to what the row holds.
    raise NotImplementedError


def add_at(x, idx, values):
    """Return a copy of `x` with `values[k]` added at position `idx[k]`, for every `k`.

    Slides: `index_add` sums all updates of one position, where NumPy's `x[idx] += values` keeps
    only the last.

    Args:
        x: float32 array of shape (n,); it keeps its values.
        idx: integer array of shape (m,), may be traced; every entry is in 0 .. n - 1, and
            entries may repeat.
        values: float32 array of shape (m,).

    Returns:
        float32 array of shape (n,).

    Example:
        >>> add_at(jnp.zeros(3), jnp.array([0, 2, 0]), jnp.array([1.0, 2.0, 4.0])).tolist()
        [5.0, 0.0, 2.0]
    """
    # TODO: add all values in one indexed update.
    raise NotImplementedError


@jax.jit
def cube(x):
    """Return `x ** 3`, and print the input and the result at every call.

    Slides: a `print` under jit runs while tracing, not while computing.

    Prints two lines, `[cube] input: VALUE` and `[cube] result: VALUE`, with the values of this
    very call as `jax.debug.print` shows them for `{}`. That also holds when `cube` is called from
    another jitted function.

    Args:
        x: float32 scalar or array.

    Returns:
        float32 array of the same shape.

    Example:
        `cube(2.0)` returns 8.0 and prints

            [cube] input: 2.0
            [cube] result: 8.0

        >>> cube.__name__
        'cube'
    """
    # TODO: keep the @jax.jit; compute the cube and print both values from inside the program.
    raise NotImplementedError


def running_mean(state, x):
    """Take in one more number and return the new state and the mean so far.

    Slides: no globals; a pure function takes its state and gives back the next one.

    Args:
        state: tuple `(count, total)`: how many numbers came before, and their sum. It starts as
            `(0, 0.0)`.
        x: float32 scalar, the next number.

    Returns:
        `(state, mean)`: the updated tuple `(count, total)`, and the float32 mean of all numbers
        so far, `x` included. This is the form that `jax.lax.scan` takes.

    Example:
        >>> state, mean = running_mean((2, 5.0), 4.0)
        >>> int(state[0]), float(state[1]), float(mean)
        (3, 9.0, 3.0)
    """
    # TODO: unpack the state, build the next one, return it together with the mean.
    raise NotImplementedError


def safe_norm(x):
    """Return the Euclidean norm of `x`, with gradient 0 at the zero vector.

    Slides: NaN often comes from a gradient, here that of the square root at 0.

    Args:
        x: float32 array of shape (n,), with a norm of 0 or between 1e-15 and 1e18.

    Returns:
        float32 scalar, exact (relative error at most 1e-4) also for the smallest norms. Its
        gradient is `x / norm`, and zeros where `x` is all zeros.

    Example:
        >>> float(safe_norm(jnp.array([3.0, 4.0])))
        5.0
        >>> jax.grad(safe_norm)(jnp.zeros(2)).tolist()
        [0.0, 0.0]
    """
    # TODO: keep the square root away from 0 before it is taken, not only after.
    raise NotImplementedError
