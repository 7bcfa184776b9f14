"""The grader's half of the wire: values from a process that has run a stranger's code.

Every tag, dtype, shape, size, depth and count is checked before an array is made of it; whatever breaks
a rule is a `WireError` that says which.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.worker.wire import (
    DTYPES,
    KINDS,
    LIBRARIES,
    MAX_AXES,
    MAX_DEPTH,
    MAX_NAME,
    MAX_NODES,
    MAX_TEXT,
    Array,
    Buffer,
    Opaque,
    Record,
    Spec,
    WireError,
    is_text,
    text,
)


def decode(node: Any, buffers: Sequence[Buffer]) -> Any:
    """The value that `encode.encode` described: Python scalars and containers, `Array`, `Spec`, `Opaque`.

    Arrays are read-only views of the `buffers`; each belongs to one array.

    Raises:
        WireError: the description breaks a rule; the message says which.
    """
    decoder = _Decoder(buffers)
    value = decoder.value(node, depth=0)
    if decoder.unread:
        raise WireError("a buffer that belongs to no array")
    return value


class _Decoder:
    def __init__(self, buffers: Sequence[Buffer]) -> None:
        self.nodes = 0
        self.unread = dict(enumerate(buffers))

    def value(self, node: Any, depth: int) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise WireError(f"a value of more than {MAX_NODES:,} nodes")
        if depth > MAX_DEPTH:
            raise WireError(f"a value nested deeper than {MAX_DEPTH}")
        if not isinstance(node, list) or not node or not isinstance(node[0], str):
            raise WireError("a value without a tag")
        tag, *fields = node
        reader = getattr(self, f"_{tag}", None) if tag in TAGS else None
        if reader is None or len(fields) != TAGS[tag]:
            raise WireError(f"an unknown kind of value: {tag[:40]!r}")
        return reader(*fields, depth=depth) if tag in _NESTED else reader(*fields)

    def _plain(self, value: Any) -> Any:
        if value is not None and type(value) not in (bool, int, float):
            raise WireError("a plain value that is none")
        return value

    def _int(self, digits: Any) -> int:
        digits = text(digits)
        number = digits.removeprefix("-")
        if len(digits) > 400 or not (number.isascii() and number.isdigit()):
            raise WireError("an integer that is none")
        return int(digits)

    def _complex(self, real: Any, imaginary: Any) -> complex:
        if type(real) is not float or type(imaginary) is not float:
            raise WireError("a complex number that is none")
        return complex(real, imaginary)

    def _str(self, value: Any) -> str:
        return text(value)

    def _list(self, items: Any, *, depth: int) -> list[Any]:
        if not isinstance(items, list):
            raise WireError("a list without items")
        return [self.value(item, depth + 1) for item in items]

    def _tuple(self, items: Any, *, depth: int) -> tuple[Any, ...]:
        return tuple(self._list(items, depth=depth))

    def _dict(self, items: Any, *, depth: int) -> dict[Any, Any]:
        if not isinstance(items, list) or any(
            not isinstance(i, list) or len(i) != 2 for i in items
        ):
            raise WireError("a dictionary without pairs")
        if any(type(key) is not int and not is_text(key, MAX_TEXT) for key, _ in items):
            raise WireError("a dictionary key that is neither text nor integer")
        found = {key: self.value(item, depth + 1) for key, item in items}
        if len(found) < len(items):
            raise WireError("a dictionary key that occurs twice")
        return found

    def _record(self, name: Any, fields: Any, items: Any, *, depth: int) -> Record:
        values = self._tuple(items, depth=depth)
        if not isinstance(fields, list) or len(fields) != len(values):
            raise WireError("a named tuple whose fields do not match its values")
        return Record(text(name, MAX_NAME), tuple(text(f, MAX_NAME) for f in fields), values)

    def _array(self, library: Any, dtype: Any, shape: Any, index: Any) -> Array:
        if not isinstance(library, str) or library not in LIBRARIES:
            raise WireError("an array of an unknown library")
        if not isinstance(dtype, str) or dtype not in DTYPES:
            raise WireError("an array of an unknown dtype")
        sizes = _shape(shape)
        data = self.unread.pop(index, None) if type(index) is int else None
        if data is None:
            raise WireError("an array without a buffer of its own")
        if math.prod(sizes) * DTYPES[dtype].itemsize != len(data):
            raise WireError("an array whose bytes do not add up to its shape")
        try:
            return Array(library, np.frombuffer(data, DTYPES[dtype]).reshape(sizes))
        except ValueError:  # an empty array whose other axes are beyond NumPy
            raise WireError("a shape with an impossible size") from None

    def _spec(self, shape: Any, dtype: Any) -> Spec:
        return Spec(_shape(shape), text(dtype, MAX_NAME))

    def _opaque(self, kind: Any, type_name: Any, short: Any) -> Opaque:
        if not isinstance(kind, str) or kind not in KINDS:
            raise WireError("an object of an unknown kind")
        return Opaque(kind, text(type_name, MAX_NAME), text(short, MAX_NAME))


TAGS = {
    "plain": 1,
    "int": 1,
    "complex": 2,
    "str": 1,
    "list": 1,
    "tuple": 1,
    "dict": 1,
    "record": 3,
    "array": 4,
    "spec": 2,
    "opaque": 3,
}
_NESTED = {"list", "tuple", "dict", "record"}


def _shape(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list) or len(value) > MAX_AXES:
        raise WireError("a shape that is none")
    if any(type(size) is not int or not 0 <= size < 2**40 for size in value):
        raise WireError("a shape with an impossible size")
    return tuple(value)
