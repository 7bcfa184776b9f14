"""Chapter 9: several devices.

One program, many devices: every device holds a part of the data and runs the same code on its
part, and now and then the devices exchange a number or two. In this chapter the devices are pieces
of your CPU. XLA can be told to pretend that one machine has several:

    XLA_FLAGS=--xla_force_host_platform_device_count=8 python

The flag counts only if it is set before JAX starts. The grader does that for this chapter, with
eight devices. What you write runs unchanged on eight GPUs or TPU cores.

Three words are enough:

* A **mesh** is an array of devices whose axes have names. Ours has one axis, "data".
* A **partition spec** says how an array lies on the mesh. `P("data")` splits the first axis of the
  array over the devices along "data". `P()` names no mesh axis: every device holds the whole array
  (it is *replicated*).
* A **collective** combines the devices' values along a mesh axis, by its name: `lax.psum` adds
  them, `lax.pmean` averages them, `lax.pmax` takes the largest.

2020                                               today
pmap(f, axis_name="data")(blocks)                  jax.shard_map(f, mesh=mesh, in_specs=..., ...)
a leading axis as long as the device count         arrays keep their shape; a spec says how to split
all devices, without saying so                     a Mesh, which names them
lax.psum(x, "data") inside pmap                    lax.psum(x, "data") inside shard_map

Inside `pmap` the first axis was gone; inside `shard_map` each device sees a *block* of rows, so an
array of shape (16, 3) on eight devices arrives as (2, 3).

A worked example, the largest entry of a matrix whose rows are spread over the devices:

>>> import jax, jax.numpy as jnp
>>> from jax.sharding import AxisType, NamedSharding, PartitionSpec as P
>>> n = jax.device_count()
>>> mesh = jax.make_mesh((n,), ("data",), axis_types=(AxisType.Auto,))
>>> x = jnp.arange(6.0 * n).reshape(2 * n, 3)
>>> x = jax.device_put(x, NamedSharding(mesh, P("data")))
>>> x.addressable_shards[0].data.shape
(2, 3)
>>> def largest(block):
...     return jax.lax.pmax(block.max(), "data")
>>> float(jax.shard_map(largest, mesh=mesh, in_specs=P("data"), out_specs=P())(x)) == 6 * n - 1
True

What goes wrong, and why:

* `jax.make_mesh` makes *Explicit* axes unless you ask for `AxisType.Auto`. On an Explicit axis the
  sharding is part of an array's type, and JAX refuses to mix arrays whose types disagree. On an
  Auto axis the compiler decides.
* A sum inside `shard_map` covers the block only. Without the collective each device has an answer
  of its own, and JAX refuses `out_specs=P()`: nothing shows that the results agree.
* The mean of a batch is the mean of the blocks' means, since the blocks are equally long.
* Gradients. `shard_map` keeps track of which values vary from device to device (`check_vma=True`,
  the default). The gradient in *replicated* parameters belongs to the sum over all devices, so JAX
  puts the psum in for you. What `jax.grad` hands back is summed already and equal everywhere, and a
  `pmean` after it changes nothing: the mean of n equal numbers. With eight devices, your step is
  eight times too long:

>>> def gradient(w, block):
...     return jax.lax.pmean(jax.grad(lambda w: jnp.mean(w * block))(w), "data")
>>> specs = dict(mesh=mesh, in_specs=(P(), P("data")), out_specs=P())
>>> ones = jnp.ones(2 * n)
>>> float(jax.shard_map(gradient, **specs)(1.0, ones)) == n
True
>>> float(jax.shard_map(gradient, check_vma=False, **specs)(1.0, ones)) == 1
True

  Three ways out: switch the tracking off (`check_vma=False`), as above; turn the parameters into
  values that vary (`jax.lax.pcast(params, "data", to="varying")`) before you differentiate, then
  average; or differentiate the averaged loss, with the pmean inside.
"""

from functools import partial  # noqa: F401

import jax  # noqa: F401
import jax.numpy as jnp  # noqa: F401
from jax.sharding import AxisType, Mesh, NamedSharding  # noqa: F401
from jax.sharding import PartitionSpec as P  # noqa: F401


def device_mesh():
    """A one-dimensional mesh over all visible devices.

    The slide's idea: `pmap` used all devices without saying so; a mesh says so and names the axis.

    Returns:
        A `jax.sharding.Mesh` whose only axis is called "data", is as long as there are devices
        and has the type `AxisType.Auto`.

    >>> device_mesh().axis_names
    ('data',)
    >>> device_mesh().size == jax.device_count()
    True
    """
    # TODO: make the mesh with jax.make_mesh (mind its axis_types) or jax.sharding.Mesh.
    raise NotImplementedError


def shard_rows(x):
    """Split the rows of `x` over the mesh of `device_mesh`.

    The slide's idea, today: `pmap` wanted the shape (devices, rows per device, ...); now the array
    keeps its shape and only its placement changes.

    Args:
        x: float32 array of shape (rows, columns).

    Returns:
        The same values, with rows/n consecutive rows on each of the n devices.

    Raises:
        ValueError: the number of rows is not a multiple of the number of devices; the message
            names both numbers.

    >>> n = jax.device_count()
    >>> x = shard_rows(jnp.ones((3 * n, 5)))
    >>> x.shape == (3 * n, 5)
    True
    >>> {shard.data.shape for shard in x.addressable_shards}
    {(3, 5)}
    """
    # TODO: place x on the devices with a NamedSharding whose spec splits the first axis.
    raise NotImplementedError


def parallel_sum_of_squares(x):
    """Sum of the squares of a row-sharded array: each device sums its rows, a psum adds the parts.

    The slide's idea: a collective inside the mapped function; `pmap` has gone, `psum` has stayed.

    Args:
        x: float32 array of shape (rows, columns), its rows split over "data"; the devices divide
            the number of rows.

    Returns:
        float32 scalar, the same on all devices, computed with `jax.shard_map` and `jax.lax.psum`.

    >>> n = jax.device_count()
    >>> float(parallel_sum_of_squares(jnp.full((n, 3), 2.0))) == 12 * n
    True
    """
    # TODO: write what one device does with its block of rows, and map it with jax.shard_map.
    raise NotImplementedError


def parallel_update(params, xs, ys, step_size):
    """One data-parallel gradient step of the loss `mean((xs @ w + b - ys) ** 2)`.

    The slide's idea: same parameters everywhere, different rows, gradients averaged. The result
    equals the step that a single device would take on the whole batch.

    Args:
        params: tuple `(w, b)`, float32 arrays of shapes (features,) and (), replicated.
        xs: float32 array (batch, features); the devices divide the batch.
        ys: float32 array (batch,).
        step_size: a number; the new parameters are `params - step_size * gradient`.

    Returns:
        The new `(w, b)`, shapes and dtypes as before. The gradients are averaged with
        `jax.lax.pmean` inside `jax.shard_map`.

    >>> n = jax.device_count()
    >>> params = (jnp.zeros(2), jnp.float32(0))
    >>> w, b = parallel_update(params, jnp.ones((n, 2)), jnp.ones(n), 0.25)
    >>> w.tolist(), float(b)
    ([0.5, 0.5], 0.5)
    """
    # TODO: map the gradient of the loss over blocks of rows, average it with pmean, take the step.
    # Compare with a step on one device: is yours eight times too long? The lesson says why.
    raise NotImplementedError
