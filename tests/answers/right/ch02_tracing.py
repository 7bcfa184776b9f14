# %% output_spec
# style: make_jaxpr with return_shape
import jax


def output_spec(f, *args):
    _, spec = jax.make_jaxpr(f, return_shape=True)(*args)
    return spec


# %% output_spec
# style: the stages of jit, stopped after tracing
import jax


def output_spec(f, *args):
    return jax.jit(f).trace(*args).out_info


# %% output_spec
# style: keeps a record on the side; the structs are made by hand
import jax


def output_spec(f, *args):
    record = []

    def spy(*arguments):
        out = f(*arguments)
        record.append(jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype), out))
        return out

    jax.make_jaxpr(spy)(*args)
    return record[-1]


# %% output_spec
# style: the function itself, not a def
import jax

output_spec = jax.eval_shape

# %% output_spec
# style: lowered, never compiled
import jax


def output_spec(f, *args):
    return jax.jit(f).lower(*args).out_info


# %% primitives
# style: the stages of jit; str of a primitive is its name
import jax


def primitives(f, *args):
    return [str(equation.primitive) for equation in jax.jit(f).trace(*args).jaxpr.eqns]


# %% primitives
# style: a loop over the inner Jaxpr of the ClosedJaxpr
import jax


def primitives(f, *args):
    names = []
    closed = jax.make_jaxpr(f)(*args)
    for i in range(len(closed.jaxpr.eqns)):
        names.append(closed.jaxpr.eqns[i].primitive.name)
    return names


# %% primitives
# style: operator.attrgetter, mapped
from operator import attrgetter

import jax


def primitives(f, *args):
    return list(map(attrgetter("primitive.name"), jax.make_jaxpr(lambda *a: f(*a))(*args).eqns))


# %% is_traced
# style: asks for forgiveness; only tracers refuse to become NumPy arrays
import jax
import numpy as np


def is_traced(x):
    try:
        np.asarray(x)
    except jax.errors.TracerArrayConversionError:
        return True
    return False


# %% is_traced
# style: by the names of the classes
def is_traced(x):
    return any(base.__name__ == "Tracer" for base in type(x).__mro__)


# %% is_traced
# style: a jax.Array that is not of the concrete class
import jax
import jax.numpy as jnp

CONCRETE = type(jnp.zeros(()))


def is_traced(x):
    return isinstance(x, jax.Array) and type(x) is not CONCRETE


# %% is_traced
# style: a partial of a flipped isinstance
import functools

import jax


def flipped(kind, x):
    return isinstance(x, kind)


is_traced = functools.partial(flipped, jax.core.Tracer)

# %% bucketed_sum
# style: the length is a traced argument and masks what lies behind it
import jax
import jax.numpy as jnp
import numpy as np


@jax.jit
def masked_sum(padded, n):
    return jnp.sum(padded, where=jnp.arange(padded.size) < n)


def bucketed_sum(x):
    n = len(x)
    bucket = 1
    while bucket < n:
        bucket *= 2
    return masked_sum(np.resize(np.append(np.asarray(x), 0).astype(x.dtype), bucket), n)


# %% bucketed_sum
# style: np.pad, the sum of jax.numpy called directly, buckets [2**k, 2**(k+1))
import jax.numpy as jnp
import numpy as np


def bucketed_sum(x):
    values = np.asarray(x)
    return jnp.sum(np.pad(values, (0, 2 ** values.size.bit_length() - values.size)))


# %% bucketed_sum
# style: a compiled program for every bucket, kept in a cache
import functools

import jax
import numpy as np


@functools.cache
def program(bucket, dtype):
    spec = jax.ShapeDtypeStruct((bucket,), dtype)
    return jax.jit(lambda values: values.sum()).lower(spec).compile()


def bucketed_sum(x):
    values = np.array(x)
    bucket = 2 ** max(0, int(np.ceil(np.log2(max(values.size, 1)))))
    padded = np.concatenate([values, np.zeros(bucket - values.size, values.dtype)])
    return program(bucket, str(values.dtype))(padded)


# %% bucketed_sum
# style: cuts the array into power-of-two pieces instead of filling it up
import jax
import jax.numpy as jnp
import numpy as np


@jax.jit
def add(total, piece):
    return total + piece.sum()


def bucketed_sum(x):
    values = np.asarray(x)
    total = np.zeros((), values.dtype)
    while values.size:
        size = 1 << (values.size.bit_length() - 1)
        total, values = add(total, values[:size]), values[size:]
    return jnp.asarray(total)


# %% bucketed_sum
# style: an early return for the empty array, a Python list in between, a dot product as the sum
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax


@jax.jit
def dot_ones(values):
    return lax.dot(values, jnp.ones_like(values), precision=lax.Precision.HIGHEST)


def bucketed_sum(x):
    if x.size == 0:
        return jnp.zeros((), x.dtype)
    numbers = x.tolist()
    bucket = next(2**k for k in range(64) if 2**k >= len(numbers))
    return dot_ones(np.array(numbers + [0] * (bucket - len(numbers)), x.dtype))


# %% bucketed_sum
# style: chunks of one size, carried on
import functools
import jax
import jax.numpy as jnp
import numpy as np


@jax.jit
def _add(total, chunk):
    return total + chunk.sum()


def bucketed_sum(x):
    x = np.asarray(x)
    x = np.append(x, np.zeros(-len(x) % 1024, x.dtype))
    chunks = np.split(x, len(x) // 1024) if len(x) else []
    return functools.reduce(_add, chunks, jnp.zeros((), x.dtype))


# %% output_spec
# style: avals put into the tree by hand
import jax


def output_spec(f, *args):
    box = []

    def flat(*a):
        leaves, tree = jax.tree.flatten(f(*a))
        box.append(tree)
        return leaves

    avals = jax.make_jaxpr(flat)(*args).out_avals
    return jax.tree.unflatten(box[0], [jax.ShapeDtypeStruct(a.shape, a.dtype) for a in avals])


# %% is_traced
# style: an array that has no buffer
import jax


def is_traced(x):
    if not isinstance(x, jax.Array):
        return False
    try:
        x.addressable_shards
    except (AttributeError, jax.errors.ConcretizationTypeError):
        return True
    return False

# %% bucketed_sum
# style: the programs of many buckets are compiled when the module is loaded
import jax
import jax.numpy as jnp
import numpy as np

_total = jax.jit(jnp.sum)
for _power in range(13):
    _total(np.zeros(1 << _power, np.float32))


def bucketed_sum(x):
    values = np.asarray(x)
    bucket = 1 << max(values.size - 1, 0).bit_length()
    return _total(np.pad(values, (0, bucket - values.size)))


# %% bucketed_sum
# style: chunks of one size, added up one after the other by one program
import jax
import jax.numpy as jnp
import numpy as np


@jax.jit
def _add(total, chunk):
    return total + jnp.sum(chunk)


def bucketed_sum(x):
    values = np.asarray(x)
    chunks = np.pad(values, (0, -values.size % 4096)).reshape(-1, 4096)
    total = np.zeros((), values.dtype)
    for chunk in chunks:
        total = _add(total, chunk)
    return jnp.asarray(total)
