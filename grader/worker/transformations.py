"""A function under JAX's transformations and their compositions, as one table.

Each row is what one transformation gives, for the same arguments. In a worker the whole table is one
program; where that fails, the rows are tried one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

Function = Callable[..., Any]
_STEP = 2.0**-7  # of the central difference, relative to arguments of about 1
_NUMERICAL = 0.03  # relative error of such a difference in float32


def table(f: Function, rows: tuple[str, ...], args: tuple[Any, ...]) -> dict[str, Any]:
    """`{row: value}` of `f` at the arguments `args`, pytrees of arrays."""
    return {row: ROWS[row](f, args) for row in rows}


def _examples(args: tuple[Any, ...]) -> Any:
    """Four examples along a new first axis: the arguments; floats halved; moved a step up, and down."""

    def stacked(x: Any) -> Any:
        return jnp.stack([x, x / 2, x + _STEP, x - _STEP] if _is_float(x) else [x] * 4)

    return jax.tree.map(stacked, args)


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
    total = jnp.zeros((), jnp.float32)
    for leaf in jax.tree.leaves(value):
        if _is_float(leaf):
            flat = jnp.ravel(leaf)
            total += jnp.dot(flat, 1 + jnp.arange(flat.size, dtype=flat.dtype) % 3)
    return total


def _scanned(f: Function, args: tuple[Any, ...]) -> Any:
    return jax.lax.scan(lambda carry, row: (carry, f(*row)), None, _examples(args))[1]


def _numerical(f: Function, args: tuple[Any, ...]) -> jax.Array:
    """Whether the gradient is the slope that two nearby values show, along one direction.

    It is written with what the other rows compute, so that one program computes it once.
    """
    examples = _examples(args)
    totals = jax.vmap(_weighted)(jax.vmap(f)(*examples))
    difference = (totals[2] - totals[3]) / (2 * _STEP)
    slope = sum(jnp.sum(g[0]) for g in jax.tree.leaves(jax.vmap(_slopes(f))(*examples)))
    return jnp.abs(difference - slope) <= _NUMERICAL * (1 + jnp.abs(slope))


ROWS: dict[str, Callable[[Function, tuple[Any, ...]], Any]] = {
    "jit": lambda f, args: jax.jit(f)(*args),
    "vmap": lambda f, args: jax.vmap(f)(*_examples(args)),
    "jit(vmap)": lambda f, args: jax.jit(jax.vmap(f))(*_examples(args)),
    "scan": _scanned,
    "grad": lambda f, args: _slopes(f)(*args),
    "jit(grad)": lambda f, args: jax.jit(_slopes(f))(*args),
    "vmap(grad)": lambda f, args: jax.vmap(_slopes(f))(*_examples(args)),
    "numerical gradient": _numerical,
}
