"""Chapter 3: compilation, branches, static arguments.

Called as it is, a function of `jax.numpy` calls runs operation by operation: each one is
compiled once, started from Python and writes its whole result to memory. `jax.jit` records all
of them first (chapter 2), hands the whole program to XLA, and keeps the compiled program for
the next call. The program is found again by what tracing depended on: the shapes and dtypes of
the arrays, the structure of the arguments, and the *values* of static arguments. Anything new
among these costs a new compilation; new numbers in an array cost none.

Python code inside a jitted function runs while tracing and never again. A side effect shows it:

>>> traced = []
>>> @jax.jit
... def mix(x, amount):
...     traced.append(x.shape)
...     return x + amount * jnp.flip(x)
>>> for x in (jnp.ones(3), jnp.zeros(3), jnp.ones(3), jnp.ones(4)):
...     _ = mix(x, 0.5)
>>> traced
[(3,), (4,)]

Four calls, two programs. For the same reason `jax.jit(f)(x)` inside a loop or inside another
function is a trap if `f` is made there anew: every `def` or lambda is a new function to JAX,
and starts with no programs. Jit once, at the top of the module, as a decorator or by name.

Then and now (the slides are of 2020):

    then                                    now
    @partial(jit, static_argnums=(0,))      @jax.jit(static_argnames="x"); the old form still works
    DeviceArray([...])                      Array([...]), a jax.Array
    "Abstract value passed to `bool`"       TracerBoolConversionError, which names the argument
    f(x).block_until_ready()                the same, or jax.block_until_ready(f(x))

An `if` needs a Python bool, and a traced argument has no value yet: `if x < 3` raises
TracerBoolConversionError. There are two ways out.

1. A *static* argument is not traced. It keeps its Python value, so `if`, `range` and slices may
   use it; the program is made for this one value. Good for flags, sizes and modes:

   >>> @jax.jit(static_argnames="norm")
   ... def length(v, norm):
   ...     if norm == "max":
   ...         return jnp.abs(v).max()
   ...     return jnp.abs(v).sum()
   >>> length(jnp.array([3.0, -4.0]), norm="max").item()
   4.0

   A static value must be hashable (no arrays), and every new value compiles again: a step
   counter as a static argument compiles at each step.

2. The argument stays traced, and the choice becomes an operation on arrays: `jnp.where`, a mask,
   or the tools of chapter 8. Then shapes may not depend on its value: `x[:n]` with a traced `n`
   is an error, while "all entries, but those from n on count as zero" has a fixed shape.

`jnp.where(condition, a, b)` computes `a` and `b` in full, everywhere, and picks afterwards. Its
gradient too: the side that was not picked gets the factor 0, and 0 * inf is NaN.

>>> def careless(x):
...     return jnp.where(x > 0, jnp.log(x), 0.0)
>>> jax.grad(careless)(0.0).item()
nan

The cure is to give the dangerous function a harmless number where its result is not wanted, so
that there is no infinity in the first place:

>>> def careful(x):
...     return jnp.where(x > 0, jnp.log(jnp.where(x > 0, x, 1.0)), 0.0)
>>> jax.grad(careful)(0.0).item()
0.0

The forward value of `careless` is right, and no test of values alone would have found it out.
"""

from functools import partial  # noqa: F401

import jax  # noqa: F401
import jax.numpy as jnp  # noqa: F401


def selu(x, alpha=1.67, lmbda=1.05):
    """Scaled exponential linear unit: `lmbda * (x if x > 0 else alpha * exp(x) - alpha)`.

    It must be finite, and its gradient too, for |x| up to 1e4: exp(1e4) is infinite in float32.

    Args:
        x: float32 array of any shape.
        alpha: number, the depth of the negative side.
        lmbda: number, the scale of both sides.

    Returns:
        float32 array of the shape of `x`.

    Example:
        >>> [round(value, 3) for value in selu(jnp.array([-1.0, 0.0, 2.0])).tolist()]
        [-1.108, 0.0, 2.1]

    The slide's idea: an elementwise formula of several operations is what jit is good at.
    """
    # TODO: return the formula with jnp.where, such that exp never sees a large positive number.
    raise NotImplementedError


def selu_jit(x, alpha=1.67, lmbda=1.05):
    """`selu`, compiled.

    Compiled once for each shape and dtype of `x`; further calls reuse the program.

    Args:
        x: float32 array of any shape.
        alpha: number.
        lmbda: number.

    Returns:
        float32 array of the shape of `x`, equal to `selu(x, alpha, lmbda)`.

    Example:
        >>> selu_jit(jnp.array([-1e4, 0.0, 2.0])).shape
        (3,)

    The slide's idea: one XLA program for the whole formula, several times faster than op by op.
    """
    # TODO: replace this whole def by an assignment: selu_jit = (selu, compiled).
    raise NotImplementedError


def scaled_square(inputs):
    """Square of the inputs over the square root of 5, jitted.

    Compiled once for each shape and dtype. Integer inputs give a float32 result.

    Args:
        inputs: float32 or integer array of any shape.

    Returns:
        float32 array of the same shape.

    Example:
        >>> [round(value, 3) for value in scaled_square(jnp.arange(4)).tolist()]
        [0.0, 0.447, 1.789, 4.025]

    The slide's idea: `@jit` above a def is all that is needed when there is no branch.
    """
    # TODO: return the formula, and put the decorator above the def.
    raise NotImplementedError


def branch(x, y):
    """`3 * y ** 2` if `x < 3`, else `-4 * y`: a Python `if`, jitted with `x` static.

    A second call with the same `x` and another `y` does not compile again.

    Args:
        x: Python number, static.
        y: number or float32 array, traced.

    Returns:
        Array of the shape of `y`.

    Example:
        >>> branch(2, 4.0).item()
        48.0
        >>> branch(3, 4.0).item()
        -16.0

    The slide's idea: an `if` inside jit works when its condition is static, not traced.
    """
    # TODO: write the `if`, and jit the function such that x is static and y is traced.
    raise NotImplementedError


def sum_first_n(x, n):
    """Sum of the first `n` entries, jitted with `n` static.

    Args:
        x: float32 array of shape (length,).
        n: Python int >= 0, static; beyond the length it means all entries.

    Returns:
        float32 scalar; 0.0 for `n = 0`.

    Example:
        >>> x = jnp.array([1.0, 2.0, 4.0, 8.0])
        >>> [sum_first_n(x, n).item() for n in (0, 3, 9)]
        [0.0, 7.0, 15.0]

    The slide's idea: a loop or slice that depends on a static number is unrolled while tracing.
    """
    # TODO: sum a slice (or loop in Python), and jit the function such that n is static.
    raise NotImplementedError


def sum_first_n_traced(x, n):
    """Sum of the first `n` entries, jitted, one program for every `n`.

    `jax.vmap` over `n` and `jax.grad` in `x` work.

    Args:
        x: float32 array of shape (length,).
        n: integer >= 0, traced; beyond the length it means all entries.

    Returns:
        float32 scalar; 0.0 for `n = 0`.

    Example:
        >>> x = jnp.array([1.0, 2.0, 4.0, 8.0])
        >>> jax.vmap(sum_first_n_traced, in_axes=(None, 0))(x, jnp.array([0, 3, 9])).tolist()
        [0.0, 7.0, 15.0]

    The slide's idea: shapes are fixed when the program is made, values are not; so mask, not slice.
    """
    # TODO: say with arrays of the full length which entries count, and jit the function.
    raise NotImplementedError
