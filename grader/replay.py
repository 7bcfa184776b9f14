"""Measured times in the table of pytest-benchmark, as if it had measured them."""

from __future__ import annotations

from typing import Any


class ReplayClock:
    """A clock that stands still until it is told how much time has passed."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def replay(benchmark: Any, clock: ReplayClock, seconds: list[float]) -> None:
    """Enter measured times into pytest-benchmark's table, if there is one, as rounds on `clock`."""
    remaining = iter(seconds)

    def one_round() -> None:
        clock.now += next(remaining, 0.0)

    if seconds and benchmark is not None:
        benchmark.pedantic(one_round, rounds=len(seconds), iterations=1)
