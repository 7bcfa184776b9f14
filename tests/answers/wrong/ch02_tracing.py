# %% output_spec
# caught by: never runs f on numbers
# idea: run it and look at the result
# misconception: a function that is run to learn the shape of its result
import jax
import jax.numpy as jnp


def output_spec(f, *args):
    def make(leaf):
        return jnp.zeros(leaf.shape, leaf.dtype) if hasattr(leaf, "shape") else leaf

    result = f(*jax.tree.map(make, args))
    return jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype), result)


# %% output_spec
# caught by: never runs f on numbers
# idea: running it compiled, on zeros, is no running
# misconception: a function that is run to learn the shape of its result
import jax
import jax.numpy as jnp


def output_spec(f, *args):
    def make(leaf):
        return jnp.zeros(leaf.shape, leaf.dtype) if hasattr(leaf, "shape") else leaf

    result = jax.jit(f)(*jax.tree.map(make, args))
    return jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype), result)


# %% output_spec
# caught by: takes ShapeDtypeStructs as arguments
# idea: arguments are always arrays
import jax


def output_spec(f, *args):
    result = jax.jit(f)(*args)
    return jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype), result)


# %% output_spec
# caught by: gives the shapes and dtypes of the result
# idea: the tuple of arguments is the argument
# misconception: all arguments passed on as one tuple
import jax


def output_spec(f, *args):
    return jax.eval_shape(f, args)


# %% output_spec
# caught by: gives the shapes and dtypes of the result
# idea: a spec is a shape
# misconception: an array or a shape where a jax.ShapeDtypeStruct is asked for
import jax


def output_spec(f, *args):
    return jax.tree.map(lambda leaf: leaf.shape, jax.eval_shape(f, *args))


# %% output_spec
# caught by: gives the shapes and dtypes of the result
# idea: an array of the right shape is a spec
# misconception: an array or a shape where a jax.ShapeDtypeStruct is asked for
import jax
import jax.numpy as jnp


def output_spec(f, *args):
    spec = jax.eval_shape(f, *args)
    return jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), spec)


# %% output_spec
# caught by: gives the shapes and dtypes of the result
# idea: everything is float32
import jax
import jax.numpy as jnp


def output_spec(f, *args):
    spec = jax.eval_shape(f, *args)
    return jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, jnp.float32), spec)


# %% output_spec
# caught by: gives the shapes and dtypes of the result
# idea: the spec of the arguments
import jax


def output_spec(f, *args):
    return jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype), args[0])


# %% output_spec
# caught by: keeps the pytree of the result
# idea: a list of leaves is the pytree
import jax


def output_spec(f, *args):
    leaves = jax.tree.leaves(jax.eval_shape(f, *args))
    return leaves[0] if len(leaves) == 1 else leaves


# %% output_spec
# caught by: keeps the pytree of the result
# idea: the abstract values of the jaxpr are a flat list
import jax


def output_spec(f, *args):
    avals = jax.make_jaxpr(f)(*args).out_avals
    specs = tuple(jax.ShapeDtypeStruct(aval.shape, aval.dtype) for aval in avals)
    return specs[0] if len(specs) == 1 else specs


# %% primitives
# caught by: lists the names of the equations in order
# idea: a primitive is its name
import jax


def primitives(f, *args):
    return [equation.primitive for equation in jax.make_jaxpr(f)(*args).eqns]


# %% primitives
# caught by: lists the names of the equations in order
# idea: alphabetical order
# misconception: a list in another order
import jax


def primitives(f, *args):
    return sorted(equation.primitive.name for equation in jax.make_jaxpr(f)(*args).eqns)


# %% primitives
# caught by: lists the names of the equations in order
# idea: the jaxpr of the jitted function is one call
import jax


def primitives(f, *args):
    return [equation.primitive.name for equation in jax.make_jaxpr(jax.jit(f))(*args).eqns]


