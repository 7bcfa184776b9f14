"""Comparing what came back with what was expected, closely enough to name a cause."""

from __future__ import annotations

import numpy as np

from grader.misconceptions.evidence import Evidence

Pairs = list[tuple[np.ndarray, np.ndarray]]
JACOBIANS = ("jacobian", "jacfwd", "jacrev", "hessian")  # functions of JAX that give whole ones
_RELATIVE = 2e-4  # what the checks forgive, twice


def same(got: np.ndarray, expected: np.ndarray) -> bool:
    """Whether the two arrays are equal up to rounding: shape, then values (NaN equals nothing)."""
    if got.shape != expected.shape or got.dtype.kind not in "biuf":
        return False
    a, b = got.astype(np.float64), expected.astype(np.float64)
    if not a.size or not np.isfinite(a).all() or not np.isfinite(b).all():
        return False
    return bool((np.abs(a - b) <= _RELATIVE * np.abs(b) + 1e-6 * np.abs(b).max()).all())


def telling(values: np.ndarray) -> bool:
    """Whether the array has two distinct non-zero sizes: a match by accident is unlikely."""
    sizes = np.abs(values.astype(np.float64).ravel())
    sizes = sizes[np.isfinite(sizes) & (sizes > 1e-12)]
    return bool(sizes.size) and float(sizes.max()) > 1.001 * float(sizes.min())


def rich(e: Evidence) -> bool:
    """Whether the arguments hold so many numbers that a match of the result is no accident."""
    numbers: list[np.ndarray] = []

    def look(value: object) -> None:
        if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
            numbers.append(value.ravel().astype(np.float64))
        if isinstance(value, list | tuple):
            for item in value:
                look(item)

    look(e.args)
    return bool(numbers) and len(np.unique(np.abs(np.concatenate(numbers)))) >= 4


def joined(pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """All leaves of one value in one row, and those of the other."""
    got = np.concatenate([np.ravel(a).astype(np.float64) for a, _ in pairs])
    return got, np.concatenate([np.ravel(b).astype(np.float64) for _, b in pairs])


def single(e: Evidence) -> tuple[np.ndarray, np.ndarray] | None:
    """The one array that came back and the one expected, of one shape; None if there are more."""
    if len(e.leaves) != 1 or not e.differs or e.leaves[0][0].dtype.kind not in "biuf":
        return None
    got, expected = e.leaves[0]
    return None if same(got, expected) else (got.astype(np.float64), expected.astype(np.float64))


def whole(e: Evidence) -> tuple[np.ndarray, np.ndarray] | None:
    """Everything that came back and everything expected, as rows of numbers of one length."""
    if not e.differs or any(a.dtype.kind not in "biuf" for a, _ in e.leaves):
        return None
    got, expected = joined(e.leaves)
    return None if same(got, expected) else (got, expected)


def ratio(got: np.ndarray, expected: np.ndarray) -> float | None:
    """The factor c with got == c * expected everywhere; None if there is none, or nothing to tell."""
    if got.shape != expected.shape or not got.size:
        return None
    a, b = got.astype(np.float64).ravel(), expected.astype(np.float64).ravel()
    if not np.isfinite(a).all() or not np.isfinite(b).all() or not np.abs(b).max():
        return None
    largest = int(np.abs(b).argmax())
    factor = float(a[largest] / b[largest])
    return factor if factor and abs(factor - 1) > 1e-3 and same(a, factor * b) else None


def common_factor(e: Evidence) -> float | None:
    """The one factor between everything that came back and everything expected; None if there is none."""
    pair = whole(e)
    return ratio(*pair) if pair else None


def sizes(e: Evidence) -> dict[int, str]:
    """Counts that the arguments have (rows, entries) and what each is a count of."""
    found: dict[int, str] = {}

    def look(value: object) -> None:
        if isinstance(value, np.ndarray) and value.ndim:
            found.setdefault(value.shape[0], f"the first axis of an argument has {value.shape[0]}")
            found.setdefault(value.size, f"an argument has {value.size} entries")
        if isinstance(value, list | tuple):
            for item in value:
                look(item)

    look(e.args)
    for _, expected in e.leaves:
        if expected.ndim:
            found.setdefault(expected.shape[0], f"the result has {expected.shape[0]} rows")
    found.pop(1, None)
    found.pop(0, None)
    return found


def count(factor: float, e: Evidence) -> int | None:
    """The whole number above 1 that `factor` is, if the arguments have so many of something."""
    number = round(factor)
    return number if number in sizes(e) and abs(factor / number - 1) < 1e-3 else None


def number(value: float) -> str:
    """A factor as a reader wants it: 3, 0.5, 1/3."""
    if abs(value - 1) < 1e-2:
        return f"{value:.6g}"
    if abs(value - round(value)) < 1e-3 * abs(value):
        return str(round(value))
    inverse = 1 / value
    if abs(inverse - round(inverse)) < 1e-3 * abs(inverse) and abs(inverse) < 1000:
        return f"1/{round(inverse)}" if inverse > 0 else f"-1/{-round(inverse)}"
    return f"{value:.4g}"


def varied(e: Evidence) -> tuple[np.ndarray, np.ndarray] | None:
    """The one array pair, if the expected one has enough different numbers to tell."""
    pair = single(e)
    return pair if pair is not None and telling(pair[1]) else None


def pair_of(e: Evidence) -> tuple[np.ndarray, np.ndarray] | None:
    """The one array that came back and the one expected, whatever their shapes."""
    if len(e.leaves) != 1 or any(a.dtype.kind not in "biuf" for a in e.leaves[0]):
        return None
    got, expected = e.leaves[0]
    return got.astype(np.float64), expected.astype(np.float64)


def is_count(value: object) -> bool:
    integer = isinstance(value, np.ndarray | np.generic) and value.dtype.kind in "iu"
    return type(value) is int or integer


def normalised(values: np.ndarray) -> bool:
    sums = np.exp(np.minimum(values, 1)).sum(-1)
    return bool(np.isclose(sums, 1, rtol=1e-3).all())
