"""Results of another kind: None, a function, a NumPy array, another container, dtype or shape."""

from __future__ import annotations

import ast
import re
from typing import Any

import numpy as np

from grader.misconceptions.evidence import MISSING, Evidence
from grader.misconceptions.measure import same
from grader.misconceptions.rule import DOCS, GOTCHAS, misconception
from grader.worker.wire import Array, Opaque, Record

_RESHAPES = re.compile(
    r"keepdims|ravel|squeeze|atleast|reshape|None\]|expand_dims|ndmin|flatten|array\(\[|\(1,\)"
)
_PYTHON = "https://docs.python.org/3/"
_SCALARS = {"numpy": "a NumPy scalar", "jax": "a 0-d jax.Array", "torch": "a 0-d torch.Tensor"}


def _expected(e: Evidence) -> Any:
    """What was expected, with arrays as the wire has them."""
    value = e.expected
    return Array("jax", np.asarray(value)) if isinstance(value, np.ndarray | np.generic) else value


def _leaf_pairs(got: Any, expected: Any) -> list[tuple[Any, Any]]:
    """Pairs of what is not a container, where the containers are the same."""
    if isinstance(expected, np.ndarray | np.generic):
        expected = Array("jax", np.asarray(expected))
    if isinstance(expected, list | tuple) and isinstance(got, list | tuple):
        if len(got) != len(expected):
            return []
        return [p for g, x in zip(got, expected, strict=True) for p in _leaf_pairs(g, x)]
    return [(got, expected)]


def _equal(got: Any, expected: Any) -> bool:
    """Whether two values are alike: same containers, equal numbers."""
    pairs = _leaf_pairs(got, expected)
    return bool(pairs) and all(_equal_leaf(g, x) for g, x in pairs)


def _equal_leaf(got: Any, expected: Any) -> bool:
    mine, theirs = _values(got), _values(expected)
    if mine is None or theirs is None:
        return type(got) is type(expected) and got is not None and got == expected
    return same(mine, theirs) or (mine.shape == theirs.shape and bool((mine == theirs).all()))


def _values(value: Any) -> np.ndarray | None:
    if isinstance(value, Array):
        return value.values
    if isinstance(value, bool | int | float | np.ndarray | np.generic):
        return np.asarray(value)
    return None


@misconception(
    "None in place of a result",
    "End every path of the function with `return` and the result.",
    "ch06_gotchas",
    _PYTHON + "tutorial/controlflow.html#defining-functions",
)
def nothing_returned(e: Evidence) -> str | None:
    if e.got is not None or e.expected is None or e.expected is MISSING or e.error is not None:
        return None
    if isinstance(e.code, ast.FunctionDef):
        returns = [n for n in ast.walk(e.code) if isinstance(n, ast.Return)]
        if not any(node.value is not None for node in returns):
            return f"`{e.exercise}` has no return, so Python gives None."
        return "on this path it returns None."
    return None


@misconception(
    "a function returned in place of its value",
    "Call it: jax.grad(f)(x), jax.vmap(f)(x).",
    "ch04_grad",
    DOCS + "automatic-differentiation.html",
)
def function_returned(e: Evidence) -> str | None:
    pairs = _leaf_pairs(e.got, e.expected)
    opaque = [g for g, _ in pairs if isinstance(g, Opaque)]
    if opaque and opaque[0].kind == "function" and e.expected is not MISSING:
        return "the result is a function that has not been called yet."
    made = re.search(
        r"returned a value of type .*(?:function|Wrapped)", e.error.message if e.error else ""
    )
    return "the result is a function that has not been called yet." if made else None


@misconception(
    "argnums as a tuple, which gives a tuple of derivatives",
    "Give argnums one number for one derivative, or take the entry that you need.",
    "ch04_grad",
    DOCS + "_autosummary/jax.grad.html",
)
def argnums_tuple(e: Evidence) -> str | None:
    if not isinstance(e.got, list | tuple) or isinstance(_expected(e), list | tuple):
        return None
    for node in e.nodes:
        if (
            isinstance(node, ast.keyword)
            and node.arg == "argnums"
            and isinstance(node.value, ast.Tuple)
        ):
            return (
                f"`argnums={ast.unparse(node.value)}` asks for a tuple of {len(node.value.elts)}."
            )
    return None