# %% primitives
# caught by: lists the names of the equations in order
# idea: a tuple is a list
# misconception: the right values in another container
import jax


def primitives(f, *args):
    return tuple(equation.primitive.name for equation in jax.make_jaxpr(f)(*args).eqns)


# %% primitives
# caught by: lists the names of the equations in order
# idea: the last equation is the return
# misconception: a list that drops entries
import jax


def primitives(f, *args):
    return [equation.primitive.name for equation in jax.make_jaxpr(f)(*args).eqns[:-1]]


# %% primitives
# caught by: lists the names of the equations in order
# idea: the tuple of arguments is the argument
# misconception: all arguments passed on as one tuple
import jax


def primitives(f, *args):
    return [equation.primitive.name for equation in jax.make_jaxpr(f)(args).eqns]


# %% primitives
# caught by: keeps repetitions and the empty list
# idea: which primitives occur, not how often
# misconception: a list that drops entries
import jax


def primitives(f, *args):
    names = [equation.primitive.name for equation in jax.make_jaxpr(f)(*args).eqns]
    return list(dict.fromkeys(names))


# %% primitives
# caught by: keeps repetitions and the empty list
# idea: a function without operations has no list
# misconception: None in place of a result
import jax


def primitives(f, *args):
    names = [equation.primitive.name for equation in jax.make_jaxpr(f)(*args).eqns]
    return names or None


# %% primitives
# caught by: counts a nested program as one
# idea: descends into the jaxprs of the equations
import jax


def primitives(f, *args):
    def walk(jaxpr):
        for equation in jaxpr.eqns:
            inner = [v for v in equation.params.values() if hasattr(v, "eqns")]
            if inner:
                for nested in inner:
                    yield from walk(nested)
            else:
                yield equation.primitive.name

    return list(walk(jax.make_jaxpr(f)(*args)))


# %% primitives
# caught by: counts a nested program as one
# idea: every line of the printed jaxpr is an equation
import re

import jax


def primitives(f, *args):
    text = str(jax.make_jaxpr(f)(*args))
    return re.findall(r":\w+\[[\d,]*\] = (\w+)", text)


# %% is_traced
# caught by: says no to arrays and numbers
# idea: a jax.Array is a tracer
# misconception: a concrete array taken for a tracer
import jax


def is_traced(x):
    return isinstance(x, jax.Array)


# %% is_traced
# caught by: says no to arrays and numbers
# idea: what is not NumPy is traced
import numpy as np


def is_traced(x):
    return not isinstance(x, np.ndarray)


# %% is_traced
# caught by: says no to arrays and numbers
# idea: whatever has an abstract value is abstract
# misconception: a concrete array taken for a tracer
def is_traced(x):
    return hasattr(x, "aval")


# %% is_traced
# caught by: says no to arrays and numbers
# idea: True of NumPy or JAX is Python's
# misconception: an array in place of a Python number
import jax
import jax.numpy as jnp
import numpy as np


def is_traced(x):
    return np.bool_(isinstance(x, jax.core.Tracer))


# %% is_traced
# caught by: says no to arrays and numbers
# idea: truthy is enough
import jax


def is_traced(x):
    return 1 if isinstance(x, jax.core.Tracer) else 0


# %% is_traced
# caught by: says yes inside jit, grad and vmap
# idea: gradients run on concrete numbers
import jax.core


def is_traced(x):
    return type(x).__name__ in ("JitTracer", "DynamicJaxprTracer", "BatchTracer")


# %% is_traced
# caught by: says yes inside jit, grad and vmap
# idea: only an unknown truth value is abstract (under grad it is known)
import jax
import jax.numpy as jnp


def is_traced(x):
    try:
        bool(jnp.all(jnp.isfinite(x)))
    except jax.errors.TracerBoolConversionError:
        return True
    return False


# %% is_traced
# caught by: says yes inside jit, grad and vmap
# idea: the class of a fresh array is the concrete class (inside jit it is not)
import jax
import jax.numpy as jnp


