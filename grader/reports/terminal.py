"""The score sheet and the progress bar, for eyes; plain text when there is no terminal."""

from __future__ import annotations

import os
import textwrap
from typing import Literal, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.syntax import Syntax
from rich.text import Text

from grader.model import CheckResult, ExerciseResult, Isolation, Report
from grader.observer import Observer
from grader.pack import Exercise, Pack
from grader.reports.symbols import SYMBOLS, symbol
from grader.reports.tables import print_matrix, print_speeds
from grader.text import EVIDENCE, MESSAGE, bounded, clean, continued, one_line

_BAR_WIDTH = 20


def make_console(stderr: bool = False) -> Console:
    """A console that writes plain text when it is no terminal, or under NO_COLOR."""
    colours: Literal["auto"] | None = None if os.environ.get("NO_COLOR") else "auto"
    return Console(stderr=stderr, highlight=False, soft_wrap=not stderr, color_system=colours)


class ProgressBar:
    """A progress bar on standard error while this lasts; silent when that is no terminal."""

    def __init__(self) -> None:
        console = make_console(stderr=True)
        self._progress = Progress(
            TextColumn("{task.description:<40}"),
            BarColumn(_BAR_WIDTH),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal or console.no_color,
        )
        self._task = self._progress.add_task("starting", total=None)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._progress.stop()

    def show(self, what: str, done: int, total: int) -> None:
        """`what` is running, and `done` of `total` has been done; a total of 0 is unknown."""
        self._progress.update(self._task, description=what, completed=done, total=total or None)


class Bar(ProgressBar, Observer):
    """A progress bar over the exercises of a run, of which there are `total`."""

    def __init__(self, total: int) -> None:
        super().__init__()
        self._total = total
        self._begun: set[str] = set()  # exercises of which a check has its verdict

    def checked(self, exercise: Exercise, result: CheckResult) -> None:
        """One check further."""
        self._begun.add(exercise.id)
        self.show(exercise.id, min(len(self._begun), self._total), self._total)


def print_sheet(console: Console, report: Report, pack: Pack, with_times: bool = False) -> None:
    """The whole score sheet: a line per chapter, the messages, the score and what comes next."""
    chapters = _by_chapter(report, pack)
    console.print(Text(f"{pack.title}: {one_line(report.submission)}", style="bold"))
    console.print()
    for name, results in chapters.items():
        _print_chapter(console, pack, name, results, with_times)
    _print_failures(console, report)
    print_matrix(console, report, failing_only=not with_times)
    print_speeds(console, report)
    for warning in report.warnings:
        console.print(Text(f"Note: {one_line(warning)}", style="yellow"))
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
    head.append(
        f"{passed:>3} of {len(results):<3} ", style="green" if passed == len(results) else ""
    )
    head.append(pack.chapter(name).title)
    console.print(head)
    if with_times:
        for result in results:
            line = Text("   ")
            line.append(symbol(console, result.status), style=SYMBOLS[result.status][2])
            line.append(
                f" {result.name:<28}{len(result.checks):>3} checks {result.duration:7.2f} s"
            )
            console.print(line)
        return
    line = Text("  ")
    for result in results:
        mark = f" {symbol(console, result.status)} {result.name} "
        if len(line) + len(mark) > console.width and len(line) > 2:
            console.print(line)
            line = Text("  ")
        line.append(mark, style=SYMBOLS[result.status][2])
    console.print(line)


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
        print_failure(console, result.id, failure)


def print_failure(console: Console, id: str, failure: CheckResult) -> None:
    """What a learner reads about a check that has not passed."""
    head = Text()
    head.append(
        f"{symbol(console, failure.status)} {id}: ", style=f"bold {SYMBOLS[failure.status][2]}"
    )
    head.append(failure.name, style="bold")
    console.print(head)
    for line in continued(failure.rationale).split("\n"):
        _print_wrapped(console, line, 2, 2)
    for line in bounded(clean(failure.evidence), EVIDENCE).splitlines():
        _print_wrapped(console, line, 4, 14, "bright_black" if console.is_terminal else "")
    if failure.hint:
        _print_wrapped(console, f"next      {one_line(failure.hint, MESSAGE)}", 4, 14, "cyan")


