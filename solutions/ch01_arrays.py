"""Reference answers of chapter 1: device arrays and asynchronous dispatch."""

import time

import jax
import jax.numpy as jnp


def to_device(values):
    """Nested lists, tuples, NumPy arrays or scalars as a float32 `jax.Array`."""
    # `array` copies; `asarray` may share a NumPy array's memory, and then a later
    # write to the NumPy array would show up in the JAX array.
    return jnp.array(values, dtype=jnp.float32)


def nonnegative_mask(x):
    """1.0 where `x >= 0` (so for -0.0 too), 0.0 elsewhere (so for NaN too)."""
    # A comparison gives booleans. With NaN, >= is False.
    return (x >= 0).astype(jnp.float32)


def device_names():
    """`"platform:id"` of every visible device, in the order of their ids."""
    devices = sorted(jax.devices(), key=lambda device: device.id)
    return [f"{device.platform}:{device.id}" for device in devices]


def time_call(f, *args):
    """Seconds until the result of `f(*args)` is ready; calls `f` once."""
    start = time.perf_counter()
    # f returns as soon as the work is queued. Only block_until_ready waits for it, and it
    # waits for every array of a pytree.
    jax.block_until_ready(f(*args))
    return time.perf_counter() - start
