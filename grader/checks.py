"""What a check file imports: the `check` decorator, Hypothesis's `given`, and strategies for inputs.

    @check("selu", "gives the reference's values")
    @given(x=vectors(-20, 20))
    def test_selu_values(both, x):
        both(lambda m, x: m.selu(x), x, compile=True).agree()

The fixtures `both`, `answer`, `reference` and `speed` come from the plugin (see `grader.trial`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import hypothesis
import numpy as np
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from hypothesis.strategies import (
    SearchStrategy,
    booleans,
    floats,
    integers,
    just,
    lists,
    one_of,
    sampled_from,
    tuples,
)

from grader.model import KINDS, Kind

__all__ = [
    "Demand",
    "arrays",
    "booleans",
    "check",
    "example",
    "floats",
    "given",
    "integers",
    "just",
    "lists",
    "matrices",
    "one_of",
    "sampled_from",
    "scalars",
    "tuples",
    "vectors",
]

example = hypothesis.example
Test = TypeVar("Test", bound=Callable[..., Any])
_STEPS = (
    16  # drawn values are multiples of 1/16: their sums are exact in float32, and they read well
)
_EXAMPLES = 15


@dataclass(frozen=True)
class Demand:
    """What a check demands of which exercise, and the worker that it wants."""

    exercise: str
    name: str
    kind: Kind
    weight: float
    hint: str
    devices: int | None
    x64: bool
    fresh: bool
    repeats: bool


def check(
    exercise: str,
    name: str,
    *,
    kind: Kind = "value",
    weight: float = 1.0,
    hint: str = "",
    devices: int | None = None,
    x64: bool = False,
    fresh: bool = False,
    repeats: bool = True,
) -> Callable[[Test], Test]:
    """Mark a test function as a check of `exercise`; `name` completes the sentence "selu ...".

    Args:
        exercise: the function's name in the chapter that the file belongs to.
        name: the demand, as a learner reads it; it also names the check on the command line.
        kind: "value", "transform", "structure" or "speed".
        weight: its share of the exercise's points, relative to the other checks.
        hint: one next step for whoever fails it; the exercise's first hint otherwise.
        devices: number of host devices that JAX shows in the worker; the chapter's by default.
        x64: whether the worker has 64-bit types enabled.
        fresh: whether the check gets a new worker, with empty compilation caches.
        repeats: whether a call gives the same when it is made again, as the grader tries after every
            check; not so where it measures time.

    Raises:
        ValueError: `kind` is none of the four, or `weight` is not above 0.
    """
    if kind not in KINDS:
        raise ValueError(
            f"check({exercise!r}, {name!r}): kind must be one of {KINDS}, not {kind!r}"
        )
    if not weight > 0:
        raise ValueError(f"check({exercise!r}, {name!r}): weight must be above 0, not {weight!r}")
    demand = Demand(exercise, name, kind, weight, hint, devices, x64, fresh, repeats)

    def mark(test: Test) -> Test:
        setattr(test, "workshop_demand", demand)  # noqa: B010 - a plain function has no such attribute
        return test

    return mark


def given(
    max_examples: int = _EXAMPLES, **strategies: SearchStrategy[Any]
) -> Callable[[Test], Test]:
    """`hypothesis.given` for checks: few examples, no deadline, no database, seeded by the grader.

    Raises:
        ValueError: no strategy is named.
    """
    if not strategies:
        raise ValueError("given() needs at least one strategy, by keyword")
    settings = hypothesis.settings(
        max_examples=max_examples,
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )

    def wrap(test: Test) -> Test:
        return cast(Test, settings(hypothesis.given(**strategies)(test)))

    return wrap


def arrays(shape: tuple[int, ...], low: float, high: float) -> SearchStrategy[np.ndarray]:
    """float32 arrays of one shape whose values are multiples of 1/16 in [low, high]."""
    count = int(np.prod(shape, dtype=int))
    step = st.integers(int(np.ceil(low * _STEPS)), int(np.floor(high * _STEPS)))
    values = st.lists(step, min_size=count, max_size=count)
    return values.map(lambda v: (np.array(v, np.float32) / np.float32(_STEPS)).reshape(shape))


def vectors(
    low: float, high: float, sizes: Sequence[int] = (1, 3, 8)
) -> SearchStrategy[np.ndarray]:
    """float32 vectors of a few sizes; values as in `arrays`."""
    return st.one_of([arrays((size,), low, high) for size in sizes])


def matrices(
    low: float, high: float, shapes: Sequence[tuple[int, int]] = ((1, 1), (2, 3), (4, 3))
) -> SearchStrategy[np.ndarray]:
    """float32 matrices of a few shapes; values as in `arrays`."""
    return st.one_of([arrays(shape, low, high) for shape in shapes])


def scalars(low: float, high: float) -> SearchStrategy[np.float32]:
    """float32 NumPy scalars; values as in `arrays`."""
    return arrays((), low, high).map(lambda a: np.float32(a))
