"""How a batch goes on: a bar with its rate and the time left, or a line per submission; the tally."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Self

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from grader.batch import run
from grader.batch.entries import Entry, Graded
from grader.reports.terminal import make_console
from grader.text import one_line

_NAME = 30
_RATE_WINDOW = 600.0  # seconds over which the rate is taken


class BatchBar(run.Progress):
    """A bar on standard error; where that is no terminal, a line per submission."""

    def __init__(self, total: int) -> None:
        self.total, self.done, self.new = total, 0, 0
        self._console = make_console(stderr=True)
        self._started = time.monotonic()
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(20),
            MofNCompleteColumn(),
            TaskProgressColumn(show_speed=False),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            speed_estimate_period=_RATE_WINDOW,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("grading", total=total, rate="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._bar.stop()

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._started

    def known(self, name: str, graded: Graded) -> None:
        """One more; it has cost nothing, so the time left begins anew."""
        self.done += 1
        self._bar.reset(self._task, total=self.total, completed=self.done, rate="")

    def graded(self, name: str, graded: Graded) -> None:
        """One more."""
        self.done += 1
        self.new += 1
        rate = f"{60 * self.new / max(self.seconds, 1e-3):.1f}/min"
        shown = one_line(name, _NAME)
        self._bar.update(self._task, advance=1, description=f"{shown:<{_NAME}}", rate=rate)
        if not self._console.is_terminal:
            self._console.print(
                f"{self.done:>{len(str(self.total))}}/{self.total}  {shown:<{_NAME}} "
                f"{graded.score:g} of {graded.max_score:g}, {graded.duration:.1f} s",
                markup=False,
            )

    def waiting(self, why: str) -> None:
        """A line that stays."""
        self._console.print(why, markup=False)


def print_tally(entries: Iterable[Entry], bar: BatchBar, out: Path) -> None:
    """What became of the class, and where to look."""
    graded = [entry.graded for entry in entries if entry.graded]
    console = make_console()
    if not graded:
        console.print("No submission has a verdict yet.")
        return
    scores = sorted(g.score for g in graded)
    most = max(g.max_score for g in graded)
    broken = sum(not g.is_final for g in graded)
    levels = sorted({g.isolation for g in graded})
    console.print(
        f"{len(graded)} submissions have a verdict, {bar.new} of them from now "
        f"({bar.seconds:.0f} s). Score: median {median(scores):g}, from {scores[0]:g} to "
        f"{scores[-1]:g} of {most:g}. Isolation: {', '.join(levels)}."
    )
    if broken:
        console.print(
            f"{broken} have errors of the grader itself; they are graded again by the next batch."
        )
    console.print(f"See {out / 'index.html'}, {out / 'grades.csv'} and {out / 'reports'}.")
