"""Chapter 2: abstract values.

Every transformation of JAX (jit, grad, vmap) begins in the same way: it runs your Python
function once, with stand-ins instead of arrays. A stand-in, a *tracer*, knows a shape and a
dtype and no numbers; whatever is done to it is written down. The record is a *jaxpr*, a small
program of primitive operations, which can then be compiled, differentiated or vectorised.

    2020                                             today
    jax.abstract_arrays.ShapedArray((3,), float32)   jax.ShapeDtypeStruct((3,), jnp.float32)
    jax.eval_shape, jax.make_jaxpr                   the same names
    xla_call in a printed jaxpr                      an equation called jit
    isinstance(x, jax.core.Tracer)                   the same; a tracer is a jax.Array as well

Three consequences explain most of JAX's surprises.

*What is not known while tracing cannot steer Python.* Shape, dtype and rank are Python values
and may appear in an `if` or in `range`. A number inside a tracer may not: `if x > 0`,
`float(x)` and `np.asarray(x)` raise, with "concrete" or "tracer" in the error's name.

*Python runs when tracing, not when computing.* A `print` shows the tracer, and a compiled
function runs its Python body again only when it has to be traced again.

*A program fits one shape.* `jax.jit` keeps a compiled program for every combination of shapes
and dtypes it has met. Data of a thousand different lengths means a thousand compilations, of
tens of milliseconds each, for work of microseconds. The cure is to allow only a few shapes: fill
the data up to the next of a few sizes (*buckets*), with values that do not disturb the result.
The filling must not be compiled for every length either: operations of `jax.numpy` outside jit
are small compiled programs too, NumPy's are not.

An example. The body runs once, with a tracer in the place of the array:

>>> import jax, jax.numpy as jnp
>>> def area(sides):
...     print("Python sees", sides.shape, sides.dtype)
...     return sides[0] * sides[1]
>>> fast = jax.jit(area)
>>> float(fast(jnp.array([2.0, 3.0])))
Python sees (2,) float32
6.0
>>> float(fast(jnp.array([4.0, 5.0])))        # the same shape: no tracing, no print
20.0
>>> print(jax.make_jaxpr(lambda x, y: x * y + 1.0)(2.0, 3.0))
{ lambda ; a:f32[] b:f32[]. let
    c:f32[] = mul a b
    d:f32[] = add c 1.0:f32[]
  in (d,) }
"""

import jax  # noqa: F401
import jax.numpy as jnp  # noqa: F401
import numpy as np  # noqa: F401


def output_spec(f, *args):
    """Find out what a function would return, without computing it.

    Slide: an abstract value, shape and dtype, is all that a transformation needs to know.

    Args:
        f: any callable of arrays.
        *args: arrays, pytrees of arrays or numbers, or `jax.ShapeDtypeStruct`s in the place of
            any array. They may describe arrays that no memory could hold.

    Returns:
        the pytree that `f(*args)` would return, with a `jax.ShapeDtypeStruct` in the place of
        every array.

    >>> spec = output_spec(jnp.outer, jnp.ones(2), jax.ShapeDtypeStruct((3,), jnp.float32))
    >>> spec.shape, str(spec.dtype)
    ((2, 3), 'float32')
    """
    # TODO: let JAX trace f; f must never see a number.
    raise NotImplementedError


def primitives(f, *args):
    """Name the operations that a function consists of.

    Slide: a traced function is a jaxpr, a list of equations, each with one primitive.

    Args:
        f: any callable of arrays.
        *args: arrays, pytrees of arrays or numbers to trace it with.

    Returns:
        list of strings, the primitive's name of every equation of the top-level jaxpr of `f`,
        in order, repetitions included. An equation with a jaxpr inside it, such as a call of a
        jitted function, counts as one.

    >>> primitives(lambda x: x * 2.0 + 1.0, jnp.ones(3))
    ['mul', 'add']
    """
    # TODO: make the jaxpr and walk over its equations.
    raise NotImplementedError


def is_traced(x):
    """Tell a stand-in from an array.

    Slide: inside jit, grad and vmap your function receives tracers, not arrays.

    Args:
        x: a tracer, a concrete `jax.Array`, a NumPy array or a Python number.

    Returns:
        Python bool: True for an abstract value inside a transformation, False for the others.
        A concrete array stays one when a transformed function merely uses it.

    >>> is_traced(jnp.ones(3)), is_traced(2.0)
    (False, False)
    >>> jax.eval_shape(lambda x: print(is_traced(x)), 2.0)
    True
    """
    # TODO: what is the class of a tracer?
    raise NotImplementedError


def bucketed_sum(x):
    """Sum arrays of many lengths with few compilations.

    Slide: a compiled program fits one shape; another shape is traced and compiled again.

    Args:
        x: 1-D array of any length `n >= 0`. The function is called outside jit.

    Returns:
        the value of `x.sum()`, a `jax.Array` of shape `()` computed by JAX. XLA compiles at
        most once per power-of-two bucket: all lengths from 1 to 64 together cost at most 8
        compilations.

    >>> [float(bucketed_sum(jnp.arange(float(n)))) for n in (0, 1, 5, 6)]
    [0.0, 0.0, 10.0, 15.0]
    """
    # TODO: fill x up to a power-of-two length, without compiling anything for the filling, and
    # sum that with JAX.
    raise NotImplementedError