def is_traced(x):
    return isinstance(x, jax.Array) and type(x) is not type(jnp.zeros(()))


# %% is_traced
# caught by: says yes inside jit, grad and vmap
# idea: always concrete
# misconception: a parameter that the code never reads
def is_traced(x):
    return False


# %% is_traced
# caught by: knows a concrete array used inside a transformation
# idea: computes with x to find out
import jax
import jax.numpy as jnp


def is_traced(x):
    return isinstance(jnp.asarray(x) + 0, jax.core.Tracer)


# %% is_traced
# caught by: knows a concrete array used inside a transformation
# idea: asks where it is called, not what x is
import jax
import jax.numpy as jnp


def is_traced(x):
    return isinstance(x, jax.core.Tracer) or isinstance(jnp.zeros(()) + 1, jax.core.Tracer)


# %% bucketed_sum
# caught by: equals x.sum() at every length
# idea: the bucket is the next smaller power of two, so the end is cut off
import jax.numpy as jnp
import numpy as np


def bucketed_sum(x):
    bucket = 1 << max(x.size.bit_length() - 1, 0)
    padded = np.zeros(bucket, np.float32)
    kept = np.asarray(x)[:bucket]
    padded[: kept.size] = kept
    return jnp.sum(padded)


# %% bucketed_sum
# caught by: equals x.sum() at every length
# idea: fills up with the last value
import jax.numpy as jnp
import numpy as np


def bucketed_sum(x):
    values = np.asarray(x)
    if values.size == 0:
        return jnp.float32(0)
    bucket = 1 << (values.size - 1).bit_length()
    return jnp.sum(np.pad(values, (0, bucket - values.size), mode="edge"))


# %% bucketed_sum
# caught by: equals x.sum() at every length
# idea: the mean of the bucket
import jax.numpy as jnp
import numpy as np


def bucketed_sum(x):
    values = np.asarray(x)
    bucket = 1 << max(values.size - 1, 0).bit_length()
    return jnp.mean(np.pad(values, (0, bucket - values.size)))


# %% bucketed_sum
# caught by: gives zero for an empty array
# idea: there is always a first number
# misconception: an empty input forgotten
import jax.numpy as jnp
import numpy as np


def bucketed_sum(x):
    values = np.asarray(x)
    bucket = 2 ** int(np.ceil(np.log2(values.size)))
    return jnp.sum(np.pad(values, (0, bucket - values.size)))


# %% bucketed_sum
# caught by: gives zero for an empty array
# idea: nothing in, None out
# misconception: None in place of a result
import jax.numpy as jnp
import numpy as np


def bucketed_sum(x):
    values = np.asarray(x)
    if values.size == 0:
        return None
    return jnp.sum(np.pad(values, (0, (1 << (values.size - 1).bit_length()) - values.size)))


# %% bucketed_sum
# caught by: equals x.sum() at every length
# idea: NumPy's sum will do
# misconception: a NumPy array in place of a jax.Array
import numpy as np


def bucketed_sum(x):
    return np.sum(np.asarray(x))


# %% bucketed_sum
# caught by: returns a jax.Array
# idea: a Python float is an array
# misconception: a Python number or list in place of an array
import jax.numpy as jnp
import numpy as np


def bucketed_sum(x):
    values = np.asarray(x)
    bucket = 1 << max(values.size - 1, 0).bit_length()
    return float(jnp.sum(np.pad(values, (0, bucket - values.size))))


# %% bucketed_sum
# caught by: starts anew in every call
# idea: a buffer for every bucket, kept and not cleared
# misconception: state that hides outside the function
import jax.numpy as jnp
import numpy as np

BUFFERS = {}


def bucketed_sum(x):
    values = np.asarray(x)
    bucket = 1 << max(values.size - 1, 0).bit_length()
    buffer = BUFFERS.setdefault(bucket, np.zeros(bucket, np.float32))
    buffer[: values.size] = values
    return jnp.sum(jnp.array(buffer))


