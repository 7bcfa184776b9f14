"""What a learner reads about an exercise, as plain text: the first of its checks that is not passed.

Reports may come from a file that somebody has changed: everything is cleaned and bounded again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.model import SCHEMA_VERSION
from grader.text import EVIDENCE, MESSAGE, bounded, clean, continued, one_line

_WORDS = {
    "passed": "Passed.",
    "failed": "Not passed.",
    "todo": "Not written yet.",
    "blocked": "Not graded: the run ended before.",
    "unavailable": "Not counted: something that it needs is not installed here.",
    "error": "Not graded: the grader itself failed here. This is not your mistake; tell your instructor.",
}


def plain_status(exercise: dict[str, Any]) -> str:
    """The verdict in a sentence."""
    return _WORDS.get(exercise["status"], one_line(exercise["status"]))


def telling(exercise: dict[str, Any]) -> dict[str, Any] | None:
    """The check that says why the exercise has its verdict; None if it passed."""
    unlike = [check for check in exercise["checks"] if check["status"] != "passed"]
    return next(
        (check for check in unlike if check["status"] != "blocked"), next(iter(unlike), None)
    )


def message(exercise: dict[str, Any]) -> str:
    """What happened, what shows it, what to do next; empty if the exercise passed."""
    check = telling(exercise)
    return message_of(check) if check else ""


def message_of(check: dict[str, Any]) -> str:
    """What happened in a check, what shows it, what to do next."""
    lines = [continued(check["rationale"])]
    lines += [f"    {line}" for line in bounded(clean(check["evidence"]), EVIDENCE).splitlines()]
    if check["hint"]:
        lines.append(f"    next      {one_line(check['hint'], MESSAGE)}")
    return "\n".join(line for line in lines if line.strip())


def read_report(path: Path) -> dict[str, Any]:
    """The report that `--json` has written to `path`.

    Raises:
        UsageError: it cannot be read, or is no such report.
    """
    shown = one_line(str(path))
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        report = None
    if not isinstance(report, dict) or report.get("schema_version") != SCHEMA_VERSION:
        raise UsageError(
            f"{shown} is no report of schema {SCHEMA_VERSION}. Write one with --student DIR --json FILE."
        )
    return report
