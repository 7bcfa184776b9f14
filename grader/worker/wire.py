"""What crosses the pipe between the grader and a worker.

    frame   = bytes that follow the prefix | bytes of the head | head | body     (two big-endian u32)
    head    = a dictionary in msgpack; its "buffers" are sizes that add up to the body
    body    = the bytes of arrays, one after the other

Requests travel from the trusted side and may hold pickled probes. Replies come from a process that
has run a stranger's code: `read_frame`, `unpack` and `decode` believe nothing and raise nothing but
`WireError`. A size is checked before anything is allocated for it, and no reply, whatever it claims,
becomes more than some hundred thousand Python objects.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import ml_dtypes
import msgpack
import numpy as np

PREFIX = struct.Struct(">II")
MAX_NODES = 20_000
MAX_DEPTH = 60
MAX_TEXT = 64 * 2**10  # characters
MAX_NAME = 200  # characters
MAX_AXES = 64  # NumPy's own limit
UNCOUNTED = -1  # in place of a number of compilations that an answer has kept from being counted
_MAX_PARTS = 16 * MAX_NODES  # entries of all lists and dictionaries of a head
_MAX_FIELDS = 16  # of a dictionary; those of answers travel as lists of pairs
_MAX_BYTES = 64  # of a byte string; only nonces travel as such
_CHUNK = 2**18


class Limits(NamedTuple):
    """Bytes of a frame behind its prefix, and bytes of its head."""

    frame: int
    head: int


REQUEST = Limits(512 * 2**20, 512 * 2**20)
REPLY = Limits(64 * 2**20, 2**20)
MAX_ARRAYS = REPLY.frame - REPLY.head  # bytes of all arrays of a value

Buffer = bytes | bytearray | memoryview
Frame = tuple[Buffer, memoryview]  # head and body, the body read-only

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
TOO_LARGE = "array too large to send"
KINDS = ("tracer", "function", "object", "array", "deleted array", TOO_LARGE)


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
    """Anything else: what it is (one of `KINDS`), its type and a short text."""

    kind: str
    type_name: str
    text: str


@dataclass(frozen=True)
class Record:
    """A named tuple: its type's name, its fields, its values."""

    type_name: str
    fields: tuple[str, ...]
    values: tuple[Any, ...]


def pack(message: dict[str, Any], limits: Limits) -> list[Buffer]:
    """`message` as the parts of one frame; its "buffers", bytes of any kind, follow as they are.

    Raises:
        WireError: it is above the limits, or holds what msgpack cannot describe.
    """
    buffers = [memoryview(buffer).cast("B") for buffer in message.get("buffers", ())]
    sizes = [buffer.nbytes for buffer in buffers]
    try:
        head: bytes = msgpack.packb(message | {"buffers": sizes}, unicode_errors="replace")
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise WireError(f"a message that cannot be described: {error}") from None
    size = len(head) + sum(sizes)
    _check_sizes(size, len(head), limits)
    return [PREFIX.pack(size, len(head)) + head, *buffers]


def _check_sizes(size: int, head: int, limits: Limits) -> None:
    if size > limits.frame:
        raise WireError(f"a frame of {size:,} bytes is above the limit of {limits.frame:,}")
    if head > limits.head:
        raise WireError(f"a head of {head:,} bytes is above the limit of {limits.head:,}")
    if head > size:
        raise WireError("a head that is larger than its frame")


def read_frame(
    read: Callable[[int], bytes], limits: Limits, wait: Callable[[], None] = lambda: None
) -> Frame | None:
    """The next frame from `read(n)` (at most n bytes); None at the end of the stream.

    Memory grows with what arrives, not with what the prefix claims; `wait()` comes before the first of it.

    Raises:
        WireError: the stream ends inside a frame, or the frame is above the limits.
    """
    prefix = _read_up_to(read, PREFIX.size)
    if not prefix:
        return None
    if len(prefix) < PREFIX.size:
        raise WireError("the stream ended inside a frame")
    size, head_size = PREFIX.unpack(prefix)
    _check_sizes(size, head_size, limits)
    wait()
    head = _read_up_to(read, head_size)
    body = _read_up_to(read, size - head_size)
    if len(head) + len(body) < size:
        raise WireError("the stream ended inside a frame")
    return head, memoryview(body).toreadonly()