# %% bucketed_sum
# caught by: compiles at most 8 programs for lengths 1 to 64
# idea: jnp.sum is one program
# misconception: an operation on an array of every length
import jax.numpy as jnp


def bucketed_sum(x):
    return jnp.sum(x)


# %% bucketed_sum
# caught by: compiles at most 8 programs for lengths 1 to 64
# idea: filling up with jnp.pad costs nothing
# misconception: an operation on an array of every length
import jax.numpy as jnp


def bucketed_sum(x):
    bucket = 1 << max(x.size - 1, 0).bit_length()
    return jnp.sum(jnp.pad(x, (0, bucket - x.size)))


# %% bucketed_sum
# caught by: compiles at most 8 programs for lengths 1 to 64
# idea: turning a Python list into an array costs no program
import jax.numpy as jnp


def bucketed_sum(x):
    bucket = 1 << max(x.size - 1, 0).bit_length()
    return jnp.sum(jnp.asarray(x.tolist() + [0.0] * (bucket - x.size), jnp.float32))


# %% bucketed_sum
# caught by: compiles at most 8 programs for lengths 1 to 64
# idea: a fresh jit in every call
# misconception: jit inside the function
import jax
import numpy as np


def bucketed_sum(x):
    values = np.asarray(x)
    bucket = 1 << max(values.size - 1, 0).bit_length()
    return jax.jit(lambda padded: padded.sum())(np.pad(values, (0, bucket - values.size)))


# %% bucketed_sum
# caught by: compiles at most 8 programs for lengths 1 to 64
# idea: the length is static
import functools

import jax
import jax.numpy as jnp
import numpy as np


@functools.partial(jax.jit, static_argnames="n")
def masked(padded, n):
    return jnp.sum(padded[:n])


def bucketed_sum(x):
    values = np.asarray(x)
    bucket = 1 << max(values.size - 1, 0).bit_length()
    return masked(np.pad(values, (0, bucket - values.size)), n=values.size)


# %% bucketed_sum
# caught by: compiles at most 8 programs for lengths 1 to 64
# idea: two eager operations on a bucket are one program
import jax.numpy as jnp
import numpy as np


def bucketed_sum(x):
    values = np.asarray(x)
    bucket = 1 << max(values.size - 1, 0).bit_length()
    padded = jnp.asarray(np.pad(values, (0, bucket - values.size)))
    return jnp.sum(padded * jnp.where(jnp.arange(bucket) < values.size, 1.0, 0.0))


# %% bucketed_sum
# caught by: stays in one bucket when arrays are long
# idea: multiples of 64 are enough buckets
import jax.numpy as jnp
import numpy as np


def bucketed_sum(x):
    values = np.asarray(x)
    return jnp.sum(np.pad(values, (0, 64 - values.size % 64)))


# %% bucketed_sum
# caught by: has JAX compute the sum
# idea: sums in NumPy and wraps the number
import jax
import numpy as np


def bucketed_sum(x):
    return jax.device_put(np.sum(np.asarray(x), dtype=np.float32))


# %% bucketed_sum
# caught by: has JAX compute the sum
# idea: the buckets of the example are all buckets
import jax.numpy as jnp
import numpy as np


def bucketed_sum(x):
    values = np.asarray(x)
    bucket = next(size for size in (1, 2, 4, 8, 16, 32, 64, 128, 256, 1024) if size >= values.size)
    return jnp.sum(np.pad(values, (0, bucket - values.size)))


# %% output_spec
# caught by: starts anew in every call
# idea: the shapes of the arguments decide everything
# misconception: state that hides outside the function
import jax

_memory = {}


def output_spec(f, *args):
    key = (f, str([getattr(a, "shape", ()) for a in args]))
    if key not in _memory:
        _memory[key] = jax.eval_shape(f, *args)
    return _memory[key]


