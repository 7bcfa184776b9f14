"""The worker's half of the wire: a value that a probe returned, described in plain msgpack.

`decode.decode` is its inverse. Objects are described, never pickled; what cannot be described becomes
`opaque`, and the grader tells the learner what came back instead of an array. A value is asked for
nothing by way of methods that its own class may have replaced.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterable
from typing import Any

import jax
import numpy as np

from grader.worker import wire

_INT64 = range(-(2**63), 2**63)
_name_of = type.__dict__["__name__"].__get__  # also where a metaclass has another idea


def encode(value: Any) -> dict[str, Any]:
    """`value` (a pytree of arrays, numbers, text, shapes) as tagged lists, and the bytes of its arrays.

    Raises:
        wire.WireError: it has too many nodes, or is nested too deep (or holds itself).
    """
    encoder = _Encoder()
    return {"value": encoder.value(value, 0), "buffers": encoder.buffers}


class _Encoder:
    def __init__(self) -> None:
        self.buffers: list[memoryview] = []
        self._nodes = 0
        self._room = wire.MAX_ARRAYS

    def value(self, value: Any, depth: int) -> list[Any]:
        self._nodes += 1
        if self._nodes > wire.MAX_NODES:
            raise wire.WireError(f"a value of more than {wire.MAX_NODES:,} nodes")
        if depth > wire.MAX_DEPTH:
            raise wire.WireError(f"a value nested deeper than {wire.MAX_DEPTH}")
        if value is None or type(value) in (bool, float):
            return ["plain", value]
        if type(value) is int:
            return ["plain", value] if value in _INT64 else _integer(value)
        if type(value) is complex:
            return ["complex", value.real, value.imag]
        if type(value) is str:
            return ["str", value[: wire.MAX_TEXT]]
        if _is(value, jax.core.Tracer):
            return _opaque("tracer", value)
        if _is(value, jax.Array, np.ndarray, np.generic):
            return self._array(value)
        if _is(value, jax.ShapeDtypeStruct):
            return _spec(value)
        torch = sys.modules.get("torch")
        if torch is not None and _is(value, torch.Tensor):
            return self._tensor(value)
        return self._container(value, depth)

    def _container(self, value: Any, depth: int) -> list[Any]:
        if _is(value, tuple) and hasattr(type(value), "_fields"):
            items = self._values(tuple.__iter__(value), depth)
            fields = itertools.islice(type(value)._fields, len(items))
            return ["record", class_name(type(value)), [plain_text(f) for f in fields], items]
        if type(value) is list or type(value) is tuple:
            return [type(value).__name__, self._values(value, depth)]
        if _is(value, dict) and all(map(_is_key, dict.keys(value))):
            items = self._values(dict.values(value), depth)
            return ["dict", [list(pair) for pair in zip(dict.keys(value), items, strict=True)]]
        return _opaque("function" if callable(value) else "object", value)

    def _values(self, items: Iterable[Any], depth: int) -> list[Any]:
        return [self.value(item, depth + 1) for item in items]

    def _array(self, value: Any) -> list[Any]:
        library = "jax" if _is(value, jax.Array) else "numpy"
        if library == "jax":
            if value.is_deleted():
                return ["opaque", "deleted array", "jax.Array", "its buffer was donated or deleted"]
            if jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key):
                library, value = "jax key", jax.random.key_data(value)
        array = np.asarray(value)
        if array.dtype.name not in wire.DTYPES or array.ndim > wire.MAX_AXES:
            name = f"{library} array of dtype {array.dtype}"
            return ["opaque", "array", name[: wire.MAX_NAME], text_of(lambda: str(array))]
        return self._sent(library, array.dtype.name, array.shape, array.nbytes, lambda: array)

    def _tensor(self, value: Any) -> list[Any]:
        torch = sys.modules["torch"]
        dtype = str(value.dtype).removeprefix("torch.")
        if dtype not in wire.DTYPES or value.layout is not torch.strided:
            return _opaque("array", value)
        size = value.numel() * value.element_size()

        def array() -> np.ndarray:
            plain = value.detach().cpu().resolve_conj().resolve_neg().contiguous()
            if dtype == "bfloat16":
                plain = plain.view(torch.uint16)
            values: np.ndarray = plain.numpy()
            return values.view(wire.DTYPES[dtype])

        return self._sent("torch", dtype, tuple(value.shape), size, array)

    def _sent(
        self,
        library: str,
        dtype: str,
        shape: tuple[int, ...],
        size: int,
        array: Callable[[], np.ndarray],
    ) -> list[Any]:
        """An array whose `size` bytes travel behind the head, where there is room for them."""
        if size > self._room:
            name = f"{library} {dtype}[{','.join(map(str, shape))}]"
            text = f"{size:,} bytes; a value may have {wire.MAX_ARRAYS:,} in all"
            return ["opaque", wire.TOO_LARGE, name[: wire.MAX_NAME], text]
        self._room -= size
        plain = np.asarray(
            array(), wire.DTYPES[dtype], order="C"
        )  # and in this machine's byte order
        self.buffers.append(plain.reshape(-1).view(np.uint8).data)
        return ["array", library, dtype, list(shape), len(self.buffers) - 1]


def _is(value: Any, *classes: type) -> bool:
    """Whether `value` is of one of `classes`, whatever its `__class__` says."""
    return issubclass(type(value), classes)


def _is_key(key: Any) -> bool:
    return (type(key) is int and key in _INT64) or (type(key) is str and len(key) <= wire.MAX_TEXT)


def _integer(value: int) -> list[Any]:
    return ["int", str(value)] if value.bit_length() < 1200 else _opaque("object", value)


def _spec(value: Any) -> list[Any]:
    shape = list(value.shape)
    if any(type(size) is not int for size in shape):  # of a program for every size
        return _opaque("object", value)
    return ["spec", shape, text_of(lambda: str(value.dtype))]


def _opaque(kind: str, value: Any) -> list[Any]:
    text = text_of(lambda: str(value) if kind == "tracer" else repr(value))
    cls = type(value)
    return ["opaque", kind, text_of(lambda: f"{cls.__module__}.{cls.__qualname__}"), text]


def class_name(cls: type) -> str:
    """The name of a class, without its module."""
    return plain_text(_name_of(cls))


def text_of(say: Callable[[], Any], limit: int = wire.MAX_NAME) -> str:
    """What a stranger's code says; it may do anything, such as raise or give no text."""
    try:
        return plain_text(say(), limit)
    except BaseException as error:
        return plain_text(f"<no text: {_name_of(type(error))}>", limit)


def plain_text(value: Any, limit: int = wire.MAX_NAME) -> str:
    """The first characters of a text that may be of a class of its own; "" if it is no text."""
    return str.__getitem__(value, slice(limit)) if _is(value, str) else ""
