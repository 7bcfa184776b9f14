"""The report as one page of HTML that needs nothing else: no network, no script to be read.

Whatever a learner's code said is cleaned and bounded here, and escaped by the template. The page forbids
its reader's browser every connection, and every script and style but its own.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.files import write_whole
from grader.gallery import Scene
from grader.model import CheckResult, ExerciseResult, Report, Timing
from grader.pack import Chapter, Exercise, Pack
from grader.reports.symbols import SYMBOLS
from grader.text import EVIDENCE, MESSAGE, bounded, clean, continued, one_line

_HERE = Path(__file__).parent
_LIKELY = "likely "
_WIDTH = 100.0  # of a bar


@dataclass(frozen=True)
class Message:
    """What a learner reads about a failed check."""

    check: str
    rationale: str
    evidence: str
    likely: str
    next: tuple[str, str, str]  # the text before a link, the link, the text after it
    same_as: str


@dataclass(frozen=True)
class Bar:
    """A ratio against its threshold: lengths of a bar `_WIDTH` long, and numbers."""

    length: float
    limit: float
    slow: bool
    text: str


@dataclass(frozen=True)
class Row:
    """An exercise on the page."""

    exercise: Exercise
    result: ExerciseResult
    message: Message | None
    matrix: tuple[tuple[str, str], ...]
    speeds: tuple[Bar, ...]
    link: str


@dataclass(frozen=True)
class Part:
    """A chapter on the page; `shares` are the beginning and length of each status in its bar."""

    chapter: Chapter
    rows: tuple[Row, ...]
    shares: tuple[tuple[str, float, float], ...]
    passed: int
    figures: tuple[Any, ...]
    note: str


def make_page(
    report: Report, pack: Pack, scenes: Sequence[Scene] = (), class_page: str = ""
) -> str:
    """The page of `report`, with the pictures `scenes` and a link to the page of the whole class."""
    following = next((r for r in report.exercises if r.status in ("failed", "todo")), None)
    return render(
        "page.html",
        asset("page.css"),
        asset("page.js"),
        report=report,
        class_page=class_page,
        title=pack.title,
        submission=one_line(report.submission),
        parts=_parts(report, pack, scenes),
        shares=shares_of([result.status for result in report.exercises]),
        counts=[(s, report.count(s)) for s in SYMBOLS if report.count(s)],
        symbols={status: marks[0] for status, marks in SYMBOLS.items()},
        following=following and pack.exercise(following.id),
        warnings=[one_line(warning) for warning in report.warnings],
    )


@functools.cache
def _environment() -> Any:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@functools.cache
def asset(name: str) -> str:
    """The text of a style or script that lies beside this module."""
    return _HERE.joinpath(name).read_text("utf-8")


def render(template: str, style: str, script: str, **values: Any) -> str:
    """The page that `template` makes of `values`, with its style and script and with leave for them alone."""
    made: str = (
        _environment()
        .get_template(template)
        .render(style=style, script=script, policy=_policy(style, script), **values)
    )
    return made


def write_page(report: Report, pack: Pack, scenes: Sequence[Scene], path: Path) -> None:
    """Write the page to `path`, whole or not at all.

    Raises:
        UsageError: the file cannot be written there.
    """
    write_whole(path, make_page(report, pack, scenes))


def _policy(style: str, script: str) -> str:
    """What the page may do: nothing but its own style and script, known by their digests."""
    digests = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (style, script)
    )
    styles, scripts = (f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; style-src {styles}; script-src {scripts}; "
        "base-uri 'none'; form-action 'none'"
    )


def _parts(report: Report, pack: Pack, scenes: Sequence[Scene]) -> list[Part]:
    results: dict[str, list[ExerciseResult]] = {}
    for result in report.exercises:
        results.setdefault(result.chapter, []).append(result)
    return [_part(pack, name, found, scenes) for name, found in results.items()]


def _part(pack: Pack, name: str, results: list[ExerciseResult], scenes: Sequence[Scene]) -> Part:
    figures = []
    if any(scene.picture.chapter == name for scene in scenes):
        from grader.reports.figures import figure  # matplotlib

        figures = [figure(s, f"p{i}") for i, s in enumerate(scenes) if s.picture.chapter == name]
    seen: dict[str, str] = {}
    away = next((r for r in results if r.status == "unavailable"), None)
    return Part(
        chapter=pack.chapter(name),
        rows=tuple(_row(pack, result, seen) for result in results),
        shares=shares_of([result.status for result in results]),
        passed=sum(result.status == "passed" for result in results),
        figures=tuple(figures),
        note=f"This chapter {one_line(away.checks[0].rationale)}. It is not counted."
        if away
        else "",
    )


def shares_of(statuses: Iterable[str]) -> tuple[tuple[str, float, float], ...]:
    """Of each status that there is: where it begins in a bar, and how long it is there."""
    found = list(statuses)
    shares, start = [], 0.0
    for status in SYMBOLS:
        length = _WIDTH * found.count(status) / max(1, len(found))
        if length:
            shares.append((status, round(start, 3), round(length, 3)))
        start += length
    return tuple(shares)


def _row(pack: Pack, result: ExerciseResult, seen: dict[str, str]) -> Row:
    exercise = pack.exercise(result.id)
    failure = result.failure
    matrix = next((check.matrix for check in result.checks if check.matrix), {})
    return Row(
        exercise=exercise,
        result=result,
        message=_message(failure, result, seen) if failure else None,
        matrix=tuple(matrix.items()),
        speeds=tuple(_bar(check.timing) for check in result.checks if check.timing),
        link=exercise.docs if exercise.docs.startswith("https://") else "",
    )


def _message(check: CheckResult, result: ExerciseResult, seen: dict[str, str]) -> Message:
    rationale = continued(check.rationale)
    lines = bounded(clean(check.evidence), EVIDENCE).splitlines()
    likely = ""
    if check.diagnosis is not None:
        known = (check.diagnosis.name, check.diagnosis.found)
        likely = one_line(": ".join(filter(None, known)), MESSAGE)
        lines = lines[:-1] if lines and lines[-1].startswith(_LIKELY) else lines
    hint, page = one_line(check.hint, MESSAGE), check.diagnosis.page if check.diagnosis else ""
    before, link, after = hint.partition(page) if page.startswith("https://") else (hint, "", "")
    return Message(
        check=one_line(check.name),
        rationale=rationale,
        evidence="\n".join(lines),
        likely=likely,
        next=(before, link, after),
        same_as=seen.setdefault(rationale, result.name),
    )


def _bar(timing: Timing) -> Bar:
    """The threshold at two thirds of the bar, the ratio up to its end."""
    limit = _WIDTH * 2 / 3
    decision = ", undecided" if timing.decision == "undecided" else ""
    return Bar(
        length=round(min(_WIDTH, limit * timing.ratio / timing.limit), 2),
        limit=round(limit, 2),
        slow=timing.decision == "too slow",
        text=(
            f"{timing.ratio:.2f} times the reference’s time, of at most {timing.limit:g}{decision} "
            f"({timing.answer * 1e3:.2g} ms against {timing.reference * 1e3:.2g} ms, {timing.pairs} pairs)"
        ),
    )
