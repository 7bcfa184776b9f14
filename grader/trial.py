"""One execution of one check: its probes on the learner's code, and what becomes of the check.

An answer that hangs, crashes, raises, is a stub or changes its arguments ends the check here, with a
message; what an answer returns is compared in `grader.results`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import cloudpickle
import hypothesis

from grader import explain
from grader.checks import Demand
from grader.compare import Tolerance, describe, differences
from grader.errors import CheckFailed, Explanation, Lost, NotWritten, ReferenceFailed
from grader.memory import array_bytes
from grader.misconceptions.evidence import MISSING, Evidence
from grader.model import Outcome, Raised, Status, Timing
from grader.pack import Chapter, Exercise
from grader.text import one_line
from grader.waiting import Known, Noted, Waiting
from grader.worlds import Call, LoadFailure, Role, World, Worlds

_LAST_WORDS = 500  # characters of what a process of ours said before it ended
_SHRINK_CALLS = 60  # new inputs tried after the first failure, in search of a smaller one
_REMEMBERED_BYTES = 2**20  # of arrays in an outcome that is kept while a check runs
Probe = Callable[..., Any]


@dataclass(frozen=True)
class Clues:
    """The last call on the learner's code: what went in, what came back, what was expected."""

    args: tuple[Any, ...]
    compiled: bool
    outcome: Outcome
    expected: Any = MISSING


@dataclass(frozen=True)
class Opening:
    """The first call on an exercise: what it was, where it ran, what came of it."""

    probe: Probe
    args: tuple[Any, ...]
    world: World
    outcome: Outcome


