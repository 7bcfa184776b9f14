# %% device_mesh
# caught by: has an axis of type Auto
# idea: make_mesh makes Auto axes
# misconception: a mesh with Explicit axes
import jax


def device_mesh():
    return jax.make_mesh((jax.device_count(),), ("data",))


# %% device_mesh
# caught by: is a Mesh with the one axis "data"
# idea: the name of the axis is free
import jax


def device_mesh():
    return jax.make_mesh(
        (jax.device_count(),), ("batch",), axis_types=(jax.sharding.AxisType.Auto,)
    )


# %% device_mesh
# caught by: holds every visible device once
# idea: one device is enough
# misconception: a fixed number of devices
import jax


def device_mesh():
    return jax.sharding.Mesh(jax.devices()[:1], ("data",))


# %% device_mesh
# caught by: holds every visible device once
# idea: four devices are what a machine has
# misconception: a fixed number of devices
import jax


def device_mesh():
    return jax.make_mesh((4,), ("data",), axis_types=(jax.sharding.AxisType.Auto,))


# %% device_mesh
# caught by: is a Mesh with the one axis "data"
# idea: a mesh has two axes
import jax
import numpy as np


def device_mesh():
    return jax.sharding.Mesh(np.array(jax.devices()).reshape(-1, 1), ("data", "model"))


# %% device_mesh
# caught by: is a Mesh with the one axis "data"
# idea: the devices themselves are the mesh
import jax
import numpy as np


def device_mesh():
    return np.array(jax.devices())


# %% device_mesh
# caught by: is a Mesh with the one axis "data"
# idea: an abstract mesh is a mesh
import jax


def device_mesh():
    return jax.make_mesh(
        (jax.device_count(),), ("data",), axis_types=(jax.sharding.AxisType.Auto,)
    ).abstract_mesh


# %% shard_rows
# caught by: puts an equal block of rows on every device
# idea: splits the columns
# misconception: a layout that splits no rows
import jax
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P


def shard_rows(x):
    if x.shape[0] % jax.device_count():
        raise ValueError(f"{x.shape[0]} rows, {jax.device_count()} devices")
    return jax.device_put(x, NamedSharding(device_mesh(), P(None, "data")))


# %% shard_rows
# caught by: puts an equal block of rows on every device
# idea: P() splits
# misconception: a layout that splits no rows
import jax
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P


def shard_rows(x):
    if x.shape[0] % jax.device_count():
        raise ValueError(f"{x.shape[0]} rows, {jax.device_count()} devices")
    return jax.device_put(x, NamedSharding(device_mesh(), P()))


# %% shard_rows
# caught by: puts an equal block of rows on every device
# idea: the leading device axis of pmap
# misconception: an axis too many or too few
import jax
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P


def shard_rows(x):
    n = jax.device_count()
    if x.shape[0] % n:
        raise ValueError(f"{x.shape[0]} rows, {n} devices")
    x = x.reshape(n, -1, *x.shape[1:])
    return jax.device_put(x, NamedSharding(device_mesh(), P("data")))


# %% shard_rows
# caught by: puts an equal block of rows on every device
# idea: having a mesh moves the array
# misconception: a layout that splits no rows
import jax


def shard_rows(x):
    n = jax.device_count()
    if x.shape[0] % n:
        raise ValueError(f"{x.shape[0]} rows, {n} devices")
    with device_mesh():
        return jax.device_put(x)


# %% shard_rows
# caught by: lies on an Auto axis called "data"
# idea: a mesh of its own, with the Explicit axis of make_mesh
# misconception: a mesh with Explicit axes
import jax
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P


def shard_rows(x):
    n = jax.device_count()
    if x.shape[0] % n:
        raise ValueError(f"{x.shape[0]} rows, {n} devices")
    return jax.device_put(x, NamedSharding(jax.make_mesh((n,), ("data",)), P("data")))


# %% shard_rows
# caught by: refuses rows that the devices do not divide
# idea: drops the rows that are left over
# misconception: a wrong input that gets through
import jax
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P


