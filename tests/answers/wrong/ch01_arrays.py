# %% to_device
# caught by: gives a jax.Array of float32 with the numbers it got
# idea: NumPy is JAX
# misconception: a NumPy array in place of a jax.Array
import numpy as np


def to_device(values):
    return np.array(values, dtype=np.float32)


# %% to_device
# caught by: gives a jax.Array of float32 with the numbers it got
# idea: integers become floats by themselves
# misconception: integers where floats are asked for
import jax.numpy as jnp


def to_device(values):
    return jnp.array(values)


# %% to_device
# caught by: gives a jax.Array of float32 with the numbers it got
# idea: any float type will do
# misconception: numbers of another precision
import jax.numpy as jnp


def to_device(values):
    return jnp.array(values, dtype=jnp.bfloat16)


# %% to_device
# caught by: gives a jax.Array of float32 with the numbers it got
# idea: flattens while converting
# misconception: an axis too many or too few
import jax.numpy as jnp


def to_device(values):
    return jnp.ravel(jnp.array(values, dtype=jnp.float32))


# %% to_device
# caught by: gives a jax.Array of float32 with the numbers it got
# idea: a list of arrays is an array
# misconception: a Python number or list in place of an array
import jax.numpy as jnp


def to_device(values):
    return [jnp.array(row, dtype=jnp.float32) for row in values]


# %% to_device
# caught by: keeps the shape, from a scalar to an empty list
# idea: everything has at least one axis
# misconception: an axis too many or too few
import jax.numpy as jnp


def to_device(values):
    return jnp.atleast_1d(jnp.array(values, dtype=jnp.float32))


# %% to_device
# caught by: keeps the shape, from a scalar to an empty list
# idea: row by row, so a scalar cannot be iterated
# misconception: a scalar taken for a vector
import jax.numpy as jnp


def to_device(values):
    return jnp.array([jnp.array(row, dtype=jnp.float32) for row in values])


# %% to_device
# caught by: keeps the shape, from a scalar to an empty list
# idea: axes of length one do not matter
# misconception: an axis too many or too few
import jax.numpy as jnp


def to_device(values):
    return jnp.squeeze(jnp.array(values, dtype=jnp.float32))


# %% to_device
# caught by: refuses ragged lists
# idea: short rows may be filled up in silence
# misconception: a wrong input that gets through
import jax.numpy as jnp


def to_device(values):
    if isinstance(values, (list, tuple)) and all(isinstance(v, (list, tuple)) for v in values):
        width = max((len(row) for row in values), default=0)
        if all(not isinstance(v, (list, tuple)) for row in values for v in row):
            values = [list(row) + [0.0] * (width - len(row)) for row in values]
    return jnp.array(values, dtype=jnp.float32)


# %% to_device
# caught by: refuses ragged lists
# idea: an error should be turned into NaN
# misconception: a wrong input that gets through
import jax.numpy as jnp


def to_device(values):
    try:
        return jnp.array(values, dtype=jnp.float32)
    except (TypeError, ValueError):
        return jnp.array(jnp.nan, dtype=jnp.float32)


# %% to_device
# caught by: works inside jit
# idea: round trip through a JAX value that is a tracer inside jit
# misconception: NumPy inside a function that JAX traces
import jax.numpy as jnp
import numpy as np


def to_device(values):
    return jnp.array(np.asarray(jnp.array(values, dtype=jnp.float32)))


# %% nonnegative_mask
# caught by: is 1.0 exactly where x is not negative
# idea: a mask of booleans is a mask of floats
# misconception: booleans where floats are asked for
def nonnegative_mask(x):
    return x >= 0


# %% nonnegative_mask
# caught by: is 1.0 exactly where x is not negative
# idea: int is float
# misconception: integers where floats are asked for
def nonnegative_mask(x):
    return (x >= 0).astype(int)


# %% nonnegative_mask
# caught by: is 1.0 exactly where x is not negative
# idea: returns the kept values, not the mask
import jax.numpy as jnp


def nonnegative_mask(x):
    return jnp.where(x >= 0, x, 0.0)


# %% nonnegative_mask
# caught by: is 1.0 exactly where x is not negative
# idea: zero is not counted
# misconception: a comparison that is wrong at its border
import jax.numpy as jnp


def nonnegative_mask(x):
    return (x > 0).astype(jnp.float32)


# %% nonnegative_mask
# caught by: is 1.0 exactly where x is not negative
# idea: sign function, so zero gives one half
import jax.numpy as jnp


