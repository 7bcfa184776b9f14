"""The fixtures `both`, `answer` and `reference`: they run probes in one world or in both.

    both(probe, *args)    -> Pair    the probe in both worlds;  .agree() compares
    answer(probe, *args)  -> Result  the probe on the learner's module
    reference(...)        -> Result  the probe on the reference

A probe that fails in the learner's world fails the check with a message; one that fails in the
reference's world is the grader's own fault.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader import compare, explain
from grader.errors import Explanation, ReferenceFailed
from grader.model import Outcome
from grader.program import Program, any_size, export_probe, read_program, stretched
from grader.results import Pair, RaisedResult, Result
from grader.trial import Clues, Probe, Trial, missing_name
from grader.waiting import Known, Waiting
from grader.worker.host import Clock
from grader.worlds import Call, LoadFailure, Role

Args = tuple[Any, ...]
_MAX_CALLS = 60
_CHUNKS = 120  # steps: a multiple of the sizes of chunks that loops are usually made of
# Tracing and XLA take at least 10 ms, a call of what is compiled below 1 ms.
_COMPILING_DOMINATES = 3.0
_MAY_BE_LATE = 0.005  # seconds from the word that a small value is ready to its arrival


@dataclass(frozen=True)
class Asker:
    """The fixture `answer` (or `reference`): runs probes in one world."""

    trial: Trial
    role: Role

    def __call__(self, probe: Probe, *args: Any, compile: bool = False) -> Result:
        call = self.trial.call(probe, args, compile)
        result = self._result(self._start(call), probe, args, call.compile)
        if self.role == "answer" and not call.compile:
            self.trial.open_with(probe, args, result.outcome)
        return result

    def _start(self, call: Call) -> Waiting:
        if self.role == "answer":
            return self.trial.ask(call)
        return _start_reference(self.trial, call)

    def _result(self, waiting: Waiting, probe: Probe, args: Args, compiled: bool = False) -> Result:
        """What came of a call: a value, or the verdict on there being none."""
        if self.role == "answer":
            return _answer(self.trial, waiting, probe, args, compiled)
        return _reference(self.trial, waiting, probe, args)

    def timed(self, probe: Probe, *args: Any) -> tuple[Result, float]:
        """`(result, seconds)` of a call, by the grader's clock, until its value is ready."""
        result, clock = self.clocked(probe, *args)
        return result, clock.seconds(_MAY_BE_LATE)

    def clocked(self, probe: Probe, *args: Any) -> tuple[Result, Clock]:
        """A call, when its value was said to be ready, and how much later it was here."""
        call = self.trial.call(probe, args, False)
        try:
            outcome, clock = self.trial.worlds.timed(self.trial.world(self.role), call)
        except LoadFailure as failure:
            if self.role == "answer":
                raise self.trial.lost_at_load(failure.outcome) from None
            raise _reference_lost(self.trial, failure) from None
        return self._result(Known(outcome), probe, args), clock

    def compiles_once(
        self,
        probe: Probe,
        warm_up: Args,
        first: Args,
        *again: Args,
        hints: tuple[str, str] = ("", ""),
    ) -> None:
        """Fails the check unless `first` compiles one program, which then serves all of `again`.

        Args:
            warm_up: a call at other shapes, at which a wrapper may compile what it does to plain numbers.
            hints: for several programs at first, and for more of them later.
        """
        self(probe, *warm_up)
        call, compiling = self.timed(probe, *first)
        call.demand(
            call.compilations == 1,
            f"The first call at new shapes compiled {call.compilations} programs, not one.",
            hint=hints[0],
        )
        limit = compiling / _COMPILING_DOMINATES
        quickest = math.inf
        for index in range(_MAX_CALLS):  # one quick call is proof; a busy machine may slow many
            call, took = self.timed(probe, *again[index % len(again)])
            call.demand(
                call.compilations == 0,
                f"A later call at the same shapes compiled again ({call.compilations} more).",
                hint=hints[1],
            )
            quickest = min(quickest, took)
            if quickest < limit and index + 1 >= len(again):
                return
        raise call.failed(
            "Every call takes as long as the first one, which had to compile.",
            f"got       {compiling * 1e3:.0f} ms at first, then at least {quickest * 1e3:.0f} ms",
            hints[1],
        )

    def program(self, probe: Probe, *args: Any) -> Program:
        """The probe as one program, taken out of the answer's process.

        Args:
            args: as in a call. Arrays are inputs of the program, all else is part of it.

        Fails the check unless the program, run by itself, gives the reference's values for `args`.
        """
        return self._exported(probe, args).agrees_with(self._expected(probe, args), *args)

    def _exported(self, probe: Probe, args: Args) -> Program:
        exported = self._start(self.trial.call(export_probe(probe), args, False))
        return self._program(self._result(exported, probe, args).outcome, probe, args)

    def _program(self, exported: Outcome, probe: Probe, args: Args) -> Program:
        return Program(self.trial, read_program(exported.value), explain.Shown(probe, args))

    def export(self, probe: Probe, *args: Any) -> Program | None:
        """The probe as one program; None where there is no such program."""
        outcome = self._start(self.trial.call(export_probe(probe), args, False)).result()
        return self._program(outcome, probe, args) if outcome.kind == "value" else None

    def _expected(self, probe: Probe, args: Args) -> Any:
        return Asker(self.trial, "reference")(probe, *args).outcome.value

    def constant_size(
        self, probe: Probe, small: Args, large: Args, what: str, hint: str = ""
    ) -> None:
        """Fails the check if the program of the probe grows from the arguments `small` to `large`.

        One program for every size is the proof. Where there is none (code may look at sizes), the
        programs of the two sizes must have the same number of operations. A loop in chunks has a rest,
        which may differ: then two far larger sizes are compared, with the same rest for usual chunks.

        Args:
            what: what grows, such as "the batch".
        """
        self(probe, *small)
        program = self._program_of_any_size(probe, small, large)
        if program is not None and program.gives(self._expected(probe, large), *large):
            return
        few, many = self._exported(probe, small), self._exported(probe, large)
        many.demand(  # before they run: XLA can take minutes over a loop that is unrolled
            many.size <= few.size or not self._grows_far(probe, many, small, large),
            f"The program grows with {what}: a loop is unrolled into it.",
            f"got       {few.size} operations at first, {many.size} for the larger one",
            hint,
        )
        few.agrees_with(self._expected(probe, small), *small)
        many.agrees_with(self._expected(probe, large), *large)

    def _grows_far(self, probe: Probe, many: Program, small: Args, large: Args) -> bool:
        """Whether a program that has grown to `many` grows on; one without any loop does."""
        if not many.has("while"):
            return True
        far, farther = (
            self.export(probe, *stretched(small, large, by)) for by in (_CHUNKS, 2 * _CHUNKS)
        )
        return far is None or farther is None or farther.size > far.size

    def _program_of_any_size(self, probe: Probe, small: Args, large: Args) -> Program | None:
        try:
            return self.export(probe, *any_size(small, large))
        except ValueError:
            return None

    def raises(
        self, probe: Probe, *args: Any, types: Iterable[str] = ("ValueError", "TypeError")
    ) -> RaisedResult:
        """Fails the check unless the probe raises one of `types` (names of exception classes)."""
        shown = explain.Shown(probe, args)
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
        explanation = self.trial.explained(outcome.error, str(shown))
        raise self.trial.fail(replace(explanation, hint=f"It must raise {wanted} here."))


