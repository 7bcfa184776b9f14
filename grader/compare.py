"""Whether what an answer returned is what the reference returned: kind, shape, dtype, then values.

`differences` yields lines of explanation, one per leaf that differs; none means that they agree.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.text import one_line
from grader.worker.wire import TOO_LARGE, Array, Opaque, Record, Spec

# (rtol, atol) by dtype. float32: a few hundred roundings of 6e-8 in sums of moderate numbers, and the
# fixed contract of the exercises. float64: far below any float32 rounding, far above its own. The
# half precisions keep 11 and 8 bits.
TOLERANCES: dict[str, tuple[float, float]] = {
    "float32": (1e-4, 1e-5),
    "complex64": (1e-4, 1e-5),
    "float64": (1e-9, 1e-12),
    "complex128": (1e-9, 1e-12),
    "float16": (1e-2, 1e-2),
    "bfloat16": (2e-2, 2e-2),
}
MAX_LINES = 4
_MAX_SHOWN = 1000  # entries that NumPy may lay out for a text, of which there are few


@dataclass(frozen=True)
class Tolerance:
    """Overrides of the table; None keeps its value."""

    rtol: float | None = None
    atol: float | None = None

    def of(self, dtype: str) -> tuple[float, float]:
        rtol, atol = TOLERANCES.get(dtype, (0.0, 0.0))
        return (
            rtol if self.rtol is None else self.rtol,
            atol if self.atol is None else self.atol,
        )


def differences(got: Any, expected: Any, tolerance: Tolerance, path: str = "") -> Iterator[str]:
    """One line for each leaf of `got` that is not what `expected` has there.

    Args:
        got, expected: decoded values (see `decode.decode`); NumPy arrays in `expected` stand for JAX arrays.
    """
    if isinstance(expected, np.ndarray | np.generic):
        expected = Array("jax", np.asarray(expected))
    if isinstance(expected, Record) and isinstance(got, Record):
        got, expected = got.values, expected.values
    if isinstance(expected, tuple) and isinstance(got, Record):
        got = got.values
    if isinstance(expected, Array):
        yield from _array(got, expected, tolerance, path)
    elif isinstance(expected, list | tuple):
        yield from _sequence(got, expected, tolerance, path)
    elif isinstance(expected, dict):
        yield from _dictionary(got, expected, tolerance, path)
    elif isinstance(expected, Opaque) and expected.kind == TOO_LARGE:
        yield f"{_at(path)}got {describe(got)}, expected {describe(expected)}, which cannot be compared"
    else:
        yield from _scalar(got, expected, tolerance, path)


def share_apart(got: Any, expected: Any) -> float:
    """The share of array entries of `got` that are not what `expected` has there.

    1.0 where the two are not lists and tuples of arrays of the same form. Right float32 programs may
    differ in a few entries (a ReLU that a rounding switches on), wrong ones in many.
    """
    wrong = total = 0
    todo: list[tuple[Any, Any]] = [(got, expected)]
    while todo:
        mine, theirs = map(_opened, todo.pop())
        if isinstance(theirs, list | tuple) and type(mine) is type(theirs):
            if len(mine) != len(theirs):
                return 1.0
            todo += zip(mine, theirs, strict=True)
        elif isinstance(theirs, Array) and not list(_form(mine, theirs, "")):
            wrong += int((~close(mine.values, theirs.values, Tolerance())).sum())
            total += theirs.values.size
        else:
            return 1.0
    return wrong / max(total, 1)


def _opened(value: Any) -> Any:
    return value.values if isinstance(value, Record) else value


def _at(path: str) -> str:
    return f"at {path}: " if path else ""


def _sequence(got: Any, expected: Any, tolerance: Tolerance, path: str) -> Iterator[str]:
    if type(got) is not type(expected):
        yield f"{_at(path)}got {describe(got)}, expected {describe(expected)}"
    elif len(got) != len(expected):
        yield f"{_at(path)}got a {type(got).__name__} of {len(got)}, expected one of {len(expected)}"
    else:
        for index, (mine, theirs) in enumerate(zip(got, expected, strict=True)):
            yield from differences(mine, theirs, tolerance, f"{path}[{index}]")


def _dictionary(
    got: Any, expected: dict[Any, Any], tolerance: Tolerance, path: str
) -> Iterator[str]:
    if not isinstance(got, dict):
        yield f"{_at(path)}got {describe(got)}, expected a dict"
    elif got.keys() != expected.keys():
        yield f"{_at(path)}got the keys {_keys(got)}, expected {_keys(expected)}"
    else:
        for key in expected:
            yield from differences(got[key], expected[key], tolerance, f"{path}[{key!r}]")


def _keys(mapping: dict[Any, Any]) -> str:
    """The keys of a dictionary, the first ten of them."""
    names = sorted(map(str, mapping))
    shown = ", ".join(repr(one_line(name, 40)) for name in names[:10])
    return f"[{shown}{f', ... {len(names) - 10} more' if len(names) > 10 else ''}]"


def _scalar(got: Any, expected: Any, tolerance: Tolerance, path: str) -> Iterator[str]:
    if type(got) is not type(expected):
        yield f"{_at(path)}got {describe(got)}, expected {describe(expected)}"
    elif isinstance(expected, float):
        yield from _values(np.asarray(got), np.asarray(expected), tolerance, path)
    elif got != expected:
        yield f"{_at(path)}got {describe(got)}, expected {describe(expected)}"


def _array(got: Any, expected: Array, tolerance: Tolerance, path: str) -> Iterator[str]:
    if _is_number_for(got, expected):
        got = _as_array(got, expected)
    form = list(_form(got, expected, path))
    yield from form or _values(got.values, expected.values, tolerance, path)


def _form(got: Any, expected: Array, path: str) -> Iterator[str]:
    """What is wrong with an array before its values are looked at: its maker, shape and dtype."""
    if not isinstance(got, Array) or got.library != expected.library:
        yield f"{_at(path)}got {describe(got)}, expected {describe(expected)}"
    elif got.shape != expected.shape:
        yield f"{_at(path)}got shape {got.shape}, expected {expected.shape}"
    elif not _same_dtype(got.values.dtype, expected.values.dtype):
        yield f"{_at(path)}got dtype {got.dtype}, expected {expected.dtype}"


def _is_number_for(got: Any, expected: Array) -> bool:
    """Whether a Python number stands for a 0-d array of its kind."""
    kinds = {bool: "b", int: "iu", float: "f"}.get(type(got), "")
    return expected.shape == () and bool(kinds) and expected.values.dtype.kind in kinds


def _as_array(got: Any, expected: Array) -> Any:
    """A Python number as an array like `expected`; as it is where it is beyond that dtype."""
    try:
        with np.errstate(over="ignore"):
            return Array(expected.library, np.asarray(got, expected.values.dtype))
    except OverflowError:
        return got


def _same_dtype(got: np.dtype, expected: np.dtype) -> bool:
    return got == expected or (got.kind in "iu" and expected.kind in "iu")


def _values(
    got: np.ndarray, expected: np.ndarray, tolerance: Tolerance, path: str
) -> Iterator[str]:
    wrong = ~close(got, expected, tolerance)
    count = int(wrong.sum())
    if not count:
        return
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    place = path + "".join(f"[{i}]" for i in index)
    line = f"{_at(place)}got {number(got[index])}, expected {number(expected[index])}"
    if got.size > 1:
        line += f" ({count} of {got.size} entries differ)"
    yield line


def close(got: np.ndarray, expected: np.ndarray, tolerance: Tolerance) -> np.ndarray:
    """Elementwise: equal within the tolerance; NaN equals NaN, infinities equal themselves."""
    if expected.dtype.kind in "biu":
        return np.asarray(got == expected)
    rtol, atol = tolerance.of(expected.dtype.name)
    wide = np.complex128 if expected.dtype.kind == "c" else np.float64
    a, b = got.astype(wide), expected.astype(wide)
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(a - b) <= atol + rtol * np.abs(b)
    return np.asarray((np.isfinite(b) & near) | (a == b) | (np.isnan(a) & np.isnan(b)))


def number(value: Any) -> str:
    """A number as a reader wants it."""
    if isinstance(value, np.bool_ | bool):
        return str(bool(value))
    if isinstance(value, np.integer | int):
        return str(int(value))
    if isinstance(value, np.complexfloating | complex):
        return f"{complex(value):.7g}"
    return f"{float(value):.7g}"


def describe(value: Any) -> str:
    """What a value is, in a few words: `float32[3] [1. 2. 3.]`, `a tuple of 2`, `the function f`."""
    if isinstance(value, np.ndarray | np.generic):
        value = Array("jax", np.asarray(value))
    if isinstance(value, Array):
        return _describe_array(value)
    if isinstance(value, Spec):
        return f"ShapeDtypeStruct({one_line(value.dtype, 40)}[{','.join(map(str, value.shape))}])"
    if isinstance(value, Opaque):
        kind = one_line(value.kind, 40)
        article = "an" if kind.startswith(tuple("aeiou")) else "a"
        return f"{article} {kind} ({one_line(value.type_name, 100)})"
    if isinstance(value, Record):
        return f"a {one_line(value.type_name, 100)} of {len(value.values)}"
    if isinstance(value, list | tuple) and _is_short(value):
        inner = ", ".join(describe(item) for item in value)
        return in_brackets(value, inner)
    if isinstance(value, list | tuple | dict):
        return f"a {type(value).__name__} of {len(value)}"
    if value is None:
        return "None"
    if isinstance(value, bool | int | float):
        return f"the Python {type(value).__name__} {one_line(number(value), 80)}"
    return f"the text {value[:80]!r}" if isinstance(value, str) else repr(value)[:80]


def in_brackets(value: list[Any] | tuple[Any, ...], inner: str) -> str:
    """The text of a list or tuple whose items are `inner`; a tuple of one has its comma."""
    if isinstance(value, list):
        return f"[{inner}]"
    return f"({inner},)" if len(value) == 1 else f"({inner})"


def _is_short(value: Any) -> bool:
    return 0 < len(value) <= 3 and all(
        not isinstance(v, list | tuple | dict) and (not isinstance(v, Array) or v.values.size <= 8)
        for v in value
    )


_OTHER_MAKERS = {
    "numpy": "a NumPy array ",
    "torch": "a torch.Tensor ",
    "jax key": "a PRNG key ",
    "jax": "",
}
_SCALAR_MAKERS = _OTHER_MAKERS | {"numpy": "a NumPy scalar "}


def _describe_array(array: Array) -> str:
    shape = ",".join(map(str, array.shape))
    values = array.values
    if values.dtype.kind == "V" or values.dtype.name == "bfloat16":
        values = values.astype(np.float32)
    if math.prod(min(size, 8) for size in values.shape) > _MAX_SHOWN:  # many axes, few entries each
        values = values.reshape(-1)
    text = np.array2string(values, threshold=12, edgeitems=4, precision=6, separator=" ")
    shown = one_line(" ".join(text.split()).replace("[ ", "[").replace(" ]", "]"), 110)
    maker = _OTHER_MAKERS[array.library] if shape else _SCALAR_MAKERS[array.library]
    return f"{maker}{array.dtype}[{shape}] {shown}"
