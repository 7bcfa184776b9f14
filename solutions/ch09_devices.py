"""Chapter 9, solved: several devices."""

from functools import partial

import jax
import jax.numpy as jnp
from jax.sharding import AxisType, NamedSharding
from jax.sharding import PartitionSpec as P


def device_mesh():
    """A 1-D mesh over every visible device, with one Auto axis called "data"."""
    return jax.make_mesh((jax.device_count(),), ("data",), axis_types=(AxisType.Auto,))


def shard_rows(x):
    """Place the rows of `x` on the devices of the mesh, in equal blocks."""
    mesh = device_mesh()
    rows = x.shape[0]  # a plain number, also when x is traced
    if rows % mesh.size:
        raise ValueError(f"{rows} rows do not divide evenly over {mesh.size} devices")
    # P("data") names the first axis of x only; the others stay whole.
    return jax.device_put(x, NamedSharding(mesh, P("data")))


@jax.jit
def parallel_sum_of_squares(x):
    """Sum of squares: each device sums its own rows, then one psum adds the parts."""

    # P("data") hands every device its block of rows; P() promises one result, the same everywhere.
    @partial(jax.shard_map, mesh=device_mesh(), in_specs=P("data"), out_specs=P())
    def total(block):
        return jax.lax.psum(jnp.sum(block**2), "data")

    return total(x)


@jax.jit
def parallel_update(params, xs, ys, step_size):
    """One gradient step; each device differentiates on its rows, pmean averages the gradients."""

    def local_loss(params, xs, ys):
        w, b = params
        return jnp.mean((xs @ w + b - ys) ** 2)

    @partial(jax.shard_map, mesh=device_mesh(), in_specs=(P(), P("data"), P("data")), out_specs=P())
    def averaged_gradients(params, xs, ys):
        # Differentiating in replicated parameters would already sum over the devices (check_vma).
        # Marked as varying, every device has a copy of its own, hence a gradient of its own.
        own = jax.lax.pcast(params, "data", to="varying")
        return jax.lax.pmean(jax.grad(local_loss)(own, xs, ys), "data")

    gradients = averaged_gradients(params, xs, ys)
    return jax.tree.map(lambda p, g: p - step_size * g, params, gradients)
