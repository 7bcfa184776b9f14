"""What `watch` shows: a page that is drawn anew, or lines where there is no terminal."""

from __future__ import annotations

import ast

from rich.console import Console
from rich.markdown import Markdown
from rich.text import Text

from grader.pack import Exercise
from grader.reports.symbols import SYMBOLS, symbol
from grader.reports.terminal import print_failure, print_list
from grader.text import one_line
from grader.watch import View

_BAR_WIDTH = 12
_KEYS = (("h", "hint"), ("n", "next"), ("l", "list"), ("o", "lesson"), ("q", "quit"))
_WAITS = "Save the file, and it is graded again."


class Page:
    """A page on a terminal: chapters, the current exercise, one message, the keys."""

    def __init__(self, console: Console, has_keys: bool) -> None:
        self._console = console
        self._has_keys = has_keys

    def show(self, view: View) -> None:
        """Draw the page."""
        console = self._console
        with console.capture() as drawn:
            if view.page == "list":
                print_list(console, view.pack, view.states)
            elif view.page == "lesson" and view.current is not None:
                console.print(Markdown(lesson(view.current, view)))
            else:
                self._chapters(view)
                self._exercise(view)
            if view.note:
                console.print(Text(f"\nNote: {one_line(view.note)}", style="yellow"))
            if self._has_keys:
                keys = "   ".join(f"[{key}] {meaning}" for key, meaning in _KEYS)
                console.print(Text(f"\n{keys}", style="bright_black"))
        console.clear()
        console.print(Text.from_ansi(drawn.get()), end="")

    def _chapters(self, view: View) -> None:
        console, states = self._console, view.states
        passed = sum(state == "passed" for state in states.values())
        console.print(Text(f"{view.pack.title}   {passed} of {len(states)}", style="bold"))
        console.print()
        block, empty = ("━", "━") if _fine(console) else ("#", ".")
        for chapter in view.pack.chapters:
            done = sum(states[e.id] == "passed" for e in chapter.exercises)
            filled = _BAR_WIDTH * done // len(chapter.exercises)
            here = view.current is not None and view.current.chapter == chapter.name
            line = Text("> " if here else "  ", style="bold" if here else "")
            line.append(f"{chapter.name:<20}")
            line.append(block * filled, style="green")
            line.append(empty * (_BAR_WIDTH - filled), style="bright_black")
            console.print(line.append(f" {done:>2} of {len(chapter.exercises):<2}"))
        console.print()

    def _exercise(self, view: View) -> None:
        console, exercise = self._console, view.current
        if exercise is None:
            console.print(Text("Everything has passed. Well done.", style="bold green"))
            return
        state = view.states[exercise.id]
        head = Text(f"{exercise.id}  {exercise.title}", style="bold")
        if view.busy == exercise.id:
            head.append("   grading", style="yellow")
        elif view.result is not None:
            status = view.result.status
            head.append(f"   {symbol(console, status)} {status}", style=SYMBOLS[status][2])
            if view.seconds is not None:
                head.append(f"   {view.seconds:.1f} s after the save", style="bright_black")
        elif state not in ("todo", "changed"):
            head.append(f"   {state}", style=SYMBOLS[state][2])
        console.print(head)
        result = view.result
        if result is not None and result.failure is not None:
            print_failure(console, result.id, result.failure)
        elif result is not None and result.status == "passed":
            console.print(f"  Its solution: python -m grader solution {exercise.id}")
        else:
            console.print(f"  Write it in exercises/{exercise.chapter}.py. {_WAITS}")
        for number, hint in enumerate(exercise.hints[: view.hints], 1):
            console.print(Text(f"  hint {number}    {hint}", style="cyan"))
        if view.hints:
            console.print(Text(f"  page      {exercise.docs}", style="bright_black"))


class Lines:
    """A line for every verdict, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last: object = None

    def show(self, view: View) -> None:
        """Print the verdict on the current exercise, if it is new."""
        if view.note and view.note != self._last:
            self._last = view.note
            self._console.print(Text(f"Note: {one_line(view.note)}"))
        result = view.result
        if result is None or result is self._last:
            return
        self._last = result
        if result.failure is not None:
            print_failure(self._console, result.id, result.failure)
        else:
            self._console.print(
                f"{symbol(self._console, result.status)} {result.id}: {result.status}"
            )


def lesson(exercise: Exercise, view: View) -> str:
    """The lesson of an exercise's chapter: the docstring of its stubs."""
    path = view.pack.stubs_dir / f"{exercise.chapter}.py"
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "No lesson."


def _fine(console: Console) -> bool:
    return (console.encoding or "").lower().startswith("utf")
