"""Outcomes on their way: a call is started, and asked for its outcome when that is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from grader.model import Outcome


class Waiting(Protocol):
    """An outcome on its way."""

    def result(self) -> Outcome: ...


@dataclass(frozen=True)
class Known:
    """An outcome that is here already."""

    outcome: Outcome

    def result(self) -> Outcome:
        return self.outcome


@dataclass(frozen=True)
class Noted:
    """An outcome on its way that somebody takes note of once it is there."""

    waiting: Waiting
    note: Callable[[Outcome], None]

    def result(self) -> Outcome:
        outcome = self.waiting.result()
        self.note(outcome)
        return outcome


@dataclass(frozen=True)
class Told:
    """An outcome on its way of which not all may be told."""

    waiting: Waiting
    tell: Callable[[Outcome], Outcome]

    def result(self) -> Outcome:
        return self.tell(self.waiting.result())
