"""The score sheet and the progress bar, for eyes; plain text when there is no terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from grader.explain import clean
from grader.model import ExerciseResult, Report
from grader.pack import Pack

SYMBOLS = {
    "passed": ("✓", "+", "green"),
    "failed": ("✗", "x", "red"),
    "todo": ("·", ".", "bright_black"),
    "blocked": ("–", "-", "yellow"),
    "unavailable": ("○", "o", "bright_black"),
    "error": ("!", "!", "magenta"),
}
_BAR_WIDTH = 20


def make_console(stderr: bool = False) -> Console:
    """A console that writes plain text when it is no terminal, or under NO_COLOR."""
    return Console(stderr=stderr, highlight=False, soft_wrap=not stderr)


def symbol(console: Console, status: str) -> str:
    """The mark of a status, in characters that the console can show."""
    fine, plain, _ = SYMBOLS[status]
    return fine if (console.encoding or "").lower().startswith("utf") else plain


def progress_bar(console: Console) -> Progress:
    """A bar for a known number of checks; silent when the console is no terminal."""
    return Progress(
        TextColumn("{task.description:<44}"),
        BarColumn(_BAR_WIDTH),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def print_sheet(console: Console, report: Report, pack: Pack, with_times: bool = False) -> None:
    """The whole score sheet: a line per chapter, the messages, the score and what comes next."""
    chapters = _by_chapter(report, pack)
    console.print(Text(f"{pack.title}: {report.submission}", style="bold"))
    console.print()
    for name, results in chapters.items():
        _print_chapter(console, pack, name, results, with_times)
    _print_failures(console, report)
    for warning in report.warnings:
        console.print(Text(f"Note: {clean(warning)}", style="yellow"))
    _print_score(console, report)


def _by_chapter(report: Report, pack: Pack) -> dict[str, list[ExerciseResult]]:
    chapters: dict[str, list[ExerciseResult]] = {}
    for result in report.exercises:
        chapters.setdefault(result.chapter, []).append(result)
    return chapters


def _print_chapter(
    console: Console, pack: Pack, name: str, results: list[ExerciseResult], with_times: bool
) -> None:
    passed = sum(result.status == "passed" for result in results)
    head = Text()
    head.append(f"{name:<20}", style="bold")
    head.append(f"{passed:>3} of {len(results):<3} ", style="green" if passed == len(results) else "")
    head.append(pack.chapter(name).title)
    console.print(head)
    if with_times:
        for result in results:
            line = Text("   ")
            line.append(symbol(console, result.status), style=SYMBOLS[result.status][2])
            line.append(f" {result.name:<28}{len(result.checks):>3} checks {result.duration:7.2f} s")
            console.print(line)
        return
    line = Text("   ")
    for result in results:
        line.append(f"{symbol(console, result.status)} {result.name}  ", style=SYMBOLS[result.status][2])
    console.print(line, soft_wrap=False)


def _print_failures(console: Console, report: Report) -> None:
    shown: set[str] = set()
    for result in report.exercises:
        failure = result.failure
        if failure is None:
            continue
        if result.chapter + failure.rationale in shown:
            continue
        shown.add(result.chapter + failure.rationale)
        console.print()
        head = Text()
        head.append(f"{symbol(console, failure.status)} {result.id}: ", style=f"bold {SYMBOLS[failure.status][2]}")
        head.append(failure.name, style="bold")
        console.print(head)
        console.print(Text(f"  {clean(failure.rationale)}"))
        for line in clean(failure.evidence).splitlines():
            console.print(Text(f"    {line}", style="bright_black" if console.is_terminal else ""))
        if failure.hint:
            console.print(Text(f"    next      {clean(failure.hint)}", style="cyan"))


def _print_score(console: Console, report: Report) -> None:
    console.print()
    unavailable = {r.chapter: r for r in report.exercises if r.status == "unavailable"}
    for chapter, result in unavailable.items():
        console.print(Text(f"{chapter} {result.checks[0].rationale}; its exercises are not counted."))
    counts = ", ".join(
        f"{report.count(status)} {status}" for status in SYMBOLS if report.count(status)
    )
    if report.interrupted:
        console.print(Text("Interrupted: what had been graded is shown.", style="yellow"))
    console.print(Text(f"Score: {report.score:g} of {report.max_score:g}   ({counts})", style="bold"))
    following = next((r for r in report.exercises if r.status in ("failed", "todo")), None)
    if following is not None:
        console.print(f"Next:  {following.id}   (a hint: python -m grader hint {following.id})")
    console.print(Text(f"Isolation: {report.isolation}   time: {report.duration:.1f} s", style="bright_black"))


def exercise_table(rows: Iterable[tuple[str, str, str, str]], console: Console) -> Table:
    """A table of (status, id, title, points)."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for status, id, title, points in rows:
        mark = Text(symbol(console, status), style=SYMBOLS[status][2])
        table.add_row(mark, id, title, points)
    return table
