"""Speed as a ratio to the reference, measured in pairs: answer and reference in turn, inputs fresh.

First the calls are timed, by the grader's clock, and their values compared: an answer that remembers,
guesses or returns early gains nothing. Then, where the answer can be exported, its program races the
reference's in a process that no answer has entered; what XLA runs cannot pretend.

Pairs are taken until Wald's sequential test has decided between "at most 3 in 10 pairs are beyond the
threshold" and "at least 7 in 10 are". An answer of the first kind is blamed with a chance below 1 in
10,000, one of the second kind passes with a chance below 1 in 800. A quarter beyond the threshold is
what a busy machine may do to a right answer, and not held against it; pairs that the machine has
disturbed do not count; nobody is blamed for what the reference cannot do at the same moment, or what
the contract calls right, nor on the word of one process: it is measured again in new ones. Undecided
counts for the learner, and is said.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from grader import explain
from grader.asking import Asker
from grader.compare import share_apart
from grader.errors import CheckFailed, Explanation
from grader.model import Timing
from grader.trial import Probe, Trial

Pair = tuple[float, float]
Decision = Literal["fast enough", "too slow", "undecided"]
_FEW, _MANY = 0.3, 0.7  # shares of pairs beyond the threshold that the test tells apart
_BLAME, _PASS = 1e-4, 1e-3  # its error rates
_STEP = math.log(_MANY / _FEW)
_TOO_SLOW_AT = math.log((1 - _PASS) / _BLAME) / _STEP  # pairs beyond the threshold, less the others
_FAST_ENOUGH_AT = math.log((1 - _BLAME) / _PASS) / _STEP
_MARGIN = 1.25
_FAR, _FAR_PAIRS = 4.0, 4  # so many pairs, all that many times beyond the threshold, will do
_NEAR, _NEAR_PAIRS = 0.6, 6  # and so many, if all are below this share of it
_DISTURBED = 4.0  # a pair does not count if its reference took that many times its shortest time
_BUDGET_SECONDS = 12.0
_SUSPECT_SECONDS = 60.0  # while most pairs are beyond the threshold
_MAX_PAIRS = 120
_FLOOR_CALLS = 20
_MOST_WAY = 0.25  # of a time may be the way; more would make the ratios of a busy machine too large
_BLOCK, _BLOCK_SECONDS = 5, 0.02
_STEADY = 1.25  # times its shortest time: a reference that takes no longer was not disturbed
_NOTHING = 1e-6  # seconds
# An answer may say that it is done and go on computing. Its value may arrive as late as the reference's,
# by this factor and so many seconds; more is time of the call.
_LATER, _MAY_BE_LATE = 1.5, 0.002
_WRONG_VALUE = (
    "Speed counts for right values alone. These inputs were new to the function, and large."
)
_MAY_DIFFER = (
    0.05  # share of entries of a timed value; roundings differ, and values have their own checks
)
_PROGRAM_SLACK = 2.0  # the race is for what calls have hidden; it need not be as strict as they are


@dataclass
class Speed:
    """The fixture `speed`. `record` receives the answer's times in seconds, for the benchmark table."""

    trial: Trial
    seed: int
    record: Callable[[list[float]], None]

    def __call__(
        self,
        probe: Probe,
        inputs: Callable[[np.random.Generator], tuple[Any, ...]],
        reference: Probe | None = None,
        right: Probe | None = None,
    ) -> Measurement:
        """A measurement of `probe` on the answer against `reference` (by default: the same probe).

        Args:
            inputs: makes the arguments of one pair from a NumPy random generator.
            right: a probe on the reference that is right, though slow: where it takes longer than the
                threshold, on a machine unlike the one that the threshold comes from, so may the answer.
        """
        return Measurement(self, self.answer, probe, reference or probe, inputs, right)

    @property
    def answer(self) -> Asker:
        return Asker(self.trial, "answer")

    @property
    def reference(self) -> Asker:
        return Asker(self.trial, "reference")

    def floor(self) -> float:
        """The seconds that a call takes which does nothing: the way to a worker and back."""
        return min(self.reference.clocked(lambda m: None)[1].done for _ in range(_FLOOR_CALLS))


