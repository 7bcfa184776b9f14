"""What a probe gave in one world or in both, and what a check may demand of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader import compare, explain
from grader.errors import CheckFailed, Explanation
from grader.model import Outcome, Raised
from grader.trial import Trial
from grader.worker.wire import UNCOUNTED, Array, Opaque, Record


@dataclass(frozen=True)
class Result:
    """What a probe gave in one world."""

    trial: Trial
    outcome: Outcome
    called: explain.Shown
    args: tuple[Any, ...] = ()

    @property
    def printed(self) -> str:
        """What the call wrote to the standard streams, at most 64 KiB."""
        return self.outcome.printed

    @property
    def compilations(self) -> int:
        """How many programs XLA compiled during the call.

        Raises:
            CheckFailed: the answer has kept them from being counted.
        """
        if self.outcome.compilations == UNCOUNTED:
            raise self.failed("It keeps JAX from reporting what is compiled.")
        return self.outcome.compilations

    @property
    def value(self) -> Any:
        """The returned pytree: arrays as NumPy, Python scalars and containers as they are.

        Raises:
            CheckFailed: a leaf is no array, number or text (a tracer, a function, ...).
        """
        return self._plain(self.outcome.value)

    def _plain(self, node: Any) -> Any:
        if isinstance(node, Array):
            return node.values
        if isinstance(node, Opaque):
            raise self.failed(
                f"{self.trial.exercise.name} returned {compare.describe(node)} where a value was expected",
                self._got(),
            )
        if isinstance(node, Record):
            return tuple(self._plain(item) for item in node.values)
        if isinstance(node, list | tuple):
            return type(node)(self._plain(item) for item in node)
        if isinstance(node, dict):
            return {key: self._plain(item) for key, item in node.items()}
        return node

    def _got(self) -> str:
        return f"got       {compare.describe(self.outcome.value)}"

    def _expecting(self, expected: Any) -> None:
        """Note what the value is compared with."""
        if self.trial.clues is not None:
            self.trial.clues = replace(
                self.trial.clues, outcome=self.outcome, args=self.args, expected=expected
            )

    def equals(self, expected: Any, rtol: float | None = None, atol: float | None = None) -> Result:
        """Fails the check unless the value is `expected`: structure, kind, shape, dtype, values.

        Args:
            expected: a pytree whose NumPy arrays stand for `jax.Array`s.
            rtol, atol: instead of the tolerances of `grader.compare.TOLERANCES`.
        """
        self._expecting(expected)
        tolerance = compare.Tolerance(rtol, atol)
        lines = list(compare.differences(self.outcome.value, expected, tolerance))
        if lines:
            raise self.failed(
                *_mismatch(self.trial.exercise.name, lines, self.outcome.value, expected)
            )
        return self

    def demand(
        self, condition: bool | np.bool_, rationale: str, evidence: str = "", hint: str = ""
    ) -> Result:
        """Fails the check with `rationale` unless `condition` holds."""
        if not condition:
            raise self.failed(rationale, evidence, hint)
        return self

    def failed(self, rationale: str, evidence: str = "", hint: str = "") -> CheckFailed:
        """The verdict "failed", with what was called."""
        shown = "\n".join(part for part in (str(self.called), evidence) if part)
        return self.trial.fail(Explanation(rationale, shown, hint))


def _mismatch(name: str, lines: list[str], got: Any, expected: Any) -> tuple[str, str]:
    """(rationale, evidence) of values that differ."""
    shown = lines[: compare.MAX_LINES]
    if len(lines) > len(shown):
        shown.append(f"... and {len(lines) - len(shown)} more leaves differ")
    mine, theirs = compare.describe(got), compare.describe(expected)
    pair = [f"got       {mine}", f"expected  {theirs}"] if mine != theirs else []
    evidence = [
        *pair,
        *(
            f"{'differs' if not i else '':<10}{line}"
            for i, line in enumerate(shown)
            if len(lines) > 1
        ),
    ]
    return f"{name} does not return what it should: {lines[0]}.", "\n".join(evidence)


@dataclass(frozen=True)
class Pair:
    """What a probe gave in both worlds."""

    answer: Result
    reference: Result

    def agree(self, rtol: float | None = None, atol: float | None = None) -> Pair:
        """Fails the check unless the answer returned what the reference returned."""
        self.answer.equals(self.reference.outcome.value, rtol, atol)
        return self


@dataclass(frozen=True)
class RaisedResult:
    """An exception that a check asked for."""

    result: Result
    error: Raised

    @property
    def type(self) -> str:
        return self.error.type

    @property
    def message(self) -> str:
        return self.error.message

    def demand(
        self, condition: bool, rationale: str, evidence: str = "", hint: str = ""
    ) -> RaisedResult:
        """Fails the check with `rationale` unless `condition` holds."""
        shown = "\n".join(
            p
            for p in (f"raised    {self.type}: {explain.first_paragraph(self.message)}", evidence)
            if p
        )
        self.result.demand(condition, rationale, shown, hint)
        return self