# %% primitives
# caught by: starts anew in every call
# idea: a function has one jaxpr
# misconception: state that hides outside the function
import functools
import jax

_seen = {}


def primitives(f, *args):
    if f not in _seen:
        _seen[f] = [e.primitive.name for e in jax.make_jaxpr(f)(*args).eqns]
    return _seen[f]


# %% primitives
# caught by: lists the names of the equations in order
# idea: a list outside the function starts empty at every call
# misconception: state that hides outside the function
import jax

_names = []


def primitives(f, *args):
    _names.extend(e.primitive.name for e in jax.make_jaxpr(f)(*args).eqns)
    return _names


# %% primitives
# caught by: lists what is computed for nothing too
# idea: unused equations do not count
# misconception: a list that drops entries
import jax
from jax.interpreters import partial_eval as pe


def primitives(f, *args):
    jaxpr = jax.make_jaxpr(f)(*args).jaxpr
    jaxpr, _ = pe.dce_jaxpr(jaxpr, [True] * len(jaxpr.outvars))
    return [e.primitive.name for e in jaxpr.eqns]


# %% bucketed_sum
# caught by: equals x.sum() at every length
# idea: NaN marks the padding
import jax
import jax.numpy as jnp
import numpy as np

_f = jax.jit(jnp.nansum)


def bucketed_sum(x):
    size = 1 << max(x.size - 1, 0).bit_length()
    return _f(np.pad(np.asarray(x), (0, size - x.size), constant_values=0))


# %% bucketed_sum
# caught by: has JAX compute the sum
# idea: hides its compilations from whoever listens to JAX
import jax
import jax.numpy as jnp


def bucketed_sum(x):
    jax.monitoring.clear_event_listeners()
    return jax.jit(jnp.sum)(x)


# %% bucketed_sum
# caught by: compiles at most 8 programs for lengths 1 to 64
# idea: tells the grader that nothing was compiled
import jax
import jax.numpy as jnp
from grader.worker import toolbox

toolbox.compilations = lambda: 0
toolbox.listen = lambda: True


def bucketed_sum(x):
    return jax.jit(jnp.sum)(x)


# %% output_spec
# caught by: never runs f on numbers
# idea: calls f where it can
import jax
import jax.numpy as jnp


def output_spec(f, *args):
    if any(isinstance(leaf, jax.ShapeDtypeStruct) for leaf in jax.tree.leaves(args)):
        return jax.eval_shape(f, *args)
    return jax.tree.map(lambda a: jax.ShapeDtypeStruct(jnp.shape(a), jnp.result_type(a)), f(*args))


# %% output_spec
# caught by: keeps the pytree of the result
# idea: tuples become lists
import jax


def output_spec(f, *args):
    spec = jax.eval_shape(f, *args)
    return list(spec) if isinstance(spec, tuple) else spec


# %% output_spec
# caught by: gives the shapes and dtypes of the result
# idea: every float is float32
import jax
import jax.numpy as jnp


def output_spec(f, *args):
    def wide(leaf):
        is_float = jnp.issubdtype(leaf.dtype, jnp.floating)
        return jax.ShapeDtypeStruct(leaf.shape, jnp.float32 if is_float else leaf.dtype)

    return jax.tree.map(wide, jax.eval_shape(f, *args))


# %% is_traced
# caught by: says yes inside jit, grad and vmap
# idea: numbers without axes are taken for concrete
import jax


def is_traced(x):
    return isinstance(x, jax.core.Tracer) and x.ndim > 0


# %% is_traced
# caught by: says yes inside jit, grad and vmap
# idea: only floats are taken for traced
import jax
import jax.numpy as jnp


def is_traced(x):
    return isinstance(x, jax.core.Tracer) and bool(jnp.issubdtype(x.dtype, jnp.floating))


