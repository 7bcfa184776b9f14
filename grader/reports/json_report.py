"""The report as JSON, schema 1, and read back. The file is written whole or not at all."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.files import write_whole
from grader.model import (
    SCHEMA_VERSION,
    CheckResult,
    Diagnosis,
    ExerciseResult,
    Isolation,
    Report,
    Times,
    Timing,
)
from grader.text import EVIDENCE, MESSAGE, bounded, clean, continued, one_line

_PAGE = re.compile(r"\(See [^()]*?(https://[^\s()]+)\)$")  # at the end of a hint


def as_dict(report: Report) -> dict[str, Any]:
    """The report as plain data (schema 1)."""
    return {
        "schema_version": SCHEMA_VERSION,
        "pack": report.pack,
        "pack_version": report.pack_version,
        "submission": one_line(report.submission),
        "score": round(report.score, 6),
        "max_score": report.max_score,
        "started": report.started,
        "duration_s": round(report.duration, 3),
        "isolation": {
            "level": report.isolation.level,
            "mechanisms": list(report.isolation.mechanisms),
            "self_test": {"passed": report.isolation.stopped, "total": report.isolation.tried},
        },
        "versions": report.versions,
        "seed": report.seed,
        "interrupted": report.interrupted,
        "time": {
            "starting_s": round(report.times.starting, 3),
            "compiling_s": round(report.times.compiling, 3),
            "running_s": round(report.times.running, 3),
        },
        "warnings": [one_line(warning) for warning in report.warnings],
        "exercises": [_exercise(result) for result in report.exercises],
    }


def _exercise(result: ExerciseResult) -> dict[str, Any]:
    return {
        "id": result.id,
        "chapter": result.chapter,
        "name": result.name,
        "status": result.status,
        "score": round(result.score, 6),
        "max_score": result.max_score,
        "duration_s": round(result.duration, 3),
        "checks": [_check(check, result) for check in result.checks],
    }


def _check(check: CheckResult, result: ExerciseResult) -> dict[str, Any]:
    total = sum(c.weight for c in result.checks)
    share = result.max_score * check.weight / total
    return {
        "name": check.name,
        "kind": check.kind,
        "status": check.status,
        "score": round(share, 6) if check.status == "passed" else 0.0,
        "max_score": round(share, 6),
        "rationale": continued(check.rationale),
        "evidence": bounded(clean(check.evidence), EVIDENCE),
        "hint": one_line(check.hint, MESSAGE),
        "misconception": check.diagnosis.name if check.diagnosis else None,
        "duration_s": round(check.duration, 3),
        "transformations": check.matrix or None,
        "speed": _speed(check.timing) if check.timing else None,
    }


def _speed(timing: Timing) -> dict[str, Any]:
    return {
        "ratio": round(timing.ratio, 3),
        "limit": timing.limit,
        "pairs": timing.pairs,
        "decision": timing.decision,
        "answer_s": timing.answer,
        "reference_s": timing.reference,
        "compiling_s": timing.compiling,
    }


def write_json(report: Report, path: Path) -> None:
    """Write the report to `path`.

    Raises:
        UsageError: the file cannot be written there.
    """
    write_whole(path, json.dumps(as_dict(report), indent=1, ensure_ascii=False) + "\n")


def report_of(data: dict[str, Any]) -> Report:
    """The report that `as_dict` made `data` of.

    What the JSON leaves out stays empty: which attacks got through, a diagnosis' advice, the points of
    an exercise that was not counted.

    Raises:
        UsageError: it is no report of schema 1.
    """
    try:
        return _report_of(data)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UsageError(
            f"This is no report of schema {SCHEMA_VERSION}, which `--json` and `batch` write."
        ) from None


def _report_of(data: dict[str, Any]) -> Report:
    if data["schema_version"] != SCHEMA_VERSION:
        raise ValueError
    isolation, time = data["isolation"], data["time"]
    tried = isolation["self_test"]["total"]
    return Report(
        pack=data["pack"],
        pack_version=data["pack_version"],
        submission=data["submission"],
        started=data["started"],
        duration=data["duration_s"],
        isolation=Isolation(
            isolation["level"],
            tuple(isolation["mechanisms"]),
            tried,
            ("",) * (tried - isolation["self_test"]["passed"]),
        ),
        versions=data["versions"],
        exercises=tuple(_exercise_of(exercise) for exercise in data["exercises"]),
        warnings=tuple(data["warnings"]),
        interrupted=data["interrupted"],
        times=Times(time["starting_s"], time["compiling_s"], time["running_s"]),
        seed=data.get("seed", 0),
    )


def _exercise_of(data: dict[str, Any]) -> ExerciseResult:
    checks = tuple(_check_of(check) for check in data["checks"])
    return ExerciseResult(data["id"], data["max_score"], checks)


def _check_of(data: dict[str, Any]) -> CheckResult:
    speed = data["speed"]
    return CheckResult(
        name=data["name"],
        kind=data["kind"],
        status=data["status"],
        weight=data["max_score"] or 1.0,  # none where the exercise is not counted
        rationale=data["rationale"],
        evidence=data["evidence"],
        hint=data["hint"],
        duration=data["duration_s"],
        diagnosis=_diagnosis_of(data) if data["misconception"] else None,
        timing=_timing_of(speed) if speed else None,
        matrix=data["transformations"] or {},
    )


def _diagnosis_of(data: dict[str, Any]) -> Diagnosis:
    """The diagnosis: what was found is the last line of the evidence, its page is in the hint."""
    name = data["misconception"]
    last = data["evidence"].rpartition("\n")[2]
    found = last.partition(f"{name}: ")[2] if last.startswith("likely ") else ""
    page = _PAGE.search(data["hint"])
    return Diagnosis(name, found, "", "", page[1] if page else "")


def _timing_of(data: dict[str, Any]) -> Timing:
    return Timing(
        ratio=data["ratio"],
        limit=data["limit"],
        pairs=data["pairs"],
        decision=data["decision"],
        answer=data["answer_s"],
        reference=data["reference_s"],
        compiling=data["compiling_s"],
    )
