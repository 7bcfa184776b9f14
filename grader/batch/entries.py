"""What is known of one submission of a class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Learner:
    """Whose submission it is, as far as the layout of the class's folder tells; any field may be empty."""

    full_name: str = ""
    id: str = ""
    email: str = ""
    login: str = ""


@dataclass(frozen=True)
class Verdict:
    """One exercise; `misconception` is the name of what its failure most likely comes from, if known."""

    status: str
    score: float
    max_score: float
    misconception: str


@dataclass(frozen=True)
class Graded:
    """The summary of one report: `duration` in seconds, `verdicts` by exercise in the pack's order."""

    score: float
    max_score: float
    duration: float
    isolation: str
    started: str
    verdicts: dict[str, Verdict]

    @property
    def is_final(self) -> bool:
        """Whether grading again would be a waste: the grader itself has made no error."""
        return all(verdict.status != "error" for verdict in self.verdicts.values())


@dataclass(frozen=True)
class Entry:
    """One submission of a class.

    Args:
        name: unique in the class and safe as a file name.
        source: where in the class's folder it was found.
        digest: of what was handed in; equal digests are identical submissions.
        graded: None while there is no verdict.
    """

    name: str
    source: str
    learner: Learner
    digest: str
    graded: Graded | None


def summary(report: dict[str, Any]) -> Graded:
    """The summary of a report (schema 1)."""
    return Graded(
        score=report["score"],
        max_score=report["max_score"],
        duration=report["duration_s"],
        isolation=report["isolation"]["level"],
        started=report["started"],
        verdicts={
            exercise["id"]: Verdict(
                exercise["status"],
                exercise["score"],
                exercise["max_score"],
                next((c["misconception"] for c in exercise["checks"] if c["misconception"]), ""),
            )
            for exercise in report["exercises"]
        },
    )