@dataclass
class Measurement:
    """Pairs of times of `answer` and the reference, taken until a threshold is decided."""

    speed: Speed
    answer: Asker
    probe: Probe
    reference: Probe
    inputs: Callable[[np.random.Generator], tuple[Any, ...]]
    right: Probe | None = None

    def at_most(self, ratio: float) -> None:
        """Fails the check if the answer clearly takes more than `ratio` times the reference's time."""
        self._let_reference_compile()
        pairs, decision, first = self._calls(ratio)
        if decision == "too slow":
            ratio = self._allowed(ratio)
            self.speed.trial.renew_workers()
            pairs, decision, first = self._calls(ratio)
        if decision == "too slow" and not self._reference_can(ratio):
            decision = "undecided"
        self.speed.record([answer for answer, _ in pairs])
        timing = summary(pairs, ratio, decision, first)
        self.speed.trial.timing = timing
        if decision == "too slow":
            raise self._too_slow(timing, "")
        self._race(timing)

    def _let_reference_compile(self) -> None:
        """Have the reference make the answer's call, once for all runs: its programs are kept."""
        if self.reference is not self.probe:
            args = self.inputs(np.random.default_rng(self.speed.seed))
            self.speed.reference(self.probe, *args)

    def _calls(self, ratio: float) -> tuple[list[Pair], Decision, float]:
        """Pairs of calls, what they decide, and the time of the first call, which compiles.

        Where a call is short, a pair is made of the shortest of several in turn: whoever shares the
        machine takes it for some milliseconds at a time. One will do that is clearly fast enough while
        the reference took no longer than it can.
        """
        rng = np.random.default_rng(self.speed.seed)
        first, _ = self._pair(rng, 0)
        floor = self.speed.floor()
        quickest = math.inf

        def shortest(index: int) -> Pair:
            nonlocal quickest
            whole, calls = (math.inf, math.inf), 0
            while calls < _block_size(min(quickest, whole[1])):
                times = self._pair(rng, index + calls)
                whole, calls = (min(whole[0], times[0]), min(whole[1], times[1])), calls + 1
                mine, theirs = _without(floor, whole)
                if mine < _NEAR * ratio * theirs and theirs <= _STEADY * quickest:
                    break
            quickest = min(quickest, theirs)
            return mine, theirs

        return *sample(shortest, ratio), first

    def _pair(self, rng: np.random.Generator, index: int) -> Pair:
        args = self.inputs(rng)
        if index % 2:
            expected, theirs = self.speed.reference.clocked(self.reference, *args)
            result, mine = self.answer.clocked(self.probe, *args)
        else:
            result, mine = self.answer.clocked(self.probe, *args)
            expected, theirs = self.speed.reference.clocked(self.reference, *args)
        times = mine.seconds(_MAY_BE_LATE + _LATER * theirs.late), theirs.done
        result.demand(
            not result.outcome.replaced,
            f"It replaces {', '.join(result.outcome.replaced)} while it is timed.",
        )
        if share_apart(result.outcome.value, expected.outcome.value) <= _MAY_DIFFER:
            return times
        try:
            result.equals(expected.outcome.value)
        except CheckFailed as failed:
            raise self.speed.trial.fail(replace(failed.explanation, hint=_WRONG_VALUE)) from None
        return times

    def _allowed(self, ratio: float) -> float:
        """The threshold on this machine: what is right cannot be too slow."""
        if self.right is None:
            return ratio
        control = replace(self, answer=self.speed.reference, probe=self.right)
        pairs, *_ = control._calls(ratio)
        return max(ratio, statistics.median(mine / theirs for mine, theirs in pairs))

    def _reference_can(self, ratio: float) -> bool:
        """Whether the reference keeps to the threshold itself, on this machine and now."""
        if self.reference is self.probe:
            return True
        control = replace(self, answer=self.speed.reference)
        return control._calls(ratio)[1] == "fast enough"

    def _race(self, calls: Timing) -> None:
        """Fails the check if the answer's program takes far longer than its calls let us believe.

        The reference's own program needs no race.
        """
        trial = self.speed.trial
        args = self.inputs(np.random.default_rng(self.speed.seed))
        mine = self.answer.export(self.probe, *args)
        theirs = self.speed.reference.export(self.probe, *args)
        if mine is None or theirs is None or mine.data == theirs.data:
            return
        limit = calls.limit * _PROGRAM_SLACK
        mine.race(theirs, args, 1)  # compiles both
        size = _block_size(mine.race(theirs, args, 1)[0][1])
        blocks: list[Pair] = []

        def shortest(index: int) -> Pair:
            if index == len(blocks):  # several at once, since the arguments travel each time
                times = mine.race(theirs, args, size * _NEAR_PAIRS)
                blocks.extend(
                    (min(m for m, _ in block), min(t for _, t in block))
                    for block in (times[i : i + size] for i in range(0, len(times), size))
                )
            return blocks[index]

        pairs, decision = sample(shortest, limit)
        if decision == "too slow":
            timing = summary(pairs, limit, decision, 0.0)
            trial.timing = timing
            raise self._too_slow(timing, ", run by itself,")

    def _too_slow(self, timing: Timing, how: str) -> CheckFailed:
        name = self.speed.trial.exercise.name
        evidence = (
            f"called    {explain.probe_text(self.probe)}\n"
            f"got       {timing.answer * 1e3:.2f} ms, the reference {timing.reference * 1e3:.2f} ms "
            f"(median ratio of {timing.pairs} pairs: {timing.ratio:.1f})\n"
            f"expected  at most {timing.limit:.3g} times the reference's time"
        )
        rationale = (
            f"{name}{how} takes {timing.ratio:.1f} times as long as the reference; "
            f"at most {timing.limit:.3g} is asked for."
        )
        return self.speed.trial.fail(Explanation(rationale, evidence))


