"""A report as Gradescope's results.json: one test for each exercise.

Format: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from grader.exports.messages import message, plain_status
from grader.files import write_whole
from grader.text import one_line

VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")


def results(
    report: dict[str, Any], notes: Sequence[str] = (), visibility: str = "visible"
) -> dict[str, Any]:
    """`report` (schema 1) as the content of results.json.

    Exercises that are not counted, because an extra is not installed, are named in the output alone: a
    test of 0 points would be shown as failed or as passed, and is neither.

    Args:
        notes: sentences for the learner, shown above the tests.
        visibility: when learners see the tests; one of `VISIBILITIES`.
    """
    counted = [e for e in report["exercises"] if e["status"] != "unavailable"]
    chapters = list(dict.fromkeys(e["chapter"] for e in report["exercises"]))
    return {
        "score": round(float(report["score"]), 6),
        "execution_time": round(float(report["duration_s"]), 3),
        "output": "\n".join([*notes, *_head(report)]),
        "output_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "extra_data": {
            key: report[key] for key in ("pack", "pack_version", "isolation", "versions")
        },
        "tests": [
            _test(exercise, f"{chapters.index(exercise['chapter']) + 1}.{place}", visibility)
            for exercise, place in zip(counted, _places(counted), strict=True)
        ],
    }


def write_results(path: Path, content: dict[str, Any]) -> None:
    """Write the content of a results.json.

    Raises:
        UsageError: the file cannot be written there.
    """
    write_whole(path, json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def _head(report: dict[str, Any]) -> list[str]:
    passed = sum(e["status"] == "passed" for e in report["exercises"])
    lines = [f"{passed} of {len(report['exercises'])} exercises passed."]
    lines += [f"Note: {one_line(warning)}" for warning in report["warnings"]]
    missing = [e for e in report["exercises"] if e["status"] == "unavailable"]
    for chapter in dict.fromkeys(e["chapter"] for e in missing):
        why = next(message(e) for e in missing if e["chapter"] == chapter)
        lines.append(f"Not counted here: {chapter} ({one_line(why)}).")
    return lines


def _places(exercises: Sequence[dict[str, Any]]) -> list[int]:
    """The place of each exercise in its chapter, from 1."""
    seen: dict[str, int] = {}
    places = []
    for exercise in exercises:
        seen[exercise["chapter"]] = seen.get(exercise["chapter"], 0) + 1
        places.append(seen[exercise["chapter"]])
    return places


def _test(exercise: dict[str, Any], number: str, visibility: str) -> dict[str, Any]:
    return {
        "name": exercise["id"],
        "number": number,
        "score": round(float(exercise["score"]), 6),
        "max_score": round(float(exercise["max_score"]), 6),
        "status": "passed" if exercise["status"] == "passed" else "failed",
        "output": f"{plain_status(exercise)}\n{message(exercise)}".strip(),
        "output_format": "text",
        "tags": [exercise["chapter"], exercise["status"]],
        "visibility": visibility,
    }
