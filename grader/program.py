"""An answer's function as a program: exported where it lives, then judged where no answer has been.

What a process that has run a stranger's code says about itself can be forged. A program cannot: it is
data, and a clean worker runs it, counts it and times it (see `grader.worker.programs`).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import cloudpickle
import numpy as np

from grader import compare, explain
from grader.errors import CheckFailed, Explanation
from grader.model import Outcome
from grader.text import one_line
from grader.trial import Probe, Trial
from grader.worker.wire import Array, Spec
from grader.worlds import Call

# A lambda travels to the worker by itself; a function by name would have it import this module.
_RUN: Probe = lambda m, data, *args: m.run(data, *args)  # noqa: E731


@dataclass(frozen=True)
class Program:
    """The program of a probe: `data` holds it as `jax.export` writes it."""

    trial: Trial
    data: bytes
    called: explain.Shown

    def run(self, *args: Any) -> Outcome:
        """What it gives for `args`, in the clean worker."""
        return self._ask(_RUN, *args)

    @functools.cached_property
    def operations(self) -> dict[str, int]:
        """How often each operation of StableHLO occurs, such as "stablehlo.add"."""
        found: dict[str, int] = self._ask(lambda m, data: m.operations(data)).value
        return found

    @property
    def size(self) -> int:
        """The number of operations."""
        return sum(self.operations.values())

    @functools.cached_property
    def largest_value(self) -> int:
        """The number of elements of the largest array in it."""
        return int(self._ask(lambda m, data: m.largest_value(data)).value)

    @functools.cached_property
    def splits_inputs(self) -> bool:
        """Whether a shard_map in it gives every device a part of an array."""
        return bool(self._ask(lambda m, data: m.splits_inputs(data)).value)

    @functools.cached_property
    def cost(self) -> dict[str, float]:
        """XLA's estimate for one run (`flops`, `bytes`), and the seconds it took to compile."""
        found: dict[str, float] = self._ask(lambda m, data: m.cost(data)).value
        return found

    def agrees_with(self, expected: Any, *args: Any) -> Program:
        """Fails the check unless it gives `expected` for `args`."""
        lines = list(compare.differences(self.run(*args).value, expected, compare.Tolerance()))
        return self.demand(
            not lines,
            f"The program of {self.trial.exercise.name}, run by itself, gives other values: "
            f"{lines[0] if lines else ''}.",
        )

    def gives(self, expected: Any, *args: Any) -> bool:
        """Whether it runs, and gives `expected` for `args`."""
        outcome = self._start(_RUN, *args)
        return outcome.kind == "value" and not list(
            compare.differences(outcome.value, expected, compare.Tolerance())
        )

    def has(self, operation: str) -> bool:
        """Whether an operation, such as "while" or "all_reduce", occurs."""
        return any(name.endswith(f".{operation}") for name in self.operations)

    def race(
        self, reference: Program, args: tuple[Any, ...], pairs: int
    ) -> list[tuple[float, float]]:
        """Seconds of this program and of `reference`, in pairs, by the clean worker's clock."""
        probe = lambda m, mine, *rest: m.race(mine, *rest)  # noqa: E731
        times: list[tuple[float, float]] = self._ask(probe, reference.data, args, pairs).value
        return times

    def _start(self, probe: Probe, *args: Any) -> Outcome:
        call = Call(cloudpickle.dumps(probe), cloudpickle.dumps((self.data, *args)))
        return self.trial.worlds.start(self.trial.world("program"), call).result()

    def _ask(self, probe: Probe, *args: Any) -> Outcome:
        outcome = self._start(probe, *args)
        if outcome.kind == "value":
            return outcome
        why = outcome.error.message if outcome.error else outcome.detail
        raise self.fails(
            f"The program of {self.trial.exercise.name} cannot be run by itself: {one_line(why)}."
        )

    def fails(self, rationale: str, evidence: str = "", hint: str = "") -> CheckFailed:
        """The verdict "failed", with what was called."""
        shown = "\n".join(part for part in (str(self.called), evidence) if part)
        return self.trial.fail(Explanation(rationale, shown, hint))

    def demand(
        self, condition: bool, rationale: str, evidence: str = "", hint: str = ""
    ) -> Program:
        """Fails the check with `rationale` unless `condition` holds."""
        if not condition:
            raise self.fails(rationale, evidence, hint)
        return self


def export_probe(probe: Probe) -> Probe:
    """A probe that gives the program of `probe`, as bytes."""

    def exporting(m: Any, *args: Any) -> Any:
        from grader.worker import toolbox

        return toolbox.program(functools.partial(probe, m), *args)

    return exporting


def read_program(value: Any) -> bytes:
    """The bytes of an exported program; none if a worker sent anything else."""
    if isinstance(value, Array) and value.values.dtype == np.uint8 and value.values.ndim == 1:
        return value.values.tobytes()
    return b""


def stretched(small: tuple[Any, ...], large: tuple[Any, ...], by: int) -> tuple[Any, ...]:
    """`large` with `by` added to every size and number that differs from `small`; entries are repeated."""

    def longer(a: Any, b: Any) -> Any:
        if isinstance(a, np.ndarray | np.generic):
            for axis, (m, n) in enumerate(zip(np.shape(a), np.shape(b), strict=True)):
                b = b if m == n else np.take(b, np.arange(n + by) % n, axis)
            return b
        if isinstance(a, list | tuple):
            return type(a)(longer(x, y) for x, y in zip(a, b, strict=True))
        return b if a == b else b + by

    return tuple(longer(a, b) for a, b in zip(small, large, strict=True))


def any_size(small: tuple[Any, ...], large: tuple[Any, ...]) -> tuple[Any, ...]:
    """`small` with every size that differs in `large` as a symbol; equal pairs get the same symbol.

    Raises:
        ValueError: the two differ in something else than the sizes of arrays.
    """
    symbols: dict[tuple[int, int], str] = {}

    def merged(a: Any, b: Any) -> Any:
        if isinstance(a, np.ndarray | np.generic):
            sizes = zip(np.shape(a), np.shape(b), strict=True)
            shape = tuple(
                m if m == n else symbols.setdefault((m, n), f"n{len(symbols)}") for m, n in sizes
            )
            return Spec(shape, a.dtype.name)
        if isinstance(a, list | tuple):
            return type(a)(merged(x, y) for x, y in zip(a, b, strict=True))
        if a != b:
            raise ValueError("another value than a size differs")
        return a

    return tuple(merged(a, b) for a, b in zip(small, large, strict=True))
