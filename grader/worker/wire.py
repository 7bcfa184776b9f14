"""What crosses the pipe between the grader and a worker.

Requests travel from the trusted side and may hold pickled probes. Replies come from a process that
has run a stranger's code, so they are plain msgpack and raw buffers, and `decode` believes nothing:
every tag, dtype, shape, size, depth and count is checked before an array is made of it.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ml_dtypes
import msgpack
import numpy as np

HEADER = struct.Struct(">I")
MAX_FRAME = 512 * 2**20  # bytes; a request or a reply above it is refused
MAX_NODES = 20_000
MAX_DEPTH = 60
MAX_TEXT = 64 * 2**10
UNCOUNTED = -1  # in place of a number of compilations that an answer has kept from being counted

DTYPES: dict[str, np.dtype] = {
    name: np.dtype(name)
    for name in (
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float16",
        "float32",
        "float64",
        "complex64",
        "complex128",
    )
} | {"bfloat16": np.dtype(ml_dtypes.bfloat16)}

LIBRARIES = ("jax", "jax key", "numpy", "torch")


class WireError(Exception):
    """A frame that does not follow the protocol."""


@dataclass(frozen=True)
class Array:
    """An array that a probe returned: who made it (`library`) and its values as NumPy."""

    library: str
    values: np.ndarray

    @property
    def dtype(self) -> str:
        return self.values.dtype.name

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape


@dataclass(frozen=True)
class Spec:
    """A `jax.ShapeDtypeStruct`. In requests a size may be a symbol such as "n"."""

    shape: tuple[int | str, ...]
    dtype: str


@dataclass(frozen=True)
class Opaque:
    """Anything else: what it is ("tracer", "function", "object"), its type and a short text."""

    kind: str
    type_name: str
    text: str


@dataclass(frozen=True)
class Record:
    """A named tuple: its type's name, its fields, its values."""

    type_name: str
    fields: tuple[str, ...]
    values: tuple[Any, ...]


def pack(message: Any) -> bytes:
    """`message` as one frame: four bytes of length, then msgpack."""
    body: bytes = msgpack.packb(message, use_bin_type=True, unicode_errors="replace")
    if len(body) > MAX_FRAME:
        raise WireError(f"a message of {len(body):,} bytes is above the limit of {MAX_FRAME:,}")
    return HEADER.pack(len(body)) + body


def unpack(body: bytes) -> Any:
    """The message in the body of a frame; no extension types, nothing executed.

    Raises:
        WireError: the bytes are not plain msgpack.
    """
    try:
        return msgpack.unpackb(body, raw=False, strict_map_key=True, ext_hook=_no_extension)
    except (ValueError, msgpack.UnpackException, RecursionError) as error:
        raise WireError(f"not a msgpack message: {error}") from None


def _no_extension(code: int, data: bytes) -> Any:
    raise ValueError(f"extension type {code}")


def read_frame(read: Callable[[int], bytes], limit: int = MAX_FRAME) -> bytes | None:
    """The body of the next frame from `read(n)` (at most n bytes); None at the end of the stream.

    Raises:
        WireError: the stream ends inside a frame, or the frame is larger than `limit` bytes.
    """
    header = _read_up_to(read, HEADER.size)
    if not header:
        return None
    if len(header) < HEADER.size:
        raise WireError("the stream ended inside a frame")
    (size,) = HEADER.unpack(header)
    if size > limit:
        raise WireError(f"a frame of {size:,} bytes is above the limit of {limit:,}")
    body = _read_up_to(read, size)
    if len(body) < size:
        raise WireError("the stream ended inside a frame")
    return body


def _read_up_to(read: Callable[[int], bytes], count: int) -> bytes:
    """`count` bytes, fewer only at the end of the stream."""
    parts: list[bytes] = []
    missing = count
    while missing:
        part = read(min(missing, 2**20))
        if not part:
            break
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def decode(node: Any) -> Any:
    """The value that `encode.encode` described: Python scalars and containers, `Array`, `Spec`, `Opaque`.

    Raises:
        WireError: the description breaks a rule; the message says which.
    """
    return _Decoder().value(node, depth=0)


class _Decoder:
    def __init__(self) -> None:
        self.nodes = 0

    def value(self, node: Any, depth: int) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise WireError(f"a value of more than {MAX_NODES:,} nodes")
        if depth > MAX_DEPTH:
            raise WireError(f"a value nested deeper than {MAX_DEPTH}")
        if not isinstance(node, list) or not node or not isinstance(node[0], str):
            raise WireError("a value without a tag")
        tag, *fields = node
        reader = getattr(self, f"_{tag}", None) if tag in _TAGS else None
        if reader is None or len(fields) != _TAGS[tag]:
            raise WireError(f"an unknown kind of value: {tag[:40]!r}")
        return reader(*fields, depth=depth) if tag in _NESTED else reader(*fields)

    def _plain(self, value: Any) -> Any:
        if value is not None and type(value) not in (bool, int, float):
            raise WireError("a plain value that is none")
        return value

    def _int(self, digits: Any) -> int:
        text = _text(digits)
        number = text.removeprefix("-")
        if len(text) > 400 or not (number.isascii() and number.isdigit()):
            raise WireError("an integer that is none")
        return int(text)

    def _complex(self, real: Any, imaginary: Any) -> complex:
        if type(real) is not float or type(imaginary) is not float:
            raise WireError("a complex number that is none")
        return complex(real, imaginary)

    def _str(self, value: Any) -> str:
        return _text(value)

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
        if any(type(key) not in (str, int) for key, _ in items):
            raise WireError("a dictionary key that is neither text nor integer")
        return {key: self.value(item, depth + 1) for key, item in items}

    def _record(self, name: Any, fields: Any, items: Any, *, depth: int) -> Record:
        values = self._tuple(items, depth=depth)
        if not isinstance(fields, list) or len(fields) != len(values):
            raise WireError("a named tuple whose fields do not match its values")
        return Record(_text(name), tuple(_text(f) for f in fields), values)

    def _array(self, library: Any, dtype: Any, shape: Any, data: Any) -> Array:
        if library not in LIBRARIES:
            raise WireError("an array of an unknown library")
        if not isinstance(dtype, str) or dtype not in DTYPES:
            raise WireError("an array of an unknown dtype")
        sizes = _shape(shape)
        if not isinstance(data, bytes) or math.prod(sizes) * DTYPES[dtype].itemsize != len(data):
            raise WireError("an array whose bytes do not add up to its shape")
        try:
            return Array(library, np.frombuffer(data, DTYPES[dtype]).reshape(sizes))
        except ValueError:  # an empty array whose other axes are beyond NumPy
            raise WireError("a shape with an impossible size") from None

    def _spec(self, shape: Any, dtype: Any) -> Spec:
        return Spec(_shape(shape), _text(dtype))

    def _opaque(self, kind: Any, type_name: Any, text: Any) -> Opaque:
        return Opaque(_text(kind), _text(type_name), _text(text))


_TAGS = {
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


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise WireError("a text that is none, or too long")
    return value


def _shape(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list) or len(value) > 32:
        raise WireError("a shape that is none")
    if any(type(size) is not int or not 0 <= size < 2**40 for size in value):
        raise WireError("a shape with an impossible size")
    return tuple(value)
