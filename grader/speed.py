"""Speed as a ratio to the reference, measured in pairs: answer and reference in turn, inputs fresh.

The clock is the grader's, not the worker's. A pair counts for or against the answer; pairs are taken
until one side is clear by a sign test, or the budget ends. Undecided counts for the learner.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import cloudpickle
import numpy as np

from grader import explain
from grader.errors import Explanation, ReferenceFailed
from grader.trial import Probe, Trial
from grader.worlds import Call, LoadFailure

_PASS_LEVEL = 0.05  # chance that an answer at the threshold is let pass early
_FAIL_LEVEL = 1e-3  # chance that an answer at the threshold is failed
_FAR, _FAR_PAIRS = (
    2.0,
    4,
)  # as many pairs, all of them that many times beyond the threshold, will do
_BUDGET_SECONDS = 12.0
_SUSPECT_SECONDS = 60.0
_MAX_PAIRS = 60
_WARM_UP = 1


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
    ) -> Measurement:
        """A measurement of `probe` on the answer against `reference` (by default: the same probe).

        Args:
            inputs: makes the arguments of one pair from a NumPy random generator.
        """
        return Measurement(self, probe, reference or probe, inputs)

    def seconds(self, role: str, probe: Probe, args: tuple[Any, ...]) -> float:
        """The time of one call, by the grader's clock, until its result is ready."""
        call = Call(cloudpickle.dumps(probe), cloudpickle.dumps(args))
        try:
            outcome, seconds = self.trial.worlds.timed(self.trial.world(role), call)
        except LoadFailure as failure:
            raise self.trial.lost_at_load(failure.outcome) from None
        if role == "answer":
            self.trial.require_value(outcome, explain.call_text(probe, args))
        elif outcome.kind != "value":
            raise ReferenceFailed(Explanation(f"the reference was not timed: {outcome.detail}"))
        return seconds


@dataclass
class Measurement:
    """Pairs of times, taken until a threshold is decided."""

    speed: Speed
    probe: Probe
    reference: Probe
    inputs: Callable[[np.random.Generator], tuple[Any, ...]]
    pairs: list[tuple[float, float]] = field(default_factory=list)

    def at_most(self, ratio: float) -> None:
        """Fails the check if the answer clearly takes more than `ratio` times the reference's time."""
        rng = np.random.default_rng(self.speed.seed)
        start = time.monotonic()
        for _ in range(_WARM_UP):
            self._pair(rng)
        verdict = "undecided"
        while verdict == "undecided" and self._may_go_on(ratio, time.monotonic() - start):
            self.pairs.append(self._pair(rng))
            verdict = decide([answer / reference for answer, reference in self.pairs], ratio)
        self.speed.record([answer for answer, _ in self.pairs])
        if verdict == "too slow":
            raise self._too_slow(ratio)

    def _may_go_on(self, limit: float, seconds: float) -> bool:
        """Whether there is time for another pair; more of it while every pair was too slow."""
        suspect = all(answer > limit * reference for answer, reference in self.pairs)
        budget = _SUSPECT_SECONDS if suspect else _BUDGET_SECONDS
        return len(self.pairs) < _MAX_PAIRS and seconds < budget

    def _pair(self, rng: np.random.Generator) -> tuple[float, float]:
        args = self.inputs(rng)
        answer = self.speed.seconds("answer", self.probe, args)
        return answer, self.speed.seconds("reference", self.reference, args)

    def _too_slow(self, limit: float) -> BaseException:
        name = self.speed.trial.exercise.name
        median = statistics.median(a / r for a, r in self.pairs)
        answer = statistics.median(a for a, _ in self.pairs)
        reference = statistics.median(r for _, r in self.pairs)
        evidence = (
            f"called    {explain.probe_text(self.probe)}\n"
            f"got       {answer * 1e3:.2f} ms, the reference {reference * 1e3:.2f} ms "
            f"(median ratio of {len(self.pairs)} pairs: {median:.1f})\n"
            f"expected  at most {limit:g} times the reference's time"
        )
        rationale = f"{name} takes {median:.1f} times as long as the reference; at most {limit:g} is asked for."
        return self.speed.trial.fail(Explanation(rationale, evidence))


def decide(ratios: list[float], limit: float) -> Literal["fast enough", "too slow", "undecided"]:
    """What the ratios of the pairs so far say about an answer that may take `limit` times as long."""
    count, slower = len(ratios), sum(ratio > limit for ratio in ratios)
    if count >= _FAR_PAIRS and min(ratios) > _FAR * limit:
        return "too slow"
    if _tail(count, slower) < _FAIL_LEVEL:
        return "too slow"
    return "fast enough" if _tail(count, count - slower) < _PASS_LEVEL else "undecided"


def _tail(count: int, hits: int) -> float:
    """The chance of at least `hits` heads in `count` throws of a fair coin."""
    if not count:
        return 1.0
    return float(sum(math.comb(count, k) for k in range(hits, count + 1)) / 2**count)


class ReplayClock:
    """A clock that stands still until it is told how much time has passed."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def replay(benchmark: Any, clock: ReplayClock, seconds: list[float]) -> None:
    """Enter measured times into pytest-benchmark's table, as rounds of a benchmark on `clock`."""
    remaining = iter(seconds)

    def one_round() -> None:
        clock.now += next(remaining, 0.0)

    if seconds:
        benchmark.pedantic(one_round, rounds=len(seconds), iterations=1)