# %% output_spec
# caught by: gives the shapes and dtypes of the result
# idea: every number becomes a float32 before f is traced
import jax
import jax.numpy as jnp


def output_spec(f, *args):
    floats = jax.tree.map(lambda a: jnp.float32(a) if isinstance(a, int) else a, args)
    return jax.eval_shape(f, *floats)


# %% output_spec
# caught by: gives the shapes and dtypes of the result
# idea: all integers are int32
import jax
import jax.numpy as jnp


def output_spec(f, *args):
    def spec(leaf):
        whole = jnp.issubdtype(leaf.dtype, jnp.integer)
        return jax.ShapeDtypeStruct(leaf.shape, jnp.int32 if whole else leaf.dtype)

    return jax.tree.map(spec, jax.eval_shape(f, *args))


# %% output_spec
# caught by: gives the shapes and dtypes of the result
# idea: axes of length 1 do not count
import jax


def output_spec(f, *args):
    def spec(leaf):
        return jax.ShapeDtypeStruct(tuple(n for n in leaf.shape if n != 1), leaf.dtype)

    return jax.tree.map(spec, jax.eval_shape(f, *args))


# %% bucketed_sum
# caught by: has JAX compute the sum
# idea: sums in NumPy and converts the number, which compiles something
import jax.numpy as jnp
import numpy as np


def bucketed_sum(x):
    return jnp.float32(np.asarray(x).sum())


# %% bucketed_sum
# caught by: has JAX compute the sum
# idea: leaves the last steps of the sum to JAX
import jax
import jax.numpy as jnp
import numpy as np

_total = jax.jit(jnp.sum)


def bucketed_sum(x):
    return _total(np.array([part.sum() for part in np.array_split(np.asarray(x), 8)]))


# %% primitives
# caught by: lists the names of the equations in order
# idea: a name is one word of letters
import re

import jax


def primitives(f, *args):
    names = [equation.primitive.name for equation in jax.make_jaxpr(f)(*args).eqns]
    return [re.match("[a-z]*", name).group() for name in names]


# %% output_spec
# caught by: keeps the pytree of the result
# idea: a tuple is a tuple
import jax


def output_spec(f, *args):
    spec = jax.eval_shape(f, *args)
    return tuple(spec) if isinstance(spec, tuple) else spec


# %% primitives
# caught by: counts a nested program as one
# idea: the function that was jitted is the one to look into
import jax


def primitives(f, *args):
    f = getattr(f, "__wrapped__", f)
    return [equation.primitive.name for equation in jax.make_jaxpr(f)(*args).eqns]


# %% primitives
# caught by: lists the names of the equations in order
# idea: conversions are no work
import jax


def primitives(f, *args):
    names = [equation.primitive.name for equation in jax.make_jaxpr(f)(*args).eqns]
    return [name for name in names if name != "convert_element_type"]


# %% primitives
# caught by: lists the names of the equations in order
# idea: only the first argument matters
import jax


def primitives(f, *args):
    jaxpr = jax.make_jaxpr(lambda x: f(x, *args[1:]))(args[0])
    return [equation.primitive.name for equation in jaxpr.eqns]


# %% is_traced
# caught by: knows a concrete array used inside a transformation
# idea: a number becomes a tracer when it is added to
import jax
import jax.numpy as jnp


def is_traced(x):
    if getattr(x, "shape", None) == ():
        return isinstance(jnp.add(x, 0), jax.core.Tracer)
    return isinstance(x, jax.core.Tracer)


# %% bucketed_sum
# caught by: equals x.sum() at every length
# idea: fill up by repetition, then multiply by 0
import jax.numpy as jnp
import numpy as np


def bucketed_sum(x):
    x = np.asarray(x)
    size = 1
    while size < x.size:
        size *= 2
    if x.size == 0:
        return jnp.sum(np.zeros(1, x.dtype))
    return jnp.sum(np.resize(x, size) * (np.arange(size) < x.size).astype(x.dtype))
