"""Tables under the score sheet: functions under transformations, speeds against their thresholds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Protocol

from rich.console import Console
from rich.text import Text

from grader.model import CheckResult, ExerciseResult, Report, Timing
from grader.reports.symbols import SYMBOLS, symbol

_NAME = 28
_BAR = 24  # characters from 0 to one and a half times the threshold
_COLUMN = 16


def print_matrix(console: Console, report: Report, failing_only: bool) -> None:
    """One line for each exercise that was tried under transformations, one column for each of them."""
    found = [
        (result, check.matrix)
        for result, check in _checks(report)
        if check.matrix and not (failing_only and check.status == "passed")
    ]
    columns = list(dict.fromkeys(row for _, matrix in found for row in matrix))
    if not found:
        return
    console.print()
    head = "".join(f"{_short(row):>{_width(row)}}" for row in columns)
    console.print(Text(f"{'Transformations':<{_NAME + 3}}{head}", style="bold"))
    for result, matrix in found:
        line = Text(f"   {result.name:<{_NAME}}")
        for row in columns:
            mark = symbol(console, matrix[row]) if row in matrix else " "
            style = SYMBOLS[matrix[row]][2] if row in matrix else ""
            line.append(f"{mark:>{_width(row)}}", style=style)
        console.print(line)


def _short(row: str) -> str:
    return "numerical" if row == "numerical gradient" else row


def _width(row: str) -> int:
    return len(_short(row)) + 2


def print_speeds(console: Console, report: Report) -> None:
    """One line for each speed that was measured: its ratio to the reference against the threshold."""
    found = [(result, check.timing) for result, check in _checks(report) if check.timing]
    if not found:
        return
    console.print()
    console.print(Text("Speed, as a multiple of the reference's time", style="bold"))
    for result, timing in found:
        if timing is not None:
            console.print(_speed_line(console, result, timing))


def _speed_line(console: Console, result: ExerciseResult, timing: Timing) -> Text:
    fine = (console.encoding or "").lower().startswith("utf")
    full, limit_mark = ("█", "│") if fine else ("#", "|")
    limit = round(_BAR / 1.5)
    length = min(_BAR, round(limit * timing.ratio / timing.limit))
    cells = [full if i < length else " " for i in range(_BAR)]
    cells[limit] = limit_mark if length <= limit else full
    line = Text(f"   {result.name:<{_NAME}}")
    line.append("".join(cells), style="red" if timing.decision == "too slow" else "green")
    decision = "" if timing.decision != "undecided" else ", undecided"
    return line.append(
        f" {timing.ratio:5.2f} of at most {timing.limit:g}{decision} "
        f"({timing.answer * 1e3:.1f} ms, compiling {timing.compiling:.1f} s)"
    )


class Expectations(Protocol):
    """How many expectations of each kind there were in a chapter, and how many were not met."""

    counts: Counter[str]
    unmet: Counter[str]


def print_selfcheck(console: Console, chapters: Mapping[str, Expectations]) -> None:
    """One line for each chapter, one column for each kind of expectation: met of all."""
    kinds = list(dict.fromkeys(kind for found in chapters.values() for kind in found.counts))
    if not kinds:
        return
    console.print(
        Text(f"{'':<20}" + "".join(f"{kind.split()[0]:>{_COLUMN}}" for kind in kinds), style="bold")
    )
    for name, found in chapters.items():
        line = Text(f"{name:<20}")
        for kind in kinds:
            met = found.counts[kind] - found.unmet[kind]
            cell = f"{met} of {found.counts[kind]}" if found.counts[kind] else ""
            line.append(f"{cell:>{_COLUMN}}", style="red" if found.unmet[kind] else "green")
        console.print(line)


def _checks(report: Report) -> Iterator[tuple[ExerciseResult, CheckResult]]:
    for result in report.exercises:
        for check in result.checks:
            yield result, check