def _read_up_to(read: Callable[[int], bytes], count: int) -> bytearray:
    """`count` bytes, fewer only at the end of the stream."""
    data = bytearray()
    while len(data) < count:
        part = read(min(count - len(data), _CHUNK))
        if not part:
            break
        data += part
    return data


def unpack_request(frame: Frame) -> dict[str, Any]:
    """The message in a frame that comes from the grader."""
    message: dict[str, Any] = msgpack.unpackb(frame[0])
    return message


def unpack(frame: Frame) -> dict[str, Any]:
    """The message in a frame that comes from a worker; its "buffers" are views of the body.

    Raises:
        WireError: the head is no dictionary in plain msgpack, or its buffers are not the body.
    """
    head, body = frame
    try:
        message = _Unpacker(head).message()
    except (ValueError, msgpack.UnpackException, RecursionError, OverflowError) as error:
        raise WireError(f"no msgpack message: {str(error) or type(error).__name__}") from None
    if not isinstance(message, dict):
        raise WireError("a message that is no dictionary")
    sizes = message.get("buffers")
    if not isinstance(sizes, list) or any(type(n) is not int or n < 0 for n in sizes):
        raise WireError("a message without the sizes of its buffers")
    if sum(sizes) != len(body):
        raise WireError("buffers that do not add up to the body")
    views, start = [], 0
    for size in sizes:
        views.append(body[start : start + size])
        start += size
    return message | {"buffers": views}


class _Unpacker:
    """Reads one message, and stops early if it becomes too many Python objects.

    A first pass builds nothing, so that a list which claims more entries than there are costs nothing.
    """

    def __init__(self, head: Buffer) -> None:
        self._head = head
        self._left = _MAX_PARTS

    def message(self) -> Any:
        msgpack_reader = msgpack.Unpacker(
            raw=False,
            strict_map_key=True,
            list_hook=self._list,
            object_pairs_hook=self._dictionary,
            ext_hook=_no_extension,
            max_buffer_size=len(self._head) + 1,
            max_str_len=4 * MAX_TEXT,
            max_bin_len=_MAX_BYTES,
            max_array_len=MAX_NODES,
            max_map_len=_MAX_FIELDS,
            max_ext_len=0,
        )
        self._whole()
        msgpack_reader.feed(self._head)
        return msgpack_reader.unpack()

    def _whole(self) -> None:
        """Raises a ValueError unless the head is one whole message."""
        reader = msgpack.Unpacker(max_buffer_size=len(self._head) + 1)
        reader.feed(self._head)
        reader.skip()
        if reader.tell() != len(self._head):
            raise ValueError("something follows it")

    def _count(self, parts: int) -> None:
        self._left -= 1 + parts
        if self._left < 0:
            raise ValueError(f"more than {_MAX_PARTS:,} parts")

    def _list(self, items: list[Any]) -> list[Any]:
        self._count(len(items))
        return items

    def _dictionary(self, pairs: Sequence[tuple[Any, Any]]) -> dict[Any, Any]:
        self._count(2 * len(pairs))
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("a key that occurs twice")
        return found


def _no_extension(code: int, data: bytes) -> Any:
    raise ValueError(f"extension type {code}")


def text(value: Any, limit: int = MAX_TEXT) -> str:
    """`value`, if it is a text of at most `limit` characters.

    Raises:
        WireError: it is not.
    """
    if not is_text(value, limit):
        raise WireError("a text that is none, or too long")
    found: str = value
    return found


def is_text(value: Any, limit: int) -> bool:
    """Whether `value` is a text of at most `limit` characters."""
    return isinstance(value, str) and len(value) <= limit