@dataclass
class Trial:
    """What a check needs while it runs."""

    worlds: Worlds
    chapter: Chapter
    exercise: Exercise
    demand: Demand
    stand_ins: tuple[str, ...] = ()
    shrinks: bool = False
    swapped: bool = False
    printed: str = ""
    answered: bool = False
    failure: Explanation | None = None
    clues: Clues | None = None
    opening: Opening | None = None
    timing: Timing | None = None
    matrix: dict[str, Status] = field(default_factory=dict)
    _memory: dict[bytes, Outcome] = field(default_factory=dict)
    _spent: int = 0

    def world(self, role: Role) -> World:
        """The world of `role` for this check."""
        if role == "answer" and self.swapped:
            role = "reference"
        return World(
            role=role,
            chapter="" if role == "program" else self.chapter.name,
            devices=self.demand.devices or self.chapter.devices,
            x64=self.demand.x64,
            optimised=self.demand.kind == "speed",
            stand_ins=self.stand_ins if role == "answer" else (),
        )

    def renew_workers(self) -> None:
        """Have the next calls run in new processes, with empty caches."""
        roles: tuple[Role, ...] = ("answer", "reference")
        for role in roles:
            self.worlds.renew(self.world(role))

    def call(self, probe: Probe, args: tuple[Any, ...], compile: bool) -> Call:
        """`probe` with `args` for the wire; nothing is compiled before a plain call has succeeded."""
        return Call(cloudpickle.dumps(probe), cloudpickle.dumps(args), compile and self.answered)

    def ask(self, call: Call) -> Waiting:
        """The learner's world runs `call`. While Hypothesis shrinks, known calls are not run again."""
        if self.shrinks and self.failure is not None:
            known = self._memory.get(call.key)
            if known is not None:
                return Known(known)
            self._spent += 1
            if self._spent > _SHRINK_CALLS:
                hypothesis.reject()
        return self._remembering(call)

    def _remembering(self, call: Call) -> Waiting:
        try:
            waiting = self.worlds.start(self.world("answer"), call)
        except LoadFailure as failure:
            raise self.lost_at_load(failure.outcome) from None
        if self.swapped:  # the same worker is asked again at once, for the reference's sake
            return Known(waiting.result())
        if not self.shrinks:
            return waiting
        return Noted(waiting, functools.partial(self._remember, call.key))

    def _remember(self, key: bytes, outcome: Outcome) -> None:
        if array_bytes(outcome.value) <= _REMEMBERED_BYTES:
            self._memory[key] = outcome

    def lost_at_load(self, outcome: Outcome) -> Lost:
        """The chapter's file cannot be executed."""
        if self.swapped:
            return Lost(Explanation("the reference cannot be loaded"))
        self._require_running_jax(outcome)
        return Lost(explain.load_failure(self.chapter.filename, outcome))

    def fail(self, explanation: Explanation) -> CheckFailed:
        """The verdict "failed"; remembered, so that shrinking knows that there is one."""
        self.failure = explanation
        return CheckFailed(explanation)

    def open_with(self, probe: Probe, args: tuple[Any, ...], outcome: Outcome) -> None:
        """Note the exercise's first call."""
        if self.opening is None and self.demand.repeats:
            self.opening = Opening(probe, args, self.world("answer"), outcome)

    def demand_same_again(self) -> None:
        """Fails the check if the exercise's first call, made again now, gives something else.

        Other calls lie between the two, and often another process.
        """
        first = self.opening
        if first is None or first.world != self.world("answer") or self.demand.kind == "speed":
            return
        shown = explain.Shown(first.probe, first.args)
        again = self.ask(self.call(first.probe, first.args, False)).result()
        self.require_value(again, shown)
        lines = list(differences(again.value, first.outcome.value, Tolerance()))
        if lines:
            rationale = (
                f"{self.exercise.name} gave another result when the same call was made again."
            )
            found = f"at first  {describe(first.outcome.value)}\nlater     {describe(again.value)}"
            hint = (
                "It must remember nothing between calls: no global, no attribute, no growing list."
            )
            raise self.fail(Explanation(rationale, f"{shown}\n{found}", hint))

    def evidence(self, explanation: Explanation) -> Evidence:
        """What this trial knows, for the rules that name misconceptions."""
        outcome = self.clues.outcome if self.clues else Outcome("value", MISSING)
        return Evidence(
            chapter=self.chapter.name,
            exercise=self.exercise.name,
            check=self.demand.name,
            kind=self.demand.kind,
            rationale=explanation.rationale,
            shown=explanation.evidence,
            args=self.clues.args if self.clues else (),
            compiled=self.clues.compiled if self.clues else False,
            error=outcome.error,
            got=outcome.value if outcome.kind == "value" else MISSING,
            expected=self.clues.expected if self.clues else MISSING,
            compilations=outcome.compilations,
            printed=outcome.printed,
            source=self.worlds.submission.texts.get(self.chapter.name, ("", ""))[1],
        )

    def require_value(self, outcome: Outcome, shown: explain.Shown) -> None:
        """Nothing if `outcome` is a value that leaves its arguments alone; a verdict otherwise."""
        self.printed = outcome.printed or self.printed
        if outcome.kind == "value":
            self.answered = True
            if outcome.changed:
                rationale = (
                    f"{self.exercise.name} changed its arguments: {one_line(outcome.changed)}."
                )
                raise self.fail(
                    Explanation(
                        rationale, str(shown), "Return a new value; leave the input as it was."
                    )
                )
            if outcome.leaked:
                rationale = f"{self.exercise.name} left a tracer behind, in the global `{one_line(outcome.leaked)}`."
                raise self.fail(
                    Explanation(
                        rationale, str(shown), "Return what is needed later instead of storing it."
                    )
                )
            return
        if outcome.error is not None:
            raise self._raised(outcome.error, str(shown))
        raise self._lost(outcome, str(shown))

    def _lost(self, outcome: Outcome, shown: str) -> Lost:
        self._require_running_jax(outcome)
        what = "gave" if outcome.kind == "timed out" else "ended early:"
        hint = (
            "Look for a loop whose condition never becomes false."
            if outcome.kind == "timed out"
            else "The code ended the process, or broke the library under it."
        )
        return Lost(
            Explanation(f"{self.exercise.name} {what} {one_line(outcome.detail)}.", shown, hint)
        )

    def _require_running_jax(self, outcome: Outcome) -> None:
        """Nothing if the answer itself has ended its process: JAX runs in such a one on this machine."""
        if outcome.kind != "crashed" or self.swapped:
            return
        found = self.worlds.running_jax(self.world("answer"))
        if found.kind != "value":
            raise ReferenceFailed(
                Explanation(
                    f"JAX cannot run in a worker on this machine: {one_line(found.detail)}.",
                    f"{one_line(found.printed, _LAST_WORDS)}\nThis is no fault of the answer. "
                    "Is there memory left? Does `python -c 'import jax; print(jax.numpy.ones(3))'` work?",
                )
            )

    def _raised(self, error: Raised, shown: str) -> BaseException:
        filename, name = self.chapter.filename, self.exercise.name
        if "NotImplementedError" in error.types and error.frames:
            return self._not_written(error, shown)
        missing = missing_name(error, self.chapter)
        if missing:
            signature = self.worlds.pack.signature(
                self.worlds.pack.exercise(f"{self.chapter.name}.{missing}")
            )
            rationale = f"There is no `{missing}` in {filename}."
            return self.fail(
                Explanation(rationale, hint=f"Define it at the top level: {signature}.")
            )
        explanation = self.explained(error, shown)
        if (
            error.type == "TypeError"
            and f"{name}() " in error.message
            and "argument" in error.message
        ):
            hint = f"It is called as {self.worlds.pack.signature(self.exercise)}."
            explanation = replace(explanation, hint=hint)
        return self.fail(explanation)

    def explained(self, error: Raised, shown: str) -> Explanation:
        """The explanation of an exception in the answer, and why its text is not shown."""
        explanation = explain.raised(self.exercise.name, shown, error, self.chapter.filename)
        if not error.withheld:
            return explanation
        names = ", ".join(f"`{name}`" for name in self.stand_ins)
        verb = "is" if len(self.stand_ins) == 1 else "are"
        why = f"Its text is not shown: {names} {verb} unsolved, and the reference stands in."
        return replace(explanation, rationale=f"{explanation.rationale} ({why})")

    def _not_written(self, error: Raised, shown: str) -> BaseException:
        frame = error.frames[-1]
        if not frame.text.startswith("raise NotImplementedError") and self.answered:
            return self.fail(self.explained(error, shown))
        names = {exercise.name for exercise in self.chapter.exercises}
        if frame.function in names and frame.function != self.exercise.name:
            return NotWritten(
                Explanation(f"It calls `{frame.function}`, which is not written yet.")
            )
        if self.answered:
            return self.fail(self.explained(error, shown))
        return NotWritten(Explanation(f"`{self.exercise.name}` is not written yet."))


def missing_name(error: Raised, chapter: Chapter) -> str:
    """The exercise that the chapter's module lacks, if that is what the exception says."""
    for exercise in chapter.exercises:
        if error.message == f"module {chapter.name!r} has no attribute {exercise.name!r}":
            return exercise.name
    return ""
