"""The report as JSON, schema 1. The file is written whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from grader.files import write_whole
from grader.model import SCHEMA_VERSION, CheckResult, ExerciseResult, Report, Timing
from grader.text import EVIDENCE, MESSAGE, bounded, clean, continued, one_line


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
