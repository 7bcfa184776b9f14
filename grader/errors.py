"""What the grader raises.

GraderError                  the grader cannot do what it was asked to
├── UsageError               the request was wrong: names the mistake and the remedy (exit code 2)
├── PackError                a pack breaks a rule: names the file, the entry and the rule (exit code 2)
├── IsolationError           the isolation demanded is not to be had here (exit code 4)
└── InternalError            the grader's own failure (exit code 3)
CheckFailed                  a check's verdict: the answer is wrong (an AssertionError, so it shrinks)
Halt                         ends a check at once; a BaseException, so that Hypothesis does not retry
├── NotWritten               the answer is still a stub
├── Lost                     the answer hung or its process ended
└── ReferenceFailed          the reference itself did not answer: the grader's fault
"""

from __future__ import annotations

import sys
from dataclasses import dataclass


class GraderError(Exception):
    """The grader cannot do what it was asked to; the text says why and what to do."""


def missing_package(name: str | None) -> str:
    """What is said where the kit was not installed for the Python that runs it."""
    return (
        f"{name} is not installed for this Python ({sys.executable}). Set the kit up with `make grade`, "
        "or `pip install -e .` in an environment of its own."
    )


class UsageError(GraderError):
    """A wrong request."""


class PackError(GraderError):
    """A pack that breaks a rule."""


class IsolationError(GraderError):
    """The isolation demanded is not available on this machine."""


class InternalError(GraderError):
    """The grader's own failure."""


@dataclass(frozen=True)
class Explanation:
    """Why a check failed: what happened, what shows it, what to think about next.

    Args:
        hint: about this very failure.
        general: what is known of the exception's class alone, for where nothing better is.
    """

    rationale: str
    evidence: str = ""
    hint: str = ""
    general: str = ""

    def __str__(self) -> str:
        return "\n".join(
            part for part in (self.rationale, self.evidence, self.hint or self.general) if part
        )


class CheckFailed(AssertionError):
    """The answer does not do what the check demands."""

    def __init__(self, explanation: Explanation) -> None:
        super().__init__(str(explanation))
        self.explanation = explanation


class Halt(BaseException):
    """Ends a check at once."""

    def __init__(self, explanation: Explanation) -> None:
        super().__init__(str(explanation))
        self.explanation = explanation


class NotWritten(Halt):
    """The function still raises NotImplementedError."""


class Lost(Halt):
    """The answer hung, or its process ended."""


class ReferenceFailed(Halt):
    """The reference did not give a value: the grader's own fault, never the learner's."""