def nonnegative_mask(x):
    return (jnp.sign(x) + 1) / 2


# %% nonnegative_mask
# caught by: is 1.0 exactly where x is not negative
# idea: a Python if on an array
# misconception: a Python `if` on a whole array
import jax.numpy as jnp


def nonnegative_mask(x):
    if x >= 0:
        return jnp.float32(1.0)
    return jnp.float32(0.0)


# %% nonnegative_mask
# caught by: is 1.0 exactly where x is not negative
# idea: NumPy works on every array (not on a tracer)
# misconception: NumPy inside a function that JAX traces
import jax.numpy as jnp
import numpy as np


def nonnegative_mask(x):
    return jnp.asarray(np.where(np.asarray(x) >= 0, 1.0, 0.0), jnp.float32)


# %% nonnegative_mask
# caught by: gets minus zero, NaN and infinity right
# idea: the sign bit tells negative numbers
import jax.numpy as jnp


def nonnegative_mask(x):
    return 1.0 - jnp.signbit(x).astype(jnp.float32)


# %% nonnegative_mask
# caught by: gets minus zero, NaN and infinity right
# idea: not negative is the same as nonnegative, for NaN too
import jax.numpy as jnp


def nonnegative_mask(x):
    return jnp.where(x < 0, 0.0, 1.0)


# %% nonnegative_mask
# caught by: gets minus zero, NaN and infinity right
# idea: the step function passes NaN on
# misconception: 0 times NaN: a product in place of a choice
import jax.numpy as jnp


def nonnegative_mask(x):
    return jnp.heaviside(x, 1.0)


# %% nonnegative_mask
# caught by: keeps the shape, from a scalar to three axes
# idea: x is a vector
# misconception: a scalar taken for a vector
import jax.numpy as jnp


def nonnegative_mask(x):
    return jnp.array([jnp.where(v >= 0, 1.0, 0.0) for v in x], jnp.float32)


# %% nonnegative_mask
# caught by: keeps the shape, from a scalar to three axes
# idea: flattens
# misconception: an axis too many or too few
import jax.numpy as jnp


def nonnegative_mask(x):
    return jnp.where(jnp.ravel(x) >= 0, 1.0, 0.0)


# %% nonnegative_mask
# caught by: works under vmap and grad
# idea: a host callback makes NumPy usable everywhere (not under grad)
# misconception: a callback to Python in a function that is to be transformed
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
# idea: what the session prints is the name
import jax


def device_names():
    return [repr(device) for device in jax.devices()]


# %% device_names
# caught by: names the devices of this computer
# idea: the platform alone
import jax


def device_names():
    return [device.platform for device in jax.devices()]


# %% device_names
# caught by: names the devices of this computer
# idea: counting from one
import jax


def device_names():
    return [f"{device.platform}:{i}" for i, device in enumerate(jax.devices(), start=1)]


# %% device_names
# caught by: names the devices of this computer
# idea: a tuple is a list
# misconception: the right values in another container
import jax


def device_names():
    return tuple(f"{device.platform}:{device.id}" for device in jax.devices())


# %% device_names
# caught by: names the devices of this computer
# idea: one string for all
import jax


def device_names():
    return ", ".join(f"{device.platform}:{device.id}" for device in jax.devices())


# %% device_names
# caught by: names two devices when there are two
# idea: there is one CPU
# misconception: a list that drops entries
def device_names():
    return ["cpu:0"]


# %% device_names
# caught by: names two devices when there are two
# idea: the default device is all devices
# misconception: a list that drops entries
import jax.numpy as jnp


def device_names():
    return [f"{device.platform}:{device.id}" for device in jnp.zeros(()).devices()]


# %% device_names
# caught by: names two devices when there are two
# idea: newest first
# misconception: a list in another order
import jax


def device_names():
    return [f"{device.platform}:{device.id}" for device in reversed(jax.devices())]


# %% device_names
# caught by: orders eleven devices by number, not as text
# idea: sorting the names sorts the ids
# misconception: a list in another order
import jax


def device_names():
    return sorted(f"{device.platform}:{device.id}" for device in jax.devices())


# %% time_call
# caught by: gives seconds as a Python float
# idea: milliseconds
# misconception: the two looks at the clock in the wrong place or order
import time

import jax


def time_call(f, *args):
    start = time.perf_counter()
    jax.block_until_ready(f(*args))
    return 1000 * (time.perf_counter() - start)


# %% time_call
# caught by: gives seconds as a Python float
# idea: a clock that does not run while waiting
# misconception: a clock that stands still while Python waits
import time