def _answer(
    trial: Trial, waiting: Waiting, probe: Probe, args: tuple[Any, ...], compiled: bool
) -> Result:
    outcome = waiting.result()
    shown = explain.Shown(probe, args, compiled)
    trial.clues = Clues(args, compiled, outcome)
    trial.require_value(outcome, shown)
    return Result(trial, outcome, shown, args)


def _start_reference(trial: Trial, call: Call) -> Waiting:
    try:
        return trial.worlds.start(trial.world("reference"), call)
    except LoadFailure as failure:
        raise _reference_lost(trial, failure) from None


def _reference_lost(trial: Trial, failure: LoadFailure) -> ReferenceFailed:
    return ReferenceFailed(explain.load_failure(trial.chapter.filename, failure.outcome))


def _reference(trial: Trial, waiting: Waiting, probe: Probe, args: tuple[Any, ...]) -> Result:
    outcome = waiting.result()
    shown = explain.Shown(probe, args)
    if outcome.kind != "value":
        error = outcome.error
        what = (
            explain.raised("the reference", str(shown), error, trial.chapter.filename)
            if error
            else None
        )
        raise ReferenceFailed(
            what or Explanation(f"the reference gave no value: {outcome.detail}", str(shown))
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
            outcome = _answer(self.trial, asked, probe, args, call.compile).outcome
            self.trial.open_with(probe, args, outcome)
            asked = Known(outcome)
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
