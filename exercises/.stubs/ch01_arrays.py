"""Chapter 1: device arrays and asynchronous dispatch.

A JAX array looks like a NumPy array and lives somewhere else: in the memory of a *device*,
which may be a CPU, a GPU or a TPU. The slides (2020) call its type `DeviceArray`; today there
is one public type, `jax.Array`, for an array on one device or spread over many, and for the
tracers of chapter 2 as well.

    2020                                    today
    isinstance(x, DeviceArray)              isinstance(x, jax.Array)
    x.device_buffer.device()                x.devices()       (a set: there may be several)
    xla_bridge.get_backend().platform       jax.default_backend(), jax.devices()
    f(x).block_until_ready()                the same, or jax.block_until_ready(pytree)

`jax.numpy` carries NumPy's names, and three habits of NumPy need care.

*Types are 32 bits wide.* A list of Python floats becomes float32, a list of integers int32,
unless you say otherwise with `dtype=`. A comparison gives booleans, as in NumPy, and they are
not numbers until `.astype` makes them so.

*Floats have corners.* There are two zeros, and `-0.0 == 0.0`; NaN is neither less than, equal
to, nor greater than anything, itself included. A mask that is computed by arithmetic (a sign, a
division) instead of by a comparison tends to be wrong in exactly these corners.

*A call returns before the work is done.* This is asynchronous dispatch: JAX puts the
computation into the device's queue and hands you at once an array that is a promise. Python
can prepare the next step while the device still works on this one. Reading the numbers (by
`print`, `float`, `np.asarray`) waits for them. A clock does not read numbers:

    start = time.perf_counter()
    y = x @ x                                # queued, perhaps not even begun
    seconds = time.perf_counter() - start    # the time it takes to queue a product

measures how fast Python hands over work, often a hundred times less than the truth. The slides
write `%timeit (x @ x).block_until_ready()` for this reason.

An example, to be tried in a Python session:

>>> import jax, jax.numpy as jnp, numpy as np
>>> x = jnp.arange(6.0).reshape(2, 3)
>>> x.shape, str(x.dtype), isinstance(x, jax.Array), isinstance(x, np.ndarray)
((2, 3), 'float32', True, False)
>>> (x > 2).tolist()
[[False, False, False], [True, True, True]]
>>> y = jnp.sin(x) ** 2 + jnp.cos(x) ** 2     # queued
>>> np.asarray(y).round(3).tolist()           # waited for
[[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
"""

import time  # noqa: F401

import jax  # noqa: F401
import jax.numpy as jnp  # noqa: F401


def to_device(values):
    """Put numbers on the default device, as float32.

    Slide: a list or a NumPy array becomes a device array the moment `jax.numpy` receives it.

    Args:
        values: nested lists or tuples of numbers, a NumPy array, or a scalar, of any dtype.

    Returns:
        `jax.Array` of float32 with the shape of `values`.

    Raises:
        ValueError or TypeError: the rows of a nested list have different lengths.

    >>> x = to_device([[1, 2], [3, 4]])
    >>> x.tolist(), str(x.dtype)
    ([[1.0, 2.0], [3.0, 4.0]], 'float32')
    """
    # TODO: one call of jax.numpy; mind the dtype that a list of integers would get.
    raise NotImplementedError


def nonnegative_mask(x):
    """Mark the entries that are not negative.

    Slide: `jax.numpy` is NumPy on the device, comparisons and masks included.

    Args:
        x: float32 array of any shape.

    Returns:
        float32 array of the same shape: 1.0 where `x >= 0`, otherwise 0.0. Minus zero counts
        as nonnegative, NaN does not.

    >>> nonnegative_mask(jnp.array([-2.0, -0.0, 3.0, jnp.nan])).tolist()
    [0.0, 1.0, 1.0, 0.0]
    """
    # TODO: compare, then turn the booleans into float32.
    raise NotImplementedError


def device_names():
    """Name every device that JAX can see.

    Slide: the same program runs on CPU, GPU and TPU; ask JAX which of them are there.

    Returns:
        list of strings `"platform:id"`, one per visible device, in the order of the ids. On a
        computer whose only device is the CPU this is `["cpu:0"]`.

    >>> device_names()[0].endswith(":0")
    True
    """
    # TODO: list the devices; every device knows its platform and its id.
    raise NotImplementedError


def time_call(f, *args):
    """Measure how long a call takes until its result is there.

    Slide: JAX returns before the work is done, so a benchmark has to wait for the result.

    Args:
        f: any callable; it is called exactly once, as `f(*args)`, and returns a pytree of
            arrays (an array, or tuples, lists and dicts of arrays, ...).
        *args: its arguments, handed over as they are.

    Returns:
        seconds as a Python float, from before the call until *every* array of the result is
        ready.

    >>> time_call(jnp.dot, jnp.ones(3), jnp.ones(3)) > 0.0
    True
    """
    # TODO: start a clock, call f, wait for the whole pytree, stop the clock.
    raise NotImplementedError
