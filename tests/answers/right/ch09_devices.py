# %% device_mesh
# style: the class Mesh, whose axes are Auto by default
import jax
import numpy as np


def device_mesh():
    return jax.sharding.Mesh(np.array(jax.devices()), ("data",))


# %% device_mesh
# style: the function is a partial
from functools import partial

import jax

device_mesh = partial(
    jax.make_mesh,
    (len(jax.devices()),),
    ("data",),
    axis_types=(jax.sharding.AxisType.Auto,),
)


# %% device_mesh
# style: the old helper of 2023 and a cache
from functools import cache

import jax
from jax.experimental import mesh_utils


@cache
def device_mesh():
    devices = mesh_utils.create_device_mesh((jax.device_count(),))
    return jax.sharding.Mesh(devices, axis_names="data")


# %% shard_rows
# style: leaves the refusal to JAX, whose message names both numbers
import jax
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P


def shard_rows(x):
    return jax.device_put(x, NamedSharding(device_mesh(), P("data", None)))


# %% shard_rows
# style: a sharding constraint, and a mesh of its own
import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P


def shard_rows(x):
    devices = np.array(jax.devices())
    if len(x) % len(devices) != 0:
        raise ValueError("{} devices, {} rows".format(len(devices), len(x)))
    sharding = NamedSharding(Mesh(devices, ("data",)), P(("data",)))
    return jax.lax.with_sharding_constraint(x, sharding)


# %% shard_rows
# style: a compiled identity with out_shardings
import jax
from jax.sharding import NamedSharding
from jax.sharding import PartitionSpec as P


def shard_rows(x):
    rows, devices = x.shape[0], jax.device_count()
    if rows % devices:
        raise ValueError(f"cannot split {rows} rows over {devices} devices")
    return jax.jit(lambda y: y, out_shardings=NamedSharding(device_mesh(), P("data")))(x)


# %% shard_rows
# style: the identity as a shard_map
import jax
from jax.sharding import PartitionSpec as P


def shard_rows(x):
    n = jax.device_count()
    if x.shape[0] % n:
        raise ValueError(f"x has {x.shape[0]} rows, not a multiple of {n}")
    spec = P("data")
    return jax.shard_map(lambda y: y, mesh=device_mesh(), in_specs=spec, out_specs=spec)(x)


# %% parallel_sum_of_squares
# style: without jit, tracking switched off, a dot product of the block with itself
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


def parallel_sum_of_squares(x):
    def total(block):
        return jax.lax.psum(jnp.vdot(block, block), axis_name="data")

    return jax.shard_map(
        total, mesh=device_mesh(), in_specs=(P("data", None),), out_specs=P(), check_vma=False
    )(x)


# %% parallel_sum_of_squares
# style: the psum comes first, over a whole block; the sum after it
import jax
from jax.sharding import PartitionSpec as P


@jax.jit
def parallel_sum_of_squares(x):
    added = jax.shard_map(
        lambda block: jax.lax.psum(block * block, "data"),
        mesh=device_mesh(),
        in_specs=P("data"),
        out_specs=P(),
    )(x)
    return added.sum()


# %% parallel_sum_of_squares
# style: shards its argument once more before it maps
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


def parallel_sum_of_squares(x):
    x = shard_rows(x)

    def part(block):
        return jax.lax.psum(jnp.linalg.norm(block, axis=1) ** 2, "data").sum()

    return jax.shard_map(part, mesh=device_mesh(), in_specs=P("data"), out_specs=P())(x)


# %% parallel_update
# style: tracking switched off, eager, the whole step inside the map
from functools import partial

import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


def parallel_update(params, xs, ys, step_size):
    @partial(
        jax.shard_map,
        mesh=device_mesh(),
        in_specs=(P(), P("data"), P("data")),
        out_specs=P(),
        check_vma=False,
    )
    def step(params, xs, ys):
        def loss(params):
            return jnp.mean((xs @ params[0] + params[1] - ys) ** 2)

        grads = jax.lax.pmean(jax.grad(loss)(params), "data")
        return jax.tree.map(lambda p, g: p - step_size * g, params, grads)

    return step(params, xs, ys)


# %% parallel_update
# style: the gradient of the averaged loss
from functools import partial

import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


@jax.jit
def parallel_update(params, xs, ys, step_size):
    def mean_loss(params, xs, ys):
        w, b = params
        return jax.lax.pmean(jnp.mean((xs @ w + b - ys) ** 2), "data")

    @partial(jax.shard_map, mesh=device_mesh(), in_specs=(P(), P("data"), P("data")), out_specs=P())
    def gradients(params, xs, ys):
        return jax.grad(mean_loss)(params, xs, ys)

    (w, b), (dw, db) = params, gradients(params, xs, ys)
    return w - step_size * dw, b - step_size * db


# %% parallel_update
# style: divides the sum that check_vma puts in; a pmean that changes nothing; step_size passed
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


def _step(params, xs, ys, step_size):
    def loss(params):
        w, b = params
        return jnp.mean(jnp.square(jnp.dot(xs, w) + b - ys))

    grads = jax.tree.map(lambda g: g / jax.lax.axis_size("data"), jax.grad(loss)(params))
    grads = jax.lax.pmean(grads, "data")
    return tuple(p - step_size * g for p, g in zip(params, grads))


