"""What the fixtures of a check hand to it: probes in one world or both, and what they gave.

    both(probe, *args)    -> Pair    the probe in both worlds;  .agree() compares
    answer(probe, *args)  -> Result  the probe on the learner's module
    reference(...)        -> Result  the probe on the reference

A probe that fails in the learner's world fails the check with a message; one that fails in the
reference's world is the grader's own fault.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader import compare, explain
from grader.errors import CheckFailed, Explanation, ReferenceFailed
from grader.model import Outcome, Raised
from grader.trial import Clues, Probe, Trial, missing_name
from grader.worker.wire import Array, Opaque, Record
from grader.worlds import Call, Known, LoadFailure, Waiting


@dataclass(frozen=True)
class Result:
    """What a probe gave in one world."""

    trial: Trial
    outcome: Outcome
    called: str
    args: tuple[Any, ...] = ()

    @property
    def printed(self) -> str:
        """What the call wrote to the standard streams, at most 64 KiB."""
        return self.outcome.printed

    @property
    def compilations(self) -> int:
        """How many programs XLA compiled during the call."""
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
                f"{self.trial.exercise.name} returned a {node.kind} where a value was expected",
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
        shown = "\n".join(part for part in (self.called, evidence) if part)
        return self.trial.fail(Explanation(rationale, shown, hint))


def _mismatch(name: str, lines: list[str], got: Any, expected: Any) -> tuple[str, str]:
    """(rationale, evidence) of values that differ."""
    shown = lines[: compare.MAX_LINES]
    if len(lines) > len(shown):
        shown.append(f"... and {len(lines) - len(shown)} more leaves differ")
    evidence = [
        f"got       {compare.describe(got)}",
        f"expected  {compare.describe(expected)}",
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


@dataclass(frozen=True)
class Asker:
    """The fixture `answer` (or `reference`): runs probes in one world."""

    trial: Trial
    role: str

    def __call__(self, probe: Probe, *args: Any, compile: bool = False) -> Result:
        call = self.trial.call(probe, args, compile)
        if self.role == "reference":
            return _reference(self.trial, _start_reference(self.trial, call), probe, args)
        return _answer(self.trial, self.trial.ask(call), probe, args, call.compile)

    def raises(
        self, probe: Probe, *args: Any, types: Iterable[str] = ("ValueError", "TypeError")
    ) -> RaisedResult:
        """Fails the check unless the probe raises one of `types` (names of exception classes)."""
        shown = explain.call_text(probe, args)
        outcome = self.trial.ask(self.trial.call(probe, args, False)).result()
        self.trial.clues = Clues(args, False, outcome)
        wanted = " or ".join(types)
        if outcome.error is not None and set(outcome.error.types) & set(types):
            return RaisedResult(Result(self.trial, outcome, shown), outcome.error)
        if outcome.error is None:
            self.trial.require_value(outcome, shown)
            got = f"got       {compare.describe(outcome.value)}"
            rationale = f"{self.trial.exercise.name} returned a value where it must raise {wanted}."
            raise self.trial.fail(Explanation(rationale, f"{shown}\n{got}"))
        if "NotImplementedError" in outcome.error.types or missing_name(
            outcome.error, self.trial.chapter
        ):
            self.trial.require_value(outcome, shown)
        explanation = explain.raised(
            self.trial.exercise.name, shown, outcome.error, self.trial.chapter.filename
        )
        raise self.trial.fail(replace(explanation, hint=f"It must raise {wanted} here."))


def _answer(
    trial: Trial, waiting: Waiting, probe: Probe, args: tuple[Any, ...], compiled: bool
) -> Result:
    outcome = waiting.result()
    shown = explain.call_text(probe, args, compiled)
    trial.clues = Clues(args, compiled, outcome)
    trial.require_value(outcome, shown)
    return Result(trial, outcome, shown, args)


def _start_reference(trial: Trial, call: Call) -> Waiting:
    try:
        return trial.worlds.start(trial.world("reference"), call)
    except LoadFailure as failure:
        raise ReferenceFailed(
            explain.load_failure(trial.chapter.filename, failure.outcome)
        ) from None


def _reference(trial: Trial, waiting: Waiting, probe: Probe, args: tuple[Any, ...]) -> Result:
    outcome = waiting.result()
    shown = explain.call_text(probe, args)
    if outcome.kind != "value":
        error = outcome.error
        what = (
            explain.raised("the reference", shown, error, trial.chapter.filename) if error else None
        )
        raise ReferenceFailed(
            what or Explanation(f"the reference gave no value: {outcome.detail}", shown)
        )
    return Result(trial, outcome, shown)


@dataclass(frozen=True)
class Both:
    """The fixture `both`: runs a probe in the two worlds at the same time."""

    trial: Trial

    def __call__(self, probe: Probe, *args: Any, compile: bool | None = None) -> Pair:
        """Run `probe` with `args` on the answer and on the reference.

        Args:
            compile: whether to run the probe as one jitted program, all of `args` traced, once a plain
                call has succeeded. By default transformation checks do so where the reference can.
        """
        by_default = self.trial.demand.kind == "transform" and _all_arrays(args)
        call = self.trial.call(probe, args, by_default if compile is None else compile)
        asked = self.trial.ask(call)
        if not self.trial.answered:  # a stub ends here, before the reference is asked for anything
            asked = Known(_answer(self.trial, asked, probe, args, call.compile).outcome)
        expected = _start_reference(self.trial, call).result()
        if compile is None and call.compile and expected.kind == "raised":
            asked.result()
            return self(probe, *args, compile=False)
        answer = _answer(self.trial, asked, probe, args, call.compile)
        return Pair(answer, _reference(self.trial, Known(expected), probe, args))


def _all_arrays(args: tuple[Any, ...]) -> bool:
    """Whether every leaf of the arguments is an array (and there is one)."""
    leaves: list[Any] = [*args]
    arrays = 0
    while leaves:
        leaf = leaves.pop()
        if isinstance(leaf, list | tuple):
            leaves += leaf
        elif isinstance(leaf, dict):
            leaves += leaf.values()
        elif isinstance(leaf, np.ndarray | np.generic):
            arrays += 1
        else:
            return False
    return arrays > 0