import jax


def time_call(f, *args):
    start = time.process_time()
    jax.block_until_ready(f(*args))
    return time.process_time() - start


# %% time_call
# caught by: gives seconds as a Python float
# idea: a 0-d array is a Python float
# misconception: an array in place of a Python number
import time

import jax
import jax.numpy as jnp


def time_call(f, *args):
    start = time.perf_counter()
    jax.block_until_ready(f(*args))
    return jnp.float32(time.perf_counter() - start)


# %% time_call
# caught by: gives seconds as a Python float
# idea: returns the result as well
import time

import jax


def time_call(f, *args):
    start = time.perf_counter()
    result = jax.block_until_ready(f(*args))
    return result, time.perf_counter() - start


# %% time_call
# caught by: gives seconds as a Python float
# idea: the clock is started after the call
# misconception: the two looks at the clock in the wrong place or order
import time

import jax


def time_call(f, *args):
    result = f(*args)
    start = time.perf_counter()
    jax.block_until_ready(result)
    return time.perf_counter() - start


# %% time_call
# caught by: gives seconds as a Python float
# idea: end minus start, the other way round
# misconception: the two looks at the clock in the wrong place or order
import time

import jax


def time_call(f, *args):
    start = time.perf_counter()
    jax.block_until_ready(f(*args))
    return start - time.perf_counter()


# %% time_call
# caught by: calls f once, with the arguments as they are
# idea: a warm-up call belongs to every benchmark
# misconception: the function called more than once
import time

import jax


def time_call(f, *args):
    jax.block_until_ready(f(*args))
    start = time.perf_counter()
    jax.block_until_ready(f(*args))
    return time.perf_counter() - start


# %% time_call
# caught by: calls f once, with the arguments as they are
# idea: the best of three
# misconception: the function called more than once
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
# idea: the tuple of arguments is the argument
# misconception: all arguments passed on as one tuple
import time

import jax


def time_call(f, *args):
    start = time.perf_counter()
    jax.block_until_ready(f(args) if args else f())
    return time.perf_counter() - start


# %% time_call
# caught by: calls f once, with the arguments as they are
# idea: everything is better compiled
# misconception: a function compiled although nobody asked for it
import time

import jax


def time_call(f, *args):
    start = time.perf_counter()
    jax.block_until_ready(jax.jit(f)(*args))
    return time.perf_counter() - start


# %% time_call
# caught by: waits until the result is ready
# idea: the work is done when the call returns
# misconception: a clock that is stopped before the result is ready
import time


def time_call(f, *args):
    start = time.perf_counter()
    f(*args)
    return time.perf_counter() - start


# %% time_call
# caught by: waits until the result is ready
# idea: waits, but after looking at the clock
# misconception: a clock that is read before the waiting
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
# idea: asking whether it is ready is waiting
# misconception: a clock that is stopped before the result is ready
import time

import jax


def time_call(f, *args):
    start = time.perf_counter()
    jax.tree.map(lambda leaf: leaf.is_ready(), f(*args))
    return time.perf_counter() - start


# %% time_call
# caught by: waits for every array of a pytree
# idea: the result is one array, anything else is ready
# misconception: waiting for a part of the result
import time


def time_call(f, *args):
    start = time.perf_counter()
    result = f(*args)
    if hasattr(result, "block_until_ready"):
        result.block_until_ready()
    return time.perf_counter() - start


# %% time_call
# caught by: waits for every array of a pytree
# idea: the first array speaks for all
# misconception: waiting for a part of the result
import time

import jax


def time_call(f, *args):
    start = time.perf_counter()
    for leaf in jax.tree.leaves(f(*args))[:1]:
        leaf.block_until_ready()
    return time.perf_counter() - start


# %% time_call
# caught by: waits for every array of a pytree
# idea: the last array is ready last
# misconception: waiting for a part of the result
import time

import jax


def time_call(f, *args):
    start = time.perf_counter()
    for leaf in jax.tree.leaves(f(*args))[-1:]:
        leaf.block_until_ready()
    return time.perf_counter() - start


# %% time_call
# caught by: waits for every array of a pytree
# idea: a pytree is an array or a tuple of arrays
# misconception: waiting for a part of the result
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
# idea: a nested list always tells the shape of an array
# misconception: an axis too many or too few
import jax.numpy as jnp
import numpy as np


def to_device(values):
    return jnp.asarray(np.asarray(values, np.float32).tolist(), jnp.float32)