def shard_rows(x):
    n = jax.device_count()
    return jax.device_put(x[: len(x) // n * n], NamedSharding(device_mesh(), P("data")))


# %% shard_rows
# caught by: refuses rows that the devices do not divide
# idea: the message names the rows only
# misconception: a message without the numbers
import jax
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P


def shard_rows(x):
    if x.shape[0] % jax.device_count():
        raise ValueError(f"{x.shape[0]} rows cannot be split evenly over the devices")
    return jax.device_put(x, NamedSharding(device_mesh(), P("data")))


# %% shard_rows
# caught by: refuses rows that the devices do not divide
# idea: an assertion in place of a ValueError
# misconception: another class of exception
import jax
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P


def shard_rows(x):
    n = jax.device_count()
    assert x.shape[0] % n == 0, f"{x.shape[0]} rows, {n} devices"
    return jax.device_put(x, NamedSharding(device_mesh(), P("data")))


# %% shard_rows
# caught by: refuses rows that the devices do not divide
# idea: fewer rows than devices cannot go wrong
# misconception: a wrong input that gets through
import jax
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P


def shard_rows(x):
    n = jax.device_count()
    if len(x) > n and len(x) % n:
        raise ValueError(f"{len(x)} rows, {n} devices")
    return jax.device_put(x, NamedSharding(device_mesh(), P("data") if len(x) >= n else P()))


# %% shard_rows
# caught by: works under jit and grad
# idea: NumPy on the way
# misconception: NumPy inside a function that JAX traces
import jax
import numpy as np
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P


def shard_rows(x):
    blocks = np.asarray(x)
    if len(blocks) % jax.device_count():
        raise ValueError(f"{len(blocks)} rows, {jax.device_count()} devices")
    return jax.device_put(blocks, NamedSharding(device_mesh(), P("data")))


# %% shard_rows
# caught by: works under jit and grad
# idea: stops the gradient, as if placing were not part of the computation
# misconception: a gradient that is stopped on its way
import jax
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P


def shard_rows(x):
    if len(x) % jax.device_count():
        raise ValueError(f"{len(x)} rows, {jax.device_count()} devices")
    return jax.lax.stop_gradient(jax.device_put(x, NamedSharding(device_mesh(), P("data"))))


# %% parallel_sum_of_squares
# caught by: adds with a psum inside shard_map
# idea: jnp.sum of a sharded array does it
# misconception: work that is not mapped over the devices
import jax.numpy as jnp


def parallel_sum_of_squares(x):
    return jnp.sum(x**2)


# %% parallel_sum_of_squares
# caught by: adds with a psum inside shard_map
# idea: the parts come out as an array and are added outside
# misconception: values of the devices that are combined outside
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


@jax.jit
def parallel_sum_of_squares(x):
    parts = jax.shard_map(
        lambda block: jnp.sum(block**2)[None],
        mesh=device_mesh(),
        in_specs=P("data"),
        out_specs=P("data"),
    )(x)
    return jnp.sum(parts)


# %% parallel_sum_of_squares
# caught by: gives the sum of the squares
# idea: check_vma=False makes the missing psum go away
# misconception: a check switched off that would have found the missing psum
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


@jax.jit
def parallel_sum_of_squares(x):
    return jax.shard_map(
        lambda block: jnp.sum(block**2),
        mesh=device_mesh(),
        in_specs=P("data"),
        out_specs=P(),
        check_vma=False,
    )(x)


# %% parallel_sum_of_squares
# caught by: gives the sum of the squares
# idea: no psum at all, which JAX refuses
# misconception: a result that differs between devices
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


@jax.jit
def parallel_sum_of_squares(x):
    def total(block):
        return jnp.sum(block**2)

    return jax.shard_map(total, mesh=device_mesh(), in_specs=P("data"), out_specs=P())(x)


# %% parallel_sum_of_squares
# caught by: gives the sum of the squares
# idea: pmean in place of psum
# misconception: a mean over the devices where their sum is asked for
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


@jax.jit
def parallel_sum_of_squares(x):
    def total(block):
        return jax.lax.pmean(jnp.sum(block**2), "data")

    return jax.shard_map(total, mesh=device_mesh(), in_specs=P("data"), out_specs=P())(x)


# %% parallel_sum_of_squares
# caught by: gives the sum of the squares
# idea: squares the sum
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


@jax.jit
def parallel_sum_of_squares(x):
    def total(block):
        return jax.lax.psum(jnp.sum(block), "data") ** 2

    return jax.shard_map(total, mesh=device_mesh(), in_specs=P("data"), out_specs=P())(x)


# %% parallel_sum_of_squares
# caught by: gives the sum of the squares
# idea: each device sends its result back
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


@jax.jit
def parallel_sum_of_squares(x):
    def total(block):
        return jax.lax.psum(jnp.sum(block**2), "data")[None]

    return jax.shard_map(total, mesh=device_mesh(), in_specs=P("data"), out_specs=P("data"))(x)


# %% parallel_sum_of_squares
# caught by: gives the sum of the squares
# idea: every device gets the whole array, and the sum counts it eight times
# misconception: every device counting the whole
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


@jax.jit
def parallel_sum_of_squares(x):
    def total(block):
        return jax.lax.psum(jnp.sum(block**2), "data")

    return jax.shard_map(total, mesh=device_mesh(), in_specs=P(), out_specs=P(), check_vma=False)(x)


# %% parallel_sum_of_squares
# caught by: works under jit, vmap and grad
# idea: a Python loop over the shards of a concrete array
# misconception: a Python number made of a traced value
import jax.numpy as jnp


def parallel_sum_of_squares(x):
    return jnp.float32(sum(float(jnp.sum(shard.data**2)) for shard in x.addressable_shards))


# %% parallel_update
# caught by: takes the step of a single device
# idea: a pmean after the gradient of replicated parameters averages
# misconception: a gradient summed over the devices
from functools import partial

import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


@jax.jit
def parallel_update(params, xs, ys, step_size):
    @partial(jax.shard_map, mesh=device_mesh(), in_specs=(P(), P("data"), P("data")), out_specs=P())
    def step(params, xs, ys):
        def loss(p):
            return jnp.mean((xs @ p[0] + p[1] - ys) ** 2)

        grads = jax.lax.pmean(jax.grad(loss)(params), "data")
        return jax.tree.map(lambda p, g: p - step_size * g, params, grads)

    return step(params, xs, ys)


# %% parallel_update
# caught by: takes the step of a single device
# idea: psum in place of pmean
# misconception: a gradient summed over the devices
from functools import partial

import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


@jax.jit
def parallel_update(params, xs, ys, step_size):
    @partial(
        jax.shard_map,
        mesh=device_mesh(),
        in_specs=(P(), P("data"), P("data")),
        out_specs=P(),
        check_vma=False,
    )
    def step(params, xs, ys):
        def loss(p):
            return jnp.mean((xs @ p[0] + p[1] - ys) ** 2)

        grads = jax.lax.psum(jax.grad(loss)(params), "data")
        return jax.tree.map(lambda p, g: p - step_size * g, params, grads)

    return step(params, xs, ys)


# %% parallel_update
# caught by: takes the step of a single device
# idea: every device keeps its own gradient, and the first one's is returned
# misconception: a check switched off that would have found the missing psum
from functools import partial

import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


@jax.jit
def parallel_update(params, xs, ys, step_size):
    @partial(
        jax.shard_map,
        mesh=device_mesh(),
        in_specs=(P(), P("data"), P("data")),
        out_specs=P(),
        check_vma=False,
    )
    def step(params, xs, ys):
        def loss(p):
            return jnp.mean((xs @ p[0] + p[1] - ys) ** 2)

        return jax.tree.map(lambda p, g: p - step_size * g, params, jax.grad(loss)(params))

    return step(params, xs, ys)


# %% parallel_update
# caught by: takes the step of a single device
# idea: averages the loss without tracking, so the gradients stay apart
from functools import partial

import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


@jax.jit
def parallel_update(params, xs, ys, step_size):
    @partial(
        jax.shard_map,
        mesh=device_mesh(),
        in_specs=(P(), P("data"), P("data")),
        out_specs=P(),
        check_vma=False,
    )
    def step(params, xs, ys):
        def loss(p):
            return jax.lax.pmean(jnp.mean((xs @ p[0] + p[1] - ys) ** 2), "data")

        return jax.tree.map(lambda p, g: p - step_size * g, params, jax.grad(loss)(params))

    return step(params, xs, ys)


# %% parallel_update
# caught by: takes the step of a single device
# idea: climbs
# misconception: a step uphill
from functools import partial

import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


@jax.jit
def parallel_update(params, xs, ys, step_size):
    @partial(jax.shard_map, mesh=device_mesh(), in_specs=(P(), P("data"), P("data")), out_specs=P())
    def step(params, xs, ys):
        def loss(p):
            return jax.lax.pmean(jnp.mean((xs @ p[0] + p[1] - ys) ** 2), "data")

        return jax.tree.map(lambda p, g: p + step_size * g, params, jax.grad(loss)(params))

    return step(params, xs, ys)


# %% parallel_update
# caught by: takes the step of a single device
# idea: the loss of a block is a sum
# misconception: a step of another size
from functools import partial

import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


@jax.jit
def parallel_update(params, xs, ys, step_size):
    @partial(jax.shard_map, mesh=device_mesh(), in_specs=(P(), P("data"), P("data")), out_specs=P())
    def step(params, xs, ys):
        def loss(p):
            return jax.lax.pmean(jnp.sum((xs @ p[0] + p[1] - ys) ** 2), "data")

        return jax.tree.map(lambda p, g: p - step_size * g, params, jax.grad(loss)(params))

    return step(params, xs, ys)


# %% parallel_update
# caught by: takes the step of a single device
# idea: the bias stays
# misconception: parameters that are left out of the step
from functools import partial

import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


@jax.jit
def parallel_update(params, xs, ys, step_size):
    w, b = params

    @partial(jax.shard_map, mesh=device_mesh(), in_specs=(P(), P("data"), P("data")), out_specs=P())
    def gradient(w, xs, ys):
        def loss(w):
            return jax.lax.pmean(jnp.mean((xs @ w + b - ys) ** 2), "data")

        return jax.grad(loss)(w)

    return w - step_size * gradient(w, xs, ys), b


# %% parallel_update
# caught by: takes the step of a single device
# idea: the parameters come back as a list
# misconception: the right values in another container
from functools import partial

import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


@jax.jit
def parallel_update(params, xs, ys, step_size):
    @partial(jax.shard_map, mesh=device_mesh(), in_specs=(P(), P("data"), P("data")), out_specs=P())
    def step(params, xs, ys):
        def loss(p):
            return jax.lax.pmean(jnp.mean((xs @ p[0] + p[1] - ys) ** 2), "data")

        return [p - step_size * g for p, g in zip(params, jax.grad(loss)(params))]

    return step(params, xs, ys)


# %% parallel_update
# caught by: averages across the devices inside shard_map
# idea: sharded rows are data parallelism enough
# misconception: work that is not mapped over the devices
import jax
import jax.numpy as jnp


@jax.jit
def parallel_update(params, xs, ys, step_size):
    def loss(p):
        return jnp.mean((xs @ p[0] + p[1] - ys) ** 2)

    return jax.tree.map(lambda p, g: p - step_size * g, params, jax.grad(loss)(params))


# %% parallel_update
# caught by: averages across the devices inside shard_map
# idea: collects the gradients of all devices and averages them outside
# misconception: values of the devices that are combined outside
from functools import partial

import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


@jax.jit
def parallel_update(params, xs, ys, step_size):
    @partial(
        jax.shard_map,
        mesh=device_mesh(),
        in_specs=(P(), P("data"), P("data")),
        out_specs=P("data"),
        check_vma=False,
    )
    def gradients(params, xs, ys):
        def loss(p):
            return jnp.mean((xs @ p[0] + p[1] - ys) ** 2)

        return jax.tree.map(lambda g: g[None], jax.grad(loss)(params))

    grads = gradients(params, xs, ys)
    return jax.tree.map(lambda p, g: p - step_size * g.mean(axis=0), params, grads)


# %% parallel_update
# caught by: works under jit, vmap and grad
# idea: NumPy does the last line
# misconception: NumPy inside a function that JAX traces
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import PartitionSpec as P


def parallel_update(params, xs, ys, step_size):
    @partial(jax.shard_map, mesh=device_mesh(), in_specs=(P(), P("data"), P("data")), out_specs=P())
    def gradients(params, xs, ys):
        def loss(p):
            return jax.lax.pmean(jnp.mean((xs @ p[0] + p[1] - ys) ** 2), "data")

        return jax.grad(loss)(params)

    grads = jax.jit(gradients)(params, xs, ys)
    return tuple(jnp.asarray(np.asarray(p) - step_size * g) for p, g in zip(params, grads))


# %% device_mesh
# caught by: is as long as there are devices
# idea: every machine has eight devices
import jax
from jax.sharding import Mesh


def device_mesh():
    return Mesh(jax.devices()[:8], ("data",))


# %% device_mesh
# caught by: is as long as there are devices
# idea: eight, since the chapter says so
import jax
from jax.sharding import AxisType


def device_mesh():
    return jax.make_mesh((8,), ("data",), axis_types=(AxisType.Auto,))


# %% shard_rows
# caught by: goes by the number of devices that there are
# idea: every machine has eight devices
import jax
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P


def shard_rows(x):
    if len(x) % 8:
        raise ValueError(f"{len(x)} rows do not divide over 8 devices")
    return jax.device_put(x, NamedSharding(device_mesh(), P("data")))


# %% shard_rows
# caught by: refuses rows that the devices do not divide
# idea: rows that are left over are padded with zeros
import jax
import jax.numpy as jnp
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P


def shard_rows(x):
    mesh = device_mesh()
    x = jnp.pad(x, ((0, -x.shape[0] % mesh.size), (0, 0)))
    return jax.device_put(x, NamedSharding(mesh, P("data")))


# %% shard_rows
# caught by: puts an equal block of rows on every device
# idea: rows may be dealt out like cards
import jax
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P


def shard_rows(x):
    mesh = device_mesh()
    n = mesh.size
    if len(x) % n:
        raise ValueError(f"{len(x)} rows, {n} devices")
    x = x.reshape(-1, n, *x.shape[1:]).swapaxes(0, 1).reshape(x.shape)
    return jax.device_put(x, NamedSharding(mesh, P("data")))


# %% parallel_sum_of_squares
# caught by: gives the same sum on another number of devices
# idea: the mean times eight
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


def parallel_sum_of_squares(x):
    def total(block):
        return 8 * jax.lax.pmean(jnp.sum(block**2), "data")

    return jax.shard_map(total, mesh=device_mesh(), in_specs=P("data"), out_specs=P())(x)


# %% parallel_sum_of_squares
# caught by: gives the sum of the squares
# idea: the largest part stands for all
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


def parallel_sum_of_squares(x):
    def total(block):
        return jax.lax.pmax(jnp.sum(block**2), "data")

    return jax.shard_map(total, mesh=device_mesh(), in_specs=P("data"), out_specs=P())(x)


# %% parallel_sum_of_squares
# caught by: gives the sum of the squares
# idea: sums the columns only
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


def parallel_sum_of_squares(x):
    def total(block):
        return jax.lax.psum(jnp.sum(block**2, axis=0), "data")

    return jax.shard_map(total, mesh=device_mesh(), in_specs=P("data"), out_specs=P())(x)


# %% parallel_update
# caught by: takes the step of a single device
# idea: the slope of a square is its root
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


def parallel_update(params, xs, ys, step_size):
    def gradients(params, xs, ys):
        def loss(params):
            w, b = params
            return 0.5 * jnp.mean((xs @ w + b - ys) ** 2)

        return jax.lax.pmean(jax.grad(loss)(params), "data")

    mapped = jax.shard_map(
        gradients,
        mesh=device_mesh(),
        in_specs=(P(), P("data"), P("data")),
        out_specs=P(),
        check_vma=False,
    )
    return jax.tree.map(lambda p, g: p - step_size * g, params, mapped(params, xs, ys))


# %% parallel_update
# caught by: takes the same step on another number of devices
# idea: eight, since the chapter says so
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


def parallel_update(params, xs, ys, step_size):
    def gradients(params, xs, ys):
        def loss(params):
            w, b = params
            return jnp.mean((xs @ w + b - ys) ** 2)

        return jax.tree.map(lambda g: g / 8, jax.lax.psum(jax.grad(loss)(params), "data"))

    mapped = jax.shard_map(
        gradients,
        mesh=device_mesh(),
        in_specs=(P(), P("data"), P("data")),
        out_specs=P(),
        check_vma=False,
    )
    return jax.tree.map(lambda p, g: p - step_size * g, params, mapped(params, xs, ys))


# %% parallel_update
# caught by: takes the step of a single device
# idea: donation is free
_right = parallel_update
import functools

import jax

parallel_update = jax.jit(_right, donate_argnums=0)


# %% parallel_update
# caught by: takes the step of a single device
# idea: targets are a column
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


def parallel_update(params, xs, ys, step_size):
    def gradients(params, xs, ys):
        def loss(params):
            w, b = params
            return jnp.mean((xs @ w + b - ys[:, None]) ** 2)

        return jax.lax.pmean(jax.grad(loss)(params), "data")

    mapped = jax.shard_map(
        gradients,
        mesh=device_mesh(),
        in_specs=(P(), P("data"), P("data")),
        out_specs=P(),
        check_vma=False,
    )
    return jax.tree.map(lambda p, g: p - step_size * g, params, mapped(params, xs, ys))


# %% shard_rows
# caught by: puts an equal block of rows on every device
# idea: splits the columns where it can
import jax
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P


def shard_rows(x):
    devices = len(jax.devices())
    if x.shape[0] % devices:
        raise ValueError(f"{x.shape[0]} rows cannot be split over {devices} devices")
    spec = P(None, "data") if x.shape[1] % devices == 0 else P("data")
    return jax.device_put(x, NamedSharding(device_mesh(), spec))


# %% shard_rows
# caught by: puts an equal block of rows on every device
# idea: arrays hold floats
# misconception: floats where whole numbers are asked for
import jax
import jax.numpy as jnp


def shard_rows(x):
    mesh = device_mesh()
    if x.shape[0] % mesh.size:
        raise ValueError(f"{x.shape[0]} rows for {mesh.size} devices")
    return jax.device_put(jnp.asarray(x, jnp.float32), NamedSharding(mesh, P("data")))


# %% parallel_sum_of_squares
# caught by: adds with a psum inside shard_map
# idea: every device adds up all rows, and the sum of equal sums is divided again
import jax
import jax.numpy as jnp


def parallel_sum_of_squares(x):
    @partial(jax.shard_map, mesh=device_mesh(), in_specs=P(), out_specs=P())
    def total(x):
        return jax.lax.psum(jnp.sum(x**2), "data")

    return total(x) / jax.device_count()


# %% parallel_update
# caught by: averages across the devices inside shard_map
# idea: every device computes the gradient on all rows; the mean of equal gradients is right
import jax
import jax.numpy as jnp


@jax.jit
def parallel_update(params, xs, ys, step_size):
    @partial(jax.shard_map, mesh=device_mesh(), in_specs=P(), out_specs=P(), check_vma=False)
    def gradients(params, xs, ys):
        def loss(params):
            return jnp.mean((xs @ params[0] + params[1] - ys) ** 2)

        return jax.lax.pmean(jax.grad(loss)(params), "data")

    return jax.tree.map(lambda p, g: p - step_size * g, params, gradients(params, xs, ys))


# %% parallel_sum_of_squares
# caught by: gives the sum of the squares
# idea: two rows of every device count
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


def parallel_sum_of_squares(x):
    def part(rows):
        return jax.lax.psum(jnp.sum(rows[:2] ** 2), "data")

    return jax.shard_map(part, mesh=device_mesh(), in_specs=P("data"), out_specs=P())(x)