def _without(floor: float, times: Pair) -> Pair:
    """The times less the way to the worker, which a busy machine makes look longer than it is."""
    way = min(floor, _MOST_WAY * times[1])
    return max(times[0] - way, _NOTHING), max(times[1] - way, _NOTHING)


def _block_size(seconds: float) -> int:
    """How many calls of so many seconds, at their shortest, make one pair; one, if nothing is known."""
    return max(1, min(_BLOCK, math.ceil(_BLOCK_SECONDS / max(seconds, _NOTHING))))


def sample(take: Callable[[int], Pair], limit: float) -> tuple[list[Pair], Decision]:
    """Pairs from `take(index)` until the ratio's side of `limit` is decided, or the time is up."""
    start = time.monotonic()
    pairs: list[Pair] = []
    decision: Decision = "undecided"
    while decision == "undecided" and len(pairs) < _MAX_PAIRS:
        pairs.append(take(len(pairs)))
        counted = undisturbed(pairs)
        slower = sum(mine > _MARGIN * limit * theirs for mine, theirs in counted)
        decision = decide([mine / theirs for mine, theirs in counted], limit)
        budget = _SUSPECT_SECONDS if 2 * slower > len(counted) else _BUDGET_SECONDS
        if time.monotonic() - start > budget:
            break
    return undisturbed(pairs), decision


def undisturbed(pairs: list[Pair]) -> list[Pair]:
    """The pairs during which the machine gave the reference the time that it needs."""
    quickest = min(theirs for _, theirs in pairs)
    return [pair for pair in pairs if pair[1] <= _DISTURBED * quickest]


def decide(ratios: list[float], limit: float) -> Decision:
    """What the ratios of the pairs so far say about an answer that may take `limit` times as long."""
    if len(ratios) >= _FAR_PAIRS and min(ratios) > _FAR * limit:
        return "too slow"
    if len(ratios) >= _NEAR_PAIRS and max(ratios) < _NEAR * limit:
        return "fast enough"
    lead = sum(1 if ratio > _MARGIN * limit else -1 for ratio in ratios)
    if lead >= _TOO_SLOW_AT:
        return "too slow"
    return "fast enough" if -lead >= _FAST_ENOUGH_AT else "undecided"


def summary(pairs: list[Pair], limit: float, decision: Decision, first: float) -> Timing:
    """The medians of the pairs; `first` is the time of the first call, which compiles."""
    answer = statistics.median(mine for mine, _ in pairs)
    return Timing(
        ratio=statistics.median(mine / theirs for mine, theirs in pairs),
        limit=limit,
        pairs=len(pairs),
        decision=decision,
        answer=answer,
        reference=statistics.median(theirs for _, theirs in pairs),
        compiling=max(0.0, first - answer),
    )
