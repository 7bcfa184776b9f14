"""From what a check raised to a verdict: the learner's mistake, a stub, or the grader's own fault."""

from __future__ import annotations

import traceback
from typing import Any

from grader.compare import describe
from grader.errors import CheckFailed, Explanation, GraderError, Lost, NotWritten, ReferenceFailed
from grader.model import Status


def judge(item: Any, trial: Any, bound: Any, error: BaseException) -> tuple[Status, Explanation]:
    """The verdict on a check that raised `error`.

    An exception that no part of the grader raised on purpose came from the check's own code, usually
    because the answer's value has a form the check did not expect. Whether that is so is tried out: if
    the same check runs through with the reference in the answer's place, the answer is at fault.
    """
    if isinstance(error, NotWritten):
        return "todo", error.explanation
    if isinstance(error, ReferenceFailed):
        return "error", error.explanation
    if isinstance(error, CheckFailed | Lost):
        return "failed", error.explanation
    if trial is not None and trial.failure is not None:
        return "failed", trial.failure  # Hypothesis calls it flaky, but the check did fail
    if isinstance(error, AssertionError):
        return "failed", Explanation(
            _first_line(error) or f"{bound.exercise.name} fails this check."
        )
    if trial is not None and _comes_from(error, trial):
        rationale = f"{bound.exercise.name} raised {type(error).__name__}: {_first_line(error)}"
        return "failed", Explanation(rationale)
    if item.config.option.usepdb or isinstance(error, GraderError) or trial is None:
        return "error", _fault(error)
    if trial.answered and _reference_passes(item, trial):
        rationale = f"What {bound.exercise.name} returned cannot be used as this check does: {_first_line(error)}"
        got = f"got       {describe(trial.clues.outcome.value)}\n" if trial.clues else ""
        return "failed", Explanation(rationale, f"{got}{type(error).__name__} in the check")
    return "error", _fault(error)


def _comes_from(error: BaseException, trial: Any) -> bool:
    """Whether the learner's own code raised `error`, in this process, under a debugger."""
    file = trial.worlds.submission.files.get(trial.chapter.name)
    frames = traceback.extract_tb(error.__traceback__)
    return file is not None and any(frame.filename == str(file.path) for frame in frames)


def _reference_passes(item: Any, trial: Any) -> bool:
    trial.swapped = True
    try:
        item.runtest()
    except KeyboardInterrupt:
        raise
    except BaseException:
        return False
    finally:
        trial.swapped = False
    return True


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else ""


def _fault(error: BaseException) -> Explanation:
    last = traceback.format_exception(error)
    return Explanation(
        f"The check itself failed with {type(error).__name__}: {_first_line(error)}",
        "".join(last)[-1500:],
    )
