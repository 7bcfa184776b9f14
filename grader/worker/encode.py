"""The worker's half of the wire: a value that a probe returned, described in plain msgpack.

`wire.decode` is its inverse. Objects are described, never pickled; what cannot be described becomes
`opaque`, and the grader tells the learner what came back instead of an array.
"""

from __future__ import annotations

import sys
from typing import Any

import jax
import numpy as np

from grader.worker import wire


def encode(value: Any) -> list[Any]:
    """`value` (a pytree of arrays, numbers, text, shapes) as tagged lists for msgpack."""
    if value is None or type(value) in (bool, float):
        return ["plain", value]
    if type(value) is int:
        return ["plain", value] if -(2**63) <= value < 2**63 else _integer(value)
    if type(value) is complex:
        return ["complex", value.real, value.imag]
    if type(value) is str:
        return ["str", value[: wire.MAX_TEXT]]
    if isinstance(value, jax.core.Tracer):
        return _opaque("tracer", value)
    if isinstance(value, (jax.Array, np.ndarray, np.generic)):
        return _array(value)
    if isinstance(value, jax.ShapeDtypeStruct):
        return ["spec", list(value.shape), str(value.dtype)]
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return _tensor(value)
    return _container(value)


def _container(value: Any) -> list[Any]:
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        names = [str(f) for f in value._fields]
        return ["record", type(value).__name__, names, [encode(item) for item in value]]
    if type(value) is list or type(value) is tuple:
        return [type(value).__name__, [encode(item) for item in value]]
    if isinstance(value, dict) and all(type(key) in (str, int) for key in value):
        return ["dict", [[key, encode(item)] for key, item in value.items()]]
    return _opaque("function" if callable(value) else "object", value)


def _integer(value: int) -> list[Any]:
    return ["int", str(value)] if value.bit_length() < 1200 else _opaque("object", value)


def _array(value: Any) -> list[Any]:
    library = "jax" if isinstance(value, jax.Array) else "numpy"
    if library == "jax":
        if value.is_deleted():
            return ["opaque", "deleted array", "jax.Array", "its buffer was donated or deleted"]
        if jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key):
            library, value = "jax key", jax.random.key_data(value)
    array = np.asarray(value)
    if array.dtype.name not in wire.DTYPES:
        return ["opaque", "array", f"{library} array of dtype {array.dtype}", str(array)[:200]]
    return ["array", library, array.dtype.name, list(array.shape), array.tobytes()]


def _tensor(value: Any) -> list[Any]:
    plain = value.detach().cpu()
    dtype = str(plain.dtype).removeprefix("torch.")
    if dtype == "bfloat16":
        torch = sys.modules["torch"]
        data = plain.contiguous().view(torch.uint16).numpy().tobytes()
    else:
        data = plain.numpy().tobytes()
    return ["array", "torch", dtype, list(plain.shape), data]


def _opaque(kind: str, value: Any) -> list[Any]:
    name = f"{type(value).__module__}.{type(value).__qualname__}"
    try:
        text = str(value) if kind == "tracer" else repr(value)
    except BaseException as error:  # a stranger's __repr__ may do anything
        text = f"<no text: {type(error).__name__}>"
    return ["opaque", kind, name[:200], text[:200]]