@jax.jit
def parallel_update(params, xs, ys, step_size):
    specs = ((P(), P()), P("data", None), P("data"), P())
    mapped = jax.shard_map(_step, mesh=device_mesh(), in_specs=specs, out_specs=(P(), P()))
    return mapped(params, xs, ys, step_size)


# %% parallel_update
# style: the gradient in closed form
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


def parallel_update(params, xs, ys, step_size):
    w, b = params

    def averaged(w, b, xs, ys):
        residuals = jnp.einsum("nd,d->n", xs, w) + b - ys
        dw = 2 * jnp.einsum("n,nd->d", residuals, xs) / len(ys)
        db = 2 * residuals.mean()
        return jax.lax.pmean(dw, "data"), jax.lax.pmean(db, "data")

    dw, db = jax.shard_map(
        averaged,
        mesh=device_mesh(),
        in_specs=(P(), P(), P("data"), P("data")),
        out_specs=(P(), P()),
    )(w, b, xs, ys)
    return (w - step_size * dw, b - step_size * db)


# %% parallel_update
# style: every device takes its own step, and the new parameters are averaged
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


@jax.jit
def parallel_update(params, xs, ys, step_size):
    def step(params, xs, ys):
        own = jax.lax.pcast(params, "data", to="varying")

        def loss(p):
            return jnp.mean((xs @ p[0] + p[1] - ys) ** 2)

        moved = jax.tree.map(lambda p, g: p - step_size * g, own, jax.grad(loss)(own))
        return jax.lax.pmean(moved, "data")

    specs = (P(), P("data"), P("data"))
    return jax.shard_map(step, mesh=device_mesh(), in_specs=specs, out_specs=P())(params, xs, ys)


# %% device_mesh
# style: a mesh of the local devices, its axis type spelt out
import jax
from jax.sharding import AxisType, Mesh


def device_mesh():
    return Mesh(jax.local_devices(), "data", axis_types=(AxisType.Auto,))


# %% device_mesh
# style: a reversed array of devices
import jax
import numpy as np
from jax.sharding import Mesh


def device_mesh():
    return Mesh(np.array(jax.devices()[::-1]), ("data",))


# %% shard_rows
# style: every axis named, the message in words
import jax
from jax.sharding import NamedSharding, PartitionSpec


def shard_rows(x):
    rows, columns = x.shape
    n = jax.device_count()
    if divmod(rows, n)[1] != 0:
        raise ValueError(f"Cannot split {rows} rows over {n} devices: {rows % n} are left over.")
    return jax.device_put(x, NamedSharding(device_mesh(), PartitionSpec("data", None)))


# %% parallel_sum_of_squares
# style: einsum on a block, no jit
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


def parallel_sum_of_squares(x):
    def total(block):
        return jax.lax.psum(jnp.einsum("ij,ij->", block, block), "data")

    return jax.shard_map(total, mesh=device_mesh(), in_specs=(P("data"),), out_specs=P())(x)


# %% parallel_sum_of_squares
# style: a mean over the devices, times their number
import jax
from jax.sharding import PartitionSpec as P


def parallel_sum_of_squares(x):
    def total(block):
        return jax.lax.pmean((block * block).sum(), "data") * jax.lax.axis_size("data")

    return jax.shard_map(total, mesh=device_mesh(), in_specs=P("data", None), out_specs=P())(x)


# %% parallel_update
# style: psum of sums, divided by the whole batch
import jax
from jax.sharding import PartitionSpec as P


def parallel_update(params, xs, ys, step_size):
    n = len(ys)

    def gradients(params, xs, ys):
        def loss(params):
            w, b = params
            return ((xs @ w + b - ys) ** 2).sum() / n

        return jax.lax.psum(jax.grad(loss)(params), "data")

    mapped = jax.shard_map(
        gradients,
        mesh=device_mesh(),
        in_specs=(P(), P("data"), P("data")),
        out_specs=P(),
        check_vma=False,
    )
    dw, db = mapped(params, xs, ys)
    w, b = params
    return w - step_size * dw, b - step_size * db


# %% parallel_update
# style: value_and_grad of the averaged loss; parameters split inside
import jax
import jax.numpy as jnp
from jax.sharding import PartitionSpec as P


def parallel_update(params, xs, ys, step_size):
    def loss(w, b, xs, ys):
        return jax.lax.pmean(jnp.square(jnp.dot(xs, w) + b - ys).mean(), "data")

    def step(w, b, xs, ys):
        _, (dw, db) = jax.value_and_grad(loss, argnums=(0, 1))(w, b, xs, ys)
        return w - step_size * dw, b - step_size * db

    specs = (P(), P(), P("data"), P("data"))
    return jax.shard_map(step, mesh=device_mesh(), in_specs=specs, out_specs=P())(*params, xs, ys)


# %% parallel_sum_of_squares
# style: every device gets all rows and takes its own by its number
import jax
import jax.numpy as jnp


def parallel_sum_of_squares(x):
    rows = x.shape[0] // jax.device_count()

    def total(x):
        start = jax.lax.axis_index("data") * rows
        own = jax.lax.dynamic_slice_in_dim(x, start, rows)
        return jax.lax.psum(jnp.sum(own**2), "data")

    return jax.shard_map(total, mesh=device_mesh(), in_specs=P(), out_specs=P())(x)
