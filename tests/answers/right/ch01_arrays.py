# %% to_device
# style: NumPy does the conversion, device_put the transfer
import jax
import numpy as np


def to_device(values):
    return jax.device_put(np.array(values, dtype=np.float32))


# %% to_device
# style: no def at all, the scalar type of jax.numpy is a callable
import jax.numpy as jnp

to_device = jnp.float32

# %% to_device
# style: recursion over the nesting, rows stacked
import jax.numpy as jnp


def to_device(values):
    if isinstance(values, list | tuple) and len(values) > 0:
        return jnp.stack([to_device(value) for value in values])
    return jnp.asarray(values, jnp.float32)


# %% to_device
# style: a partial, the dtype as a string
import functools

import jax.numpy as jnp

to_device = functools.partial(jnp.asarray, dtype="float32")

# %% to_device
# style: converts after making the array
import jax.numpy as jnp


def to_device(values):
    return jnp.asarray(values).astype(jnp.float32)


# %% nonnegative_mask
# style: where with two Python numbers
import jax.numpy as jnp


def nonnegative_mask(x):
    return jnp.where(x >= 0, 1.0, 0.0)


# %% nonnegative_mask
# style: lax only
import jax.numpy as jnp
from jax import lax


def nonnegative_mask(x):
    zero = lax.full_like(x, 0)
    return lax.select(lax.ge(x, zero), jnp.ones_like(x), zero)


# %% nonnegative_mask
# style: one element, vectorised; a cond for each
import jax.numpy as jnp
from jax import lax


@jnp.vectorize
def nonnegative_mask(x):
    return lax.cond(x >= 0, lambda: 1.0, lambda: 0.0)


# %% nonnegative_mask
# style: jitted, by piecewise
import jax
import jax.numpy as jnp


@jax.jit
def nonnegative_mask(x):
    return jnp.piecewise(x, [x >= 0], [1.0, 0.0])


# %% nonnegative_mask
# style: booleans times one
import jax.numpy as jnp


def nonnegative_mask(x):
    return jnp.float32(1) * jnp.logical_or(jnp.equal(x, 0), jnp.greater(x, 0))


# %% device_names
# style: counts instead of asking each device
import jax


def device_names():
    return [jax.default_backend() + ":" + str(i) for i in range(jax.device_count())]


# %% device_names
# style: local devices (the same in one process), mapped and sorted by attrgetter
from operator import attrgetter

import jax


def device_names():
    devices = jax.local_devices()
    devices.sort(key=attrgetter("id"))
    return list(map("{0.platform}:{0.id}".format, devices))


# %% device_names
# style: a dict from id to name, read in order
import jax


def device_names():
    names = {d.id: ":".join([d.platform, str(d.id)]) for d in jax.devices()}
    return [names[i] for i in sorted(names)]


# %% time_call
# style: monotonic nanoseconds, every leaf asked for itself
import time

import jax


def time_call(f, *args):
    start = time.monotonic_ns()
    for leaf in jax.tree.leaves(f(*args)):
        leaf.block_until_ready()
    return (time.monotonic_ns() - start) / 1e9


# %% time_call
# style: timeit, run once
import timeit

import jax


def time_call(f, *args):
    return timeit.timeit(lambda: jax.block_until_ready(f(*args)), number=1)


# %% time_call
# style: waits by copying everything to the host
import time

import jax


def time_call(f, *args):
    start = time.time()
    jax.device_get(f(*args))
    return time.time() - start


# %% time_call
# style: a callable object, the clock in a context manager
import time

import jax


class Stopwatch:
    def __enter__(self):
        self.start = time.perf_counter()
        return self

    def __exit__(self, *error):
        self.seconds = time.perf_counter() - self.start

    def __call__(self, f, *args):
        with self:
            jax.tree.map(jax.block_until_ready, f(*args))
        return self.seconds


time_call = Stopwatch()


# %% time_call
# style: polling is_ready
import time
import jax


def time_call(f, *args):
    start = time.perf_counter()
    leaves = jax.tree.leaves(f(*args))
    while not all(leaf.is_ready() for leaf in leaves):
        time.sleep(1e-4)
    return time.perf_counter() - start


# %% nonnegative_mask
# style: custom_jvp with a zero derivative
import jax
import jax.numpy as jnp


@jax.custom_jvp
def nonnegative_mask(x):
    return (x >= 0) * jnp.float32(1)


@nonnegative_mask.defjvp
def _jvp(primals, tangents):
    (x,) = primals
    return nonnegative_mask(x), jnp.zeros_like(x)


# %% nonnegative_mask
# style: vectorize of a cond
import jax
import jax.numpy as jnp

_one = jnp.vectorize(lambda v: jax.lax.cond(v >= 0, lambda: jnp.float32(1), lambda: jnp.float32(0)))


def nonnegative_mask(x):
    return _one(x)