def _print_wrapped(console: Console, line: str, first: int, others: int, style: str = "") -> None:
    """A line, indented; on a terminal it is wrapped, so that what is continued stands below its beginning."""
    pieces = [" " * first + line]
    if console.is_terminal:
        pieces = textwrap.wrap(
            line,
            console.width - 1,
            initial_indent=" " * first,
            subsequent_indent=" " * others,
            replace_whitespace=False,
        )
    for piece in pieces or [""]:
        console.print(Text(piece, style=style))


def _print_score(console: Console, report: Report) -> None:
    console.print()
    unavailable = {r.chapter: r for r in report.exercises if r.status == "unavailable"}
    for chapter, result in unavailable.items():
        console.print(
            Text(f"{chapter} {result.checks[0].rationale}; its exercises are not counted.")
        )
    counts = ", ".join(
        f"{report.count(status)} {status}" for status in SYMBOLS if report.count(status)
    )
    if report.interrupted:
        console.print(Text("Interrupted: what had been graded is shown.", style="yellow"))
    console.print(
        Text(
            f"Score: {round(report.score, 2):g} of {report.max_score:g}   ({counts})", style="bold"
        )
    )
    following = next((r for r in report.exercises if r.status in ("failed", "todo")), None)
    if following is not None:
        console.print(f"Next:  {following.id}   (a hint: python -m grader hint {following.id})")
    for line in (_isolation_line(report.isolation), _time_line(report)):
        console.print(Text(line, style="bright_black"))


_MECHANISMS = {"bwrap": "bubblewrap", "landlock": "Landlock", "rlimits": "limits"}
_MEANING = {
    "FULL": "",
    "FILTERED": "file names may be visible",
    "PARTIAL": "submissions can reach this machine",
    "PROCESS-ONLY": "not safe for other people's code",
}


def _isolation_line(isolation: Isolation) -> str:
    """The level, what it rests on, what it leaves open, and how the attacks made at start ended."""
    names = [name.partition("-")[0] for name in isolation.mechanisms]
    parts = [
        f"Isolation: {isolation.level}",
        f"({', '.join(_MECHANISMS.get(name, name) for name in names)})" if names else "",
        _MEANING[isolation.level],
        f"self-test {isolation.stopped}/{isolation.tried}" if isolation.tried else "",
    ]
    return "   ".join(filter(None, parts))


def _time_line(report: Report) -> str:
    """How long the run took, and where the time went in the answer's processes."""
    times = report.times
    return (
        f"time: {report.duration:.1f} s (the answer: start {times.starting:.1f}, "
        f"compile {times.compiling:.1f}, run {times.running:.1f})"
    )


def print_list(console: Console, pack: Pack, states: dict[str, str]) -> None:
    """Every exercise with its last known state."""
    for chapter in pack.chapters:
        passed = sum(states[exercise.id] == "passed" for exercise in chapter.exercises)
        head = Text(f"{chapter.name:<20}{passed:>3} of {len(chapter.exercises):<3} ", style="bold")
        console.print(head.append(chapter.title, style="not bold"))
        for exercise in chapter.exercises:
            state = states[exercise.id]
            style = SYMBOLS[state][2] if state in SYMBOLS else "yellow"
            line = Text("   ").append(f"{state:<12}", style=style)
            console.print(line.append(f"{exercise.id:<36} {exercise.title}"))


def print_code(console: Console, code: str) -> None:
    """Python code, with colours where there are any."""
    console.print(
        Syntax(code, "python", background_color="default") if console.color_system else code,
        markup=False,
    )
