"""A report in GitHub Actions: annotations in the log, and the summary of the step.

Whatever a learner's code has said is escaped where it is part of a command, and stands between
`stop-commands` and its end where it is part of the log: the runner obeys a command at the start of any line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grader.exports.messages import message, plain_status, telling
from grader.sources import is_python, line_ranges
from grader.text import for_github, for_markdown, markdown_block, one_line, stop_commands

MOST_BYTES = 2**20  # of a step's summary
_MOST_ANNOTATIONS = 10  # of one kind that are shown for a step
_RESERVE = 500  # bytes kept for the words on what is left out
_SYMBOLS = {"passed": "✅", "failed": "❌", "todo": "⬜", "error": "⚠️"}


@dataclass(frozen=True)
class Spot:
    """Where an exercise is answered: a path in the repository, and the line (from 1) or 0."""

    path: str
    line: int = 0


def find_spots(report: dict[str, Any], files: Mapping[str, tuple[str, str]]) -> dict[str, Spot]:
    """Where the exercises of a report are answered, by id.

    Args:
        files: by chapter, the path in the repository and the text.
    """
    spots = {}
    for exercise in report["exercises"]:
        if exercise["chapter"] in files:
            path, text = files[exercise["chapter"]]
            ranges = line_ranges(text, exercise["name"]) if is_python(text) else []
            spots[exercise["id"]] = Spot(path, ranges[-1][0] + 1 if ranges else 0)
    return spots


def log_lines(report: dict[str, Any], spots: Mapping[str, Spot]) -> Iterator[str]:
    """Lines for the log: one annotation for each of the first failures, then every message.

    Args:
        spots: where the exercises are answered, by id.
    """
    failed = [e for e in report["exercises"] if e["status"] in ("failed", "error")]
    for exercise in failed[:_MOST_ANNOTATIONS]:
        yield _annotation(exercise, spots.get(exercise["id"]))
    if len(failed) > _MOST_ANNOTATIONS:
        rest = len(failed) - _MOST_ANNOTATIONS
        yield f"::notice::{rest} more exercises have not passed: see the log and the summary"
    for exercise in failed:
        yield f"::group::{for_github(one_line(exercise['id']))}"
        yield stop_commands(message(exercise)).rstrip("\n")
        yield "::endgroup::"


def _annotation(exercise: dict[str, Any], spot: Spot | None) -> str:
    check = telling(exercise)
    text = one_line(check["rationale"]) if check else plain_status(exercise)
    hint = one_line(check["hint"]) if check else ""
    properties = {"title": exercise["id"]}
    if spot:
        properties = (
            {"file": spot.path} | ({"line": str(spot.line)} if spot.line else {}) | properties
        )
    kind = "error" if exercise["status"] == "failed" else "warning"
    shown = ",".join(f"{k}={for_github(one_line(v), True)}" for k, v in properties.items())
    return f"::{kind} {shown}::{for_github(f'{text}{chr(10)}{hint}'.strip())}"


def summary(report: dict[str, Any], most_bytes: int = MOST_BYTES) -> str:
    """The summary in Markdown, of at most so many bytes: the score, a table of chapters, the messages."""
    parts = [_head(report), _table(report)]
    shown = [e for e in report["exercises"] if e["status"] in ("failed", "error")]
    left = most_bytes - _RESERVE - sum(len(part.encode()) for part in parts)
    for place, exercise in enumerate(shown):
        part = f"\n### {for_markdown(exercise['id'])}\n\n{markdown_block(message(exercise))}"
        left -= len(part.encode())
        if left < 0:
            rest = len(shown) - place
            parts.append(f"\n{rest} more messages do not fit here; they are in the log.\n")
            break
        parts.append(part)
    return "".join(parts)


def _head(report: dict[str, Any]) -> str:
    passed = sum(e["status"] == "passed" for e in report["exercises"])
    text = (
        f"## {report['score']:g} of {report['max_score']:g} points\n\n"
        f"{passed} of {len(report['exercises'])} exercises passed.\n\n"
    )
    return text + "".join(f"- {for_markdown(warning)}\n" for warning in report["warnings"][:50])


def _table(report: dict[str, Any]) -> str:
    chapters = list(dict.fromkeys(e["chapter"] for e in report["exercises"]))
    lines = ["\n| chapter | points | exercises |", "|---|---|---|"]
    for chapter in chapters:
        inside = [e for e in report["exercises"] if e["chapter"] == chapter]
        points = f"{sum(e['score'] for e in inside):g} of {sum(e['max_score'] for e in inside):g}"
        marks = " ".join(
            f"{_SYMBOLS.get(e['status'], '➖')} {for_markdown(e['name'])}" for e in inside
        )
        lines.append(f"| {for_markdown(chapter)} | {points} | {marks} |")
    return "\n".join(lines) + "\n"