@misconception(
    "the right values in another container",
    "Return the container that the description names; to jax.tree a list and a tuple are different.",
    "ch04_grad",
    DOCS + "pytrees.html",
)
def other_container(e: Evidence) -> str | None:
    got, expected = e.got, e.expected
    names = _containers(got, expected)
    return f"the values are right, but there is {names}." if names else None


def _containers(got: Any, expected: Any) -> str:
    """Where one is a list and the other a tuple, and all else is alike."""
    if isinstance(got, Record) or isinstance(expected, Record):
        return ""
    if isinstance(got, list | tuple) and isinstance(expected, list | tuple):
        if len(got) != len(expected) or not got:
            return ""
        if type(got) is not type(expected) and _alike(got, expected):
            return f"a {type(got).__name__} where a {type(expected).__name__} is asked for"
        return (
            next(filter(None, map(_containers, got, expected)), "") if _alike(got, expected) else ""
        )
    return ""


def _alike(got: Any, expected: Any) -> bool:
    return all(_equal(g, x) for g, x in zip(got, expected, strict=True))


@misconception(
    "more results than asked for",
    "Return the one value alone.",
    "ch04_grad",
    DOCS + "pytrees.html",
)
def extra_result(e: Evidence) -> str | None:
    expected = _expected(e)
    if not isinstance(e.got, tuple | list) or expected is MISSING:
        return None
    if isinstance(expected, tuple) and len(expected) >= len(e.got):
        return None
    for index, item in enumerate(e.got):
        if _equal(item, expected):
            return f"entry {index} of the {len(e.got)} that came back is what is asked for."
    return None


@misconception(
    "one part of the result in place of all",
    "Return all parts, in the order of the description.",
    "ch04_grad",
    DOCS + "pytrees.html",
)
def part_of_result(e: Evidence) -> str | None:
    if not isinstance(e.expected, tuple) or isinstance(e.got, tuple | list):
        return None
    for index, item in enumerate(e.expected):
        if _equal(e.got, item):
            return f"what came back is part {index} of the {len(e.expected)} asked for."
    return None


@misconception(
    "the parts of the result in another order",
    "Return them in the order that the description gives.",
    "ch04_grad",
    DOCS + "pytrees.html",
)
def parts_swapped(e: Evidence) -> str | None:
    got, expected = e.got, e.expected
    if not isinstance(got, tuple) or not isinstance(expected, tuple) or len(got) != 2:
        return None
    if len(expected) == 2 and _equal(got, expected[::-1]) and not _equal(got, expected):
        return "the first part is the expected second, and the second the first."
    return None


@misconception(
    "a NumPy array in place of a jax.Array",
    "Compute with jax.numpy, or wrap the result in jnp.asarray.",
    "ch01_arrays",
    DOCS + "key-concepts.html",
)
def numpy_result(e: Evidence) -> str | None:
    for got, expected in _leaf_pairs(e.got, e.expected):
        if isinstance(got, Array) and got.library == "numpy" and isinstance(expected, Array):
            what = "torch.Tensor" if expected.library == "torch" else "jax.Array"
            if expected.library in ("jax", "torch"):
                return f"the result is a NumPy array of {got.dtype}, not a {what}."
    return None


@misconception(
    "an array in place of a Python number",
    "Convert it at the very end: float(x), bool(x) or x.item().",
    "ch01_arrays",
    DOCS + "key-concepts.html",
)
def array_for_number(e: Evidence) -> str | None:
    if e.kind not in ("value", "structure"):
        return None
    for got, expected in _leaf_pairs(e.got, e.expected):
        if isinstance(got, Array) and got.shape == () and isinstance(expected, bool | int | float):
            kind = _SCALARS.get(got.library, "a 0-d array")
            return f"the result is {kind}, not a Python {type(expected).__name__}."
    found = re.search(r"not return a (?:list of )?Python float", e.rationale)
    kinds = re.search(r"type (ArrayImpl|Tensor|ndarray)", e.shown)
    return (
        f"the result is of type {kinds.group(1)}, not a Python float." if found and kinds else None
    )


