# %% to_device
# caught by: gives a jax.Array of float32 with the numbers it got
# misconception: NumPy is JAX
import numpy as np


def to_device(values):
    return np.array(values, dtype=np.float32)


# %% to_device
# caught by: gives a jax.Array of float32 with the numbers it got
# misconception: integers become floats by themselves
import jax.numpy as jnp


def to_device(values):
    return jnp.array(values)


# %% to_device
# caught by: gives a jax.Array of float32 with the numbers it got
# misconception: any float type will do
import jax.numpy as jnp


def to_device(values):
    return jnp.array(values, dtype=jnp.bfloat16)


# %% to_device
# caught by: gives a jax.Array of float32 with the numbers it got
# misconception: flattens while converting
import jax.numpy as jnp


def to_device(values):
    return jnp.ravel(jnp.array(values, dtype=jnp.float32))


# %% to_device
# caught by: gives a jax.Array of float32 with the numbers it got
# misconception: a list of arrays is an array
import jax.numpy as jnp


def to_device(values):
    return [jnp.array(row, dtype=jnp.float32) for row in values]


# %% to_device
# caught by: keeps the shape, from a scalar to an empty list
# misconception: everything has at least one axis
import jax.numpy as jnp


def to_device(values):
    return jnp.atleast_1d(jnp.array(values, dtype=jnp.float32))


# %% to_device
# caught by: keeps the shape, from a scalar to an empty list
# misconception: row by row, so a scalar cannot be iterated
import jax.numpy as jnp


def to_device(values):
    return jnp.array([jnp.array(row, dtype=jnp.float32) for row in values])


# %% to_device
# caught by: keeps the shape, from a scalar to an empty list
# misconception: axes of length one do not matter
import jax.numpy as jnp


def to_device(values):
    return jnp.squeeze(jnp.array(values, dtype=jnp.float32))


# %% to_device
# caught by: refuses ragged lists
# misconception: short rows may be filled up in silence
import jax.numpy as jnp


def to_device(values):
    if isinstance(values, (list, tuple)) and all(isinstance(v, (list, tuple)) for v in values):
        width = max((len(row) for row in values), default=0)
        if all(not isinstance(v, (list, tuple)) for row in values for v in row):
            values = [list(row) + [0.0] * (width - len(row)) for row in values]
    return jnp.array(values, dtype=jnp.float32)


# %% to_device
# caught by: refuses ragged lists
# misconception: an error should be turned into NaN
import jax.numpy as jnp


def to_device(values):
    try:
        return jnp.array(values, dtype=jnp.float32)
    except (TypeError, ValueError):
        return jnp.array(jnp.nan, dtype=jnp.float32)


# %% to_device
# caught by: works inside jit
# misconception: round trip through a JAX value that is a tracer inside jit
import jax.numpy as jnp
import numpy as np


def to_device(values):
    return jnp.array(np.asarray(jnp.array(values, dtype=jnp.float32)))


# %% nonnegative_mask
# caught by: is 1.0 exactly where x is not negative
# misconception: a mask of booleans is a mask of floats
def nonnegative_mask(x):
    return x >= 0


# %% nonnegative_mask
# caught by: is 1.0 exactly where x is not negative
# misconception: int is float
def nonnegative_mask(x):
    return (x >= 0).astype(int)


# %% nonnegative_mask
# caught by: is 1.0 exactly where x is not negative
# misconception: returns the kept values, not the mask
import jax.numpy as jnp


def nonnegative_mask(x):
    return jnp.where(x >= 0, x, 0.0)


# %% nonnegative_mask
# caught by: is 1.0 exactly where x is not negative
# misconception: zero is not counted
import jax.numpy as jnp


def nonnegative_mask(x):
    return (x > 0).astype(jnp.float32)


# %% nonnegative_mask
# caught by: is 1.0 exactly where x is not negative
# misconception: sign function, so zero gives one half
import jax.numpy as jnp


def nonnegative_mask(x):
    return (jnp.sign(x) + 1) / 2


# %% nonnegative_mask
# caught by: is 1.0 exactly where x is not negative
# misconception: a Python if on an array
import jax.numpy as jnp


def nonnegative_mask(x):
    if x >= 0:
        return jnp.float32(1.0)
    return jnp.float32(0.0)


# %% nonnegative_mask
# caught by: is 1.0 exactly where x is not negative
# misconception: NumPy works on every array (not on a tracer)
import jax.numpy as jnp
import numpy as np


def nonnegative_mask(x):
    return jnp.asarray(np.where(np.asarray(x) >= 0, 1.0, 0.0), jnp.float32)


