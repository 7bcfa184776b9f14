"""The unit of a batch: one submission in, one report out, in a process that stays warm for the next.

    (packed submission, settings) -> report (schema 1)

It runs in the processes of this machine's pool and on the nodes of a cluster alike. What it is given and
what it returns is plain data.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.batch.terms import Terms, lasting_memory, terms_of
from grader.errors import GraderError, InternalError, UsageError
from grader.kept import own_digest
from grader.manifest import find_pack
from grader.model import CheckResult, ExerciseResult, Isolation, Report
from grader.pack import Pack
from grader.recall import Recall
from grader.reports.json_report import as_dict
from grader.session import Grader, versions
from grader.submission import unpacked
from grader.table import Table
from grader.text import MESSAGE, one_line

_LABEL = "submission"


@dataclass(frozen=True)
class Settings:
    """How a process grades.

    Args:
        pack: the pack's folder or installed name; None for the kit's own.
        terms: what this process must agree with.
        required: the level of isolation without which no code is run.
        recall: the file through which processes on this machine share verdicts on the same code; "" for none.
    """

    pack: str | None
    terms: Terms
    required: str
    recall: str = ""


_warm: dict[Settings, Grader] = {}


def grade_unit(packed: bytes, settings: Settings) -> dict[str, Any]:
    """The report on the submission in `packed`.

    Raises:
        UsageError: this process has another pack or other versions than the terms say.
        IsolationError: the isolation required is not to be had here.
        InternalError: the grader failed.
    """
    grader = _grader(settings)
    try:
        report = grader.grade(unpacked(packed, _LABEL), grader.pack.exercises)
    except GraderError:
        raise
    except Exception as error:  # it costs one submission its verdict, not a class
        found = one_line(f"{type(error).__name__}: {error}", MESSAGE)
        raise InternalError(f"The grader itself failed ({found}); this is a bug in it.") from error
    if report.interrupted:
        raise InternalError("Grading was interrupted.")
    return as_dict(report)


def prepare(settings: Settings) -> str:
    """Make this process ready to grade; the level of isolation that it has.

    Raises:
        GraderError: it cannot grade under these settings.
    """
    return _grader(settings).isolation().level


def _grader(settings: Settings) -> Grader:
    """The grader of this process; it is kept until other settings come."""
    if settings not in _warm:
        while _warm:
            _warm.popitem()[1].__exit__()
        pack = find_pack(settings.pack)
        terms = settings.terms
        demand_agreement(terms, terms_of(pack, terms.seed, terms.timeout))
        grader = Grader(
            pack,
            terms.seed,
            terms.timeout,
            strangers=True,
            memory=lasting_memory(pack),
            required=settings.required,
        )
        grader.warm(pack.exercises)
        level = grader.isolation().level
        shared = Table(Path(settings.recall) if settings.recall else None)
        grader.recall = Recall(shared, f"{terms.digest} {own_digest()} {level}")
        _warm[settings] = grader
    return _warm[settings]


def demand_agreement(asked: Terms, here: Terms) -> None:
    """Refuse to grade with another pack or with other versions than those of the batch.

    Raises:
        UsageError: they differ; the text says in what.
    """
    differences = [
        f"{what}: {there} asked for, {found} here"
        for what, there, found in (
            ("pack", asked.pack, here.pack),
            ("digest of the pack", asked.pack_digest[:12], here.pack_digest[:12]),
            *_versions_apart(asked, here),
        )
        if there != found
    ]
    if differences:
        raise UsageError(
            f"Verdicts would not be the same here ({'; '.join(differences)}). "
            "Install the same kit, pack and versions everywhere."
        )


def _versions_apart(asked: Terms, here: Terms) -> list[tuple[str, str, str]]:
    there, found = (dict(v.split(" ", 1) for v in t.versions) for t in (asked, here))
    return [
        (name, there.get(name, "none"), found.get(name, "none")) for name in sorted(there | found)
    ]


def error_report(pack: Pack, why: str) -> dict[str, Any]:
    """The report on a submission that the grader has not been able to grade."""
    check = CheckResult("is graded", "value", "error", 1.0, rationale=why)
    report = Report(
        pack=pack.name,
        pack_version=pack.version,
        submission=_LABEL,
        started="",
        duration=0.0,
        isolation=Isolation("PROCESS-ONLY"),
        versions=versions(),
        exercises=tuple(ExerciseResult(e.id, e.points, (check,)) for e in pack.exercises),
    )
    return as_dict(report)
