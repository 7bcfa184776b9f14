"""The arguments of a call: put on the device before it, and looked at after it; and tracers it has left."""

from __future__ import annotations

import collections
import types
from typing import Any

import jax
import numpy as np

_MAX_ITEMS = 1000
_LEAK_DEPTH = 3


def on_device(tree: Any) -> Any:
    """`tree` with its NumPy arrays and scalars as `jax.Array`; all else as it is."""
    return jax.tree.map(lambda x: jax.device_put(x) if _is_numpy(x) else x, tree)


def changed_arguments(given: Any, args: Any) -> str:
    """What a call did to its arguments, in words; "" when they are as they were."""
    if jax.tree.structure(given) != jax.tree.structure(args):
        return "a list, tuple or dictionary among the arguments has other entries than before"
    for before, after in zip(jax.tree.leaves(given), jax.tree.leaves(args), strict=True):
        if not _is_numpy(before):
            if before is not after and type(before) in (bool, int, float) and before != after:
                return "a number among the arguments was replaced"
        elif not isinstance(after, jax.Array):
            return "an array among the arguments was replaced"
        elif after.is_deleted():
            return "an array among the arguments was given away (donated or deleted)"
        elif not np.array_equal(
            np.asarray(after), _as_seen(before, after), equal_nan=_floats(after)
        ):
            return "the values of an array among the arguments are not what they were"
    return ""


def names_of_tracers(names: dict[str, Any]) -> set[str]:
    """Those of `names` behind which a traced value lies, which its trace has left there."""
    return {
        name
        for name, value in names.items()
        if not name.startswith("__") and _holds_tracer(value, _LEAK_DEPTH)
    }


def _holds_tracer(value: Any, depth: int) -> bool:
    if isinstance(value, jax.core.Tracer):
        return True
    if not depth:
        return False
    inner: list[Any] = []
    if type(value) in (list, tuple, set, collections.deque):
        inner = list(value)
    elif type(value) in (dict, collections.defaultdict, types.FunctionType):
        inner = list((value if isinstance(value, dict) else vars(value)).values())
    return any(_holds_tracer(item, depth - 1) for item in inner[:_MAX_ITEMS])


def _as_seen(before: Any, after: jax.Array) -> Any:
    return np.asarray(before).astype(after.dtype)


def _floats(x: Any) -> bool:
    return bool(np.issubdtype(x.dtype, np.inexact))


def _is_numpy(x: Any) -> bool:
    return isinstance(x, (np.ndarray, np.generic))