@misconception(
    "a Python number or list in place of an array",
    "Build one array: jnp.array(values), jnp.stack(rows), or vmap instead of the loop.",
    "ch01_arrays",
    DOCS + "_autosummary/jax.numpy.array.html",
)
def list_for_array(e: Evidence) -> str | None:
    expected = _expected(e)
    if "not return a jax.Array" in e.rationale and e.called("float", "int"):
        return f"`{ast.unparse(e.called('float', 'int')[0])}` makes a Python number."
    if not isinstance(expected, Array):
        return None
    if isinstance(e.got, list | tuple) and e.got and expected.values.ndim:
        parts = [_values(item) for item in e.got]
        if len(parts) == expected.shape[0] and all(p is not None for p in parts):
            return f"the result is a {type(e.got).__name__} of {len(parts)}, one entry per row."
    if isinstance(e.got, bool | int | float) and type(e.got) is not bool:
        return f"the result is the Python {type(e.got).__name__} {e.got!r}."
    return None


def _dtypes(e: Evidence) -> list[tuple[np.dtype, np.dtype]]:
    """(got, expected) dtypes that differ, where arrays came back for arrays."""
    pairs = [
        (g, x)
        for g, x in _leaf_pairs(e.got, e.expected)
        if isinstance(g, Array) and isinstance(x, Array) and g.library == x.library
    ]
    return [(g.values.dtype, x.values.dtype) for g, x in pairs if g.values.dtype != x.values.dtype]


def _near(got: np.ndarray, expected: np.ndarray) -> bool:
    """Whether only the dtype is wrong: equal, up to what a coarser dtype can hold."""
    return bool((np.abs(got - expected) <= 0.01 * np.abs(expected)).all()) or bool(
        (got == np.trunc(expected)).all()
    )


def _other_dtype(e: Evidence, kinds: str, expected_kinds: str) -> str | None:
    values = [
        (a.astype(np.float64), b.astype(np.float64)) for a, b in e.leaves if a.dtype != b.dtype
    ]
    if not all(a.shape == b.shape and _near(a, b) for a, b in values):
        return None
    for got, expected in _dtypes(e):
        if got.kind in kinds and expected.kind in expected_kinds:
            return f"the result has dtype {got}, {expected} is asked for."
    return None


@misconception(
    "integers where floats are asked for",
    "Convert with x.astype(jnp.float32), or start from 0.0 in place of 0.",
    "ch01_arrays",
    DOCS + "type_promotion.html",
)
def integer_result(e: Evidence) -> str | None:
    return _other_dtype(e, "iu", "f")


@misconception(
    "booleans where floats are asked for",
    "A comparison gives booleans: convert them with .astype(jnp.float32).",
    "ch01_arrays",
    DOCS + "type_promotion.html",
)
def boolean_result(e: Evidence) -> str | None:
    return _other_dtype(e, "b", "fiu")


@misconception(
    "floats where whole numbers are asked for",
    "Keep to integers: // in place of /, 0 in place of 0.0, no conversion on the way.",
    "ch01_arrays",
    DOCS + "type_promotion.html",
)
def float_result(e: Evidence) -> str | None:
    return _other_dtype(e, "f", "iu")


@misconception(
    "numbers of another precision",
    "Keep the dtype of the input; name the dtype where you make an array.",
    "ch01_arrays",
    GOTCHAS,
)
def other_precision(e: Evidence) -> str | None:
    return _other_dtype(e, "fV", "f") or _other_dtype(e, "iu", "iu")


@misconception(
    "an axis too many or too few",
    "Print x.shape at each step: keepdims, reshape, ravel and x[:, None] change the number of axes.",
    "ch01_arrays",
    DOCS + "key-concepts.html",
)
def other_axes(e: Evidence) -> str | None:
    if len(e.leaves) != 1:
        return None
    got, expected = e.leaves[0]
    if got.ndim == expected.ndim or got.size != expected.size:
        return None
    long = [n for n in got.shape if n != 1]
    if long != [n for n in expected.shape if n != 1] and 1 not in (got.ndim, expected.ndim):
        return None
    if got.size == 1 and not _RESHAPES.search(e.text):
        return None
    flat = same(got.ravel(), expected.ravel()) or bool((got.ravel() == expected.ravel()).all())
    if not flat:
        return None
    return (
        f"the values are right, but the shape is {got.shape} where {expected.shape} is asked for."
    )
