"""A function under JAX's transformations and their compositions, as one table.

Each row is what one transformation gives, for the same arguments. In a worker the whole table is one
program; where that fails, the rows are tried one by one.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

Function = Callable[..., Any]
_STEP = 2.0**-7  # of the central difference, relative to arguments of about 1
_NUMERICAL = 0.03  # relative error of such a difference in float32


def table(f: Function, rows: tuple[str, ...], args: tuple[Any, ...]) -> dict[str, Any]:
    """`{row: value}` of `f` at the arguments `args`, pytrees of arrays."""
    tried = Tried(f, args)
    return {row: ROWS[row](tried) for row in rows}


class Tried:
    """`f` at `args`, with what several rows need."""

    def __init__(self, f: Function, args: tuple[Any, ...]) -> None:
        self.f = f
        self.args = args

    @functools.cached_property
    def slopes(self) -> Function:
        """The gradient, in all float arguments, of a sum of f's float results with unequal weights."""
        return _slopes(self.f)

    @functools.cached_property
    def examples(self) -> Any:
        """Four examples along a new first axis: the arguments; floats halved; moved a step up, and down."""

        def stacked(x: Any) -> Any:
            if not _is_float(x):
                return jnp.stack([x] * 4)
            step = lax.full_like(x, _STEP)
            return jnp.stack(
                [x, lax.mul(x, lax.full_like(x, 0.5)), lax.add(x, step), lax.sub(x, step)]
            )

        return jax.tree.map(stacked, self.args)

    @functools.cached_property
    def mapped(self) -> Any:
        """The values of `f` at the examples."""
        return jax.vmap(self.f)(*self.examples)

    @functools.cached_property
    def mapped_slopes(self) -> Any:
        """The gradients at the examples."""
        return jax.vmap(self.slopes)(*self.examples)


def _is_float(x: Any) -> bool:
    return bool(jnp.issubdtype(jnp.result_type(x), jnp.floating))


def _slopes(f: Function) -> Function:
    """The gradient, in all float arguments, of a sum of f's float results with unequal weights."""

    def slopes(*args: Any) -> Any:
        leaves, structure = jax.tree.flatten(args)
        places = [index for index, leaf in enumerate(leaves) if _is_float(leaf)]

        def total(floats: list[Any]) -> jax.Array:
            filled = list(leaves)
            for place, leaf in zip(places, floats, strict=True):
                filled[place] = leaf
            return _weighted(f(*jax.tree.unflatten(structure, filled)))

        return jax.grad(total)([leaves[place] for place in places])

    return slopes


def _weighted(value: Any) -> jax.Array:
    totals = [_dot(leaf) for leaf in jax.tree.leaves(value) if _is_float(leaf)]
    return functools.reduce(operator.add, totals) if totals else jnp.zeros((), jnp.float32)


def _dot(leaf: Any) -> jax.Array:
    """The sum of a float array's entries with the weights 1, 2, 3, 1, 2, 3, ..."""
    x = jnp.asarray(leaf)
    flat = lax.reshape(x, (x.size,))
    total = lax.dot(flat, (1 + np.arange(x.size) % 3).astype(x.dtype))
    return lax.convert_element_type(total, jnp.promote_types(x.dtype, jnp.float32))


def _scanned(tried: Tried) -> Any:
    f = tried.f
    return jax.lax.scan(lambda carry, row: (carry, f(*row)), None, tried.examples)[1]


def _numerical(tried: Tried) -> jax.Array:
    """Whether the gradient is the slope that two nearby values show, along one direction."""
    totals = jax.vmap(_weighted)(tried.mapped)
    up, down = (lax.index_in_dim(totals, index, keepdims=False) for index in (2, 3))
    difference = (up - down) / (2 * _STEP)
    first = [lax.index_in_dim(g, 0, keepdims=False) for g in jax.tree.leaves(tried.mapped_slopes)]
    slope = sum(map(jnp.sum, first))
    return jnp.abs(difference - slope) <= _NUMERICAL * (1 + jnp.abs(slope))


ROWS: dict[str, Callable[[Tried], Any]] = {
    "jit": lambda tried: jax.jit(tried.f)(*tried.args),
    "vmap": lambda tried: tried.mapped,
    "jit(vmap)": lambda tried: jax.jit(jax.vmap(tried.f))(*tried.examples),
    "scan": _scanned,
    "grad": lambda tried: tried.slopes(*tried.args),
    "jit(grad)": lambda tried: jax.jit(tried.slopes)(*tried.args),
    "vmap(grad)": lambda tried: tried.mapped_slopes,
    "numerical gradient": _numerical,
}