# %% nonnegative_mask
# caught by: gets minus zero, NaN and infinity right
# misconception: the sign bit tells negative numbers
import jax.numpy as jnp


def nonnegative_mask(x):
    return 1.0 - jnp.signbit(x).astype(jnp.float32)


# %% nonnegative_mask
# caught by: gets minus zero, NaN and infinity right
# misconception: not negative is the same as nonnegative, for NaN too
import jax.numpy as jnp


def nonnegative_mask(x):
    return jnp.where(x < 0, 0.0, 1.0)


# %% nonnegative_mask
# caught by: gets minus zero, NaN and infinity right
# misconception: the step function passes NaN on
import jax.numpy as jnp


def nonnegative_mask(x):
    return jnp.heaviside(x, 1.0)


# %% nonnegative_mask
# caught by: keeps the shape, from a scalar to a matrix
# misconception: x is a vector
import jax.numpy as jnp


def nonnegative_mask(x):
    return jnp.array([jnp.where(v >= 0, 1.0, 0.0) for v in x], jnp.float32)


# %% nonnegative_mask
# caught by: keeps the shape, from a scalar to a matrix
# misconception: flattens
import jax.numpy as jnp


def nonnegative_mask(x):
    return jnp.where(jnp.ravel(x) >= 0, 1.0, 0.0)


# %% nonnegative_mask
# caught by: works under vmap and grad
# misconception: a host callback makes NumPy usable everywhere (not under grad)
import jax
import jax.numpy as jnp
import numpy as np


def nonnegative_mask(x):
    def on_host(values):
        return (np.asarray(values) >= 0).astype(np.float32)

    result = jax.ShapeDtypeStruct(x.shape, jnp.float32)
    return jax.pure_callback(on_host, result, x, vmap_method="expand_dims")


# %% device_names
# caught by: names the devices of this computer
# misconception: what the session prints is the name
import jax


def device_names():
    return [repr(device) for device in jax.devices()]


# %% device_names
# caught by: names the devices of this computer
# misconception: the platform alone
import jax


def device_names():
    return [device.platform for device in jax.devices()]


# %% device_names
# caught by: names the devices of this computer
# misconception: counting from one
import jax


def device_names():
    return [f"{device.platform}:{i}" for i, device in enumerate(jax.devices(), start=1)]


# %% device_names
# caught by: names the devices of this computer
# misconception: a tuple is a list
import jax


def device_names():
    return tuple(f"{device.platform}:{device.id}" for device in jax.devices())


# %% device_names
# caught by: names the devices of this computer
# misconception: one string for all
import jax


def device_names():
    return ", ".join(f"{device.platform}:{device.id}" for device in jax.devices())


# %% device_names
# caught by: names two devices when there are two
# misconception: there is one CPU
def device_names():
    return ["cpu:0"]


# %% device_names
# caught by: names two devices when there are two
# misconception: the default device is all devices
import jax.numpy as jnp


def device_names():
    return [f"{device.platform}:{device.id}" for device in jnp.zeros(()).devices()]


# %% device_names
# caught by: names two devices when there are two
# misconception: newest first
import jax


def device_names():
    return [f"{device.platform}:{device.id}" for device in reversed(jax.devices())]


# %% device_names
# caught by: orders eleven devices by number, not as text
# misconception: sorting the names sorts the ids
import jax


def device_names():
    return sorted(f"{device.platform}:{device.id}" for device in jax.devices())


# %% time_call
# caught by: gives seconds as a Python float
# misconception: milliseconds
import time

import jax


def time_call(f, *args):
    start = time.perf_counter()
    jax.block_until_ready(f(*args))
    return 1000 * (time.perf_counter() - start)


# %% time_call
# caught by: gives seconds as a Python float
# misconception: a clock that does not run while waiting
import time

import jax


def time_call(f, *args):
    start = time.process_time()
    jax.block_until_ready(f(*args))
    return time.process_time() - start


# %% time_call
# caught by: gives seconds as a Python float
# misconception: a 0-d array is a Python float
import time

import jax
import jax.numpy as jnp


def time_call(f, *args):
    start = time.perf_counter()
    jax.block_until_ready(f(*args))
    return jnp.float32(time.perf_counter() - start)


# %% time_call
# caught by: gives seconds as a Python float
# misconception: returns the result as well
import time

import jax


def time_call(f, *args):
    start = time.perf_counter()
    result = jax.block_until_ready(f(*args))
    return result, time.perf_counter() - start


# %% time_call
# caught by: gives seconds as a Python float
# misconception: the clock is started after the call
import time

import jax


