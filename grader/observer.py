"""Whoever wants to hear of a run while it goes on."""

from __future__ import annotations

from grader.model import CheckResult
from grader.pack import Exercise


class Observer:
    """Hears of a run while it goes on; this one does nothing with it."""

    def checked(self, exercise: Exercise, result: CheckResult) -> None:
        """A check of `exercise` has its verdict."""