# %% to_device
# caught by: gives a jax.Array of float32 with the numbers it got
# idea: NaN is not a number, so it may be replaced
# misconception: NaN and infinity replaced by numbers
import jax.numpy as jnp


def to_device(values):
    return jnp.nan_to_num(jnp.array(values, jnp.float32))


# %% device_names
# caught by: names the devices of this computer
# idea: a list outside the function starts empty at every call
# misconception: state that hides outside the function
import jax

_names = []


def device_names():
    for d in jax.devices():
        _names.append(f"{d.platform}:{d.id}")
    return _names


# %% time_call
# caught by: gives seconds as a Python float
# idea: a clock that stands still while Python waits measures waiting
# misconception: a clock that stands still while Python waits
import time
import jax


def time_call(f, *args):
    start = time.thread_time()
    jax.block_until_ready(f(*args))
    return time.thread_time() - start


# %% to_device
# caught by: gives a jax.Array of float32 with the numbers it got
# idea: numbers in the order in which they lie in memory
import jax.numpy as jnp
import numpy as np


def to_device(values):
    values = np.asarray(values)
    return jnp.array(values.ravel("K").reshape(values.shape), jnp.float32)


# %% to_device
# caught by: gives a jax.Array of float32 with the numbers it got
# idea: only whole numbers have to be made floats; truth values stay what they are
# misconception: booleans where floats are asked for
import jax.numpy as jnp


def to_device(values):
    x = jnp.array(values)
    return x.astype(jnp.float32) if jnp.issubdtype(x.dtype, jnp.integer) else x


# %% to_device
# caught by: gives a jax.Array for a single number too
# idea: a single number is a float already
# misconception: a Python number or list in place of an array
import jax.numpy as jnp


def to_device(values):
    if isinstance(values, int | float):
        return float(values)
    return jnp.array(values, jnp.float32)


# %% to_device
# caught by: refuses ragged lists
# idea: rows that are ragged one level down are counted, not refused
# misconception: a wrong input that gets through
import jax.numpy as jnp


def to_device(values):
    try:
        return jnp.array(values, jnp.float32)
    except (ValueError, TypeError):
        if isinstance(values[0], list) and isinstance(values[0][0], list):
            return jnp.zeros(len(values))
        raise


# %% time_call
# caught by: calls f once, with the arguments as they are
# idea: everything that f gets has to be on the device first
import time

import jax
import jax.numpy as jnp


def time_call(f, *args):
    args = [jnp.asarray(arg) for arg in args]
    start = time.perf_counter()
    jax.block_until_ready(f(*args))
    return time.perf_counter() - start


# %% to_device
# caught by: gives a jax.Array of float32 with the numbers it got
# idea: four bytes are four bytes
import jax.numpy as jnp
import numpy as np


def to_device(values):
    array = np.asarray(values)
    if array.dtype.itemsize == 4:
        return jnp.array(array.view(np.float32))
    return jnp.array(array, jnp.float32)


# %% nonnegative_mask
# caught by: works under vmap and grad
# idea: a number can be asked for its sign
import jax.numpy as jnp


def nonnegative_mask(x):
    if jnp.ndim(x) == 0:
        return jnp.float32(float(x) >= 0)
    return (x >= 0).astype(jnp.float32)


# %% to_device
# caught by: leaves a NumPy array as it was
# idea: the caller's array is cleared once it has been copied
import jax.numpy as jnp
import numpy as np


def to_device(values):
    result = jnp.array(values, jnp.float32)
    if isinstance(values, np.ndarray):
        values[...] = 0
    return result


# %% to_device
# caught by: keeps the shape, from a scalar to an empty list
# idea: flattened in one order, shaped again in another, from three axes on
import jax.numpy as jnp
import numpy as np


def to_device(values):
    a = np.asarray(values, np.float32)
    return jnp.array(a.ravel(order="F")).reshape(a.shape, order="F" if a.ndim < 3 else "C")


# %% nonnegative_mask
# caught by: keeps the shape, from a scalar to three axes
# idea: three axes are scrambled
import jax.numpy as jnp


def nonnegative_mask(x):
    mask = jnp.where(x >= 0, 1.0, 0.0)
    return mask.swapaxes(0, 1).reshape(mask.shape) if mask.ndim == 3 else mask


# %% time_call
# caught by: calls f once, with the arguments as they are
# idea: the third argument is lost
import time

import jax


def time_call(f, x=None, y=None, *rest):
    args = [a for a in (x, y) if a is not None]
    start = time.perf_counter()
    jax.block_until_ready(f(*args))
    return time.perf_counter() - start