def time_call(f, *args):
    result = f(*args)
    start = time.perf_counter()
    jax.block_until_ready(result)
    return time.perf_counter() - start


# %% time_call
# caught by: gives seconds as a Python float
# misconception: end minus start, the other way round
import time

import jax


def time_call(f, *args):
    start = time.perf_counter()
    jax.block_until_ready(f(*args))
    return start - time.perf_counter()


# %% time_call
# caught by: calls f once, with the arguments as they are
# misconception: a warm-up call belongs to every benchmark
import time

import jax


def time_call(f, *args):
    jax.block_until_ready(f(*args))
    start = time.perf_counter()
    jax.block_until_ready(f(*args))
    return time.perf_counter() - start


# %% time_call
# caught by: calls f once, with the arguments as they are
# misconception: the best of three
import time

import jax


def time_call(f, *args):
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        jax.block_until_ready(f(*args))
        seconds.append(time.perf_counter() - start)
    return min(seconds)


# %% time_call
# caught by: calls f once, with the arguments as they are
# misconception: the tuple of arguments is the argument
import time

import jax


def time_call(f, *args):
    start = time.perf_counter()
    jax.block_until_ready(f(args) if args else f())
    return time.perf_counter() - start


# %% time_call
# caught by: calls f once, with the arguments as they are
# misconception: everything is better compiled
import time

import jax


def time_call(f, *args):
    start = time.perf_counter()
    jax.block_until_ready(jax.jit(f)(*args))
    return time.perf_counter() - start


# %% time_call
# caught by: waits until the result is ready
# misconception: the work is done when the call returns
import time


def time_call(f, *args):
    start = time.perf_counter()
    f(*args)
    return time.perf_counter() - start


# %% time_call
# caught by: waits until the result is ready
# misconception: waits, but after looking at the clock
import time

import jax


def time_call(f, *args):
    start = time.perf_counter()
    result = f(*args)
    seconds = time.perf_counter() - start
    jax.block_until_ready(result)
    return seconds


# %% time_call
# caught by: waits until the result is ready
# misconception: asking whether it is ready is waiting
import time

import jax


def time_call(f, *args):
    start = time.perf_counter()
    jax.tree.map(lambda leaf: leaf.is_ready(), f(*args))
    return time.perf_counter() - start


# %% time_call
# caught by: waits for every array of a pytree
# misconception: the result is one array, anything else is ready
import time


def time_call(f, *args):
    start = time.perf_counter()
    result = f(*args)
    if hasattr(result, "block_until_ready"):
        result.block_until_ready()
    return time.perf_counter() - start


# %% time_call
# caught by: waits for every array of a pytree
# misconception: the first array speaks for all
import time

import jax


def time_call(f, *args):
    start = time.perf_counter()
    for leaf in jax.tree.leaves(f(*args))[:1]:
        leaf.block_until_ready()
    return time.perf_counter() - start


# %% time_call
# caught by: waits for every array of a pytree
# misconception: the last array is ready last
import time

import jax


def time_call(f, *args):
    start = time.perf_counter()
    for leaf in jax.tree.leaves(f(*args))[-1:]:
        leaf.block_until_ready()
    return time.perf_counter() - start


# %% time_call
# caught by: waits for every array of a pytree
# misconception: a pytree is an array or a tuple of arrays
import time


def time_call(f, *args):
    start = time.perf_counter()
    result = f(*args)
    for part in result if isinstance(result, tuple) else (result,):
        if hasattr(part, "block_until_ready"):
            part.block_until_ready()
    return time.perf_counter() - start


# %% to_device
# caught by: keeps the shape, from a scalar to an empty list
# misconception: a nested list always tells the shape of an array
import jax.numpy as jnp
import numpy as np


def to_device(values):
    return jnp.asarray(np.asarray(values, np.float32).tolist(), jnp.float32)


# %% to_device
# caught by: gives a jax.Array of float32 with the numbers it got
# misconception: NaN is not a number, so it may be replaced
import jax.numpy as jnp


def to_device(values):
    return jnp.nan_to_num(jnp.array(values, jnp.float32))


# %% device_names
# caught by: names every device once, however often it is called
# misconception: a list outside the function starts empty at every call
import jax

_names = []


def device_names():
    for d in jax.devices():
        _names.append(f"{d.platform}:{d.id}")
    return _names


# %% time_call
# caught by: gives seconds as a Python float
# misconception: a clock that stands still while Python waits measures waiting
import time
import jax


def time_call(f, *args):
    start = time.thread_time()
    jax.block_until_ready(f(*args))
    return time.thread_time() - start
