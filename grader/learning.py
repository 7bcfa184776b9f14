"""The commands of those who learn: where they stand, hints, watching, the showdown."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.options import pack_option, seed_option, timeout_option

if TYPE_CHECKING:
    from grader.pack import Exercise, Pack


def standing(where: str | None) -> str:
    """Where the learner stands, in a sentence."""
    from grader.manifest import find_pack

    pack = find_pack(where)
    states = known_states(pack)
    passed = sum(state == "passed" for state in states.values())
    following = next((id for id, state in states.items() if state != "passed"), None)
    sentence = f"{pack.title}: {passed} of {len(states)} exercises passed."
    return sentence + (f" Next: {following}." if following else " Well done.")


def known_states(pack: Pack) -> dict[str, str]:
    """The last known status of every exercise, by id."""
    from grader.progress import answer_digests, load_progress, states
    from grader.submission import read_submission

    progress = load_progress(pack)
    if progress.problem:
        click.echo(f"Note: {progress.problem}", err=True)
    submission = read_submission(pack.exercises_dir, pack)
    return states(pack, progress, answer_digests(submission, (e.id for e in pack.exercises)))


@click.command("list")
@pack_option
def list_exercises(pack: str | None) -> None:
    """Show the exercises and their state."""
    from grader.manifest import find_pack
    from grader.reports import terminal

    found = find_pack(pack)
    terminal.print_list(terminal.make_console(), found, known_states(found))


@click.command()
@click.argument("id")
@pack_option
def hint(id: str, pack: str | None) -> None:
    """Show the next hint for an exercise; hints escalate."""
    from grader.manifest import find_pack
    from grader.progress import load_progress

    found = find_pack(pack)
    exercise = one_exercise(found, id)
    progress = load_progress(found)
    seen = progress.hints_seen.get(exercise.id, 0)
    number = min(seen, len(exercise.hints) - 1)
    click.echo(f"{exercise.id}: {exercise.title} (hint {number + 1} of {len(exercise.hints)})")
    click.echo(f"  {exercise.hints[number]}")
    click.echo(f"  Slide: {exercise.slide}. Documentation: {exercise.docs}")
    if seen >= len(exercise.hints):
        click.echo("  That was the last hint.")
    elif number + 1 < len(exercise.hints):
        click.echo("  Call again for the next.")
    progress.see_hint(exercise.id, seen + 1)
    progress.save()


def one_exercise(pack: Pack, id: str) -> Exercise:
    """The exercise that `id` names; a chapter's name will not do."""
    from grader.errors import UsageError

    chosen = pack.select([id])
    if len(chosen) > 1:
        raise UsageError(f"{id} is a chapter. Name one exercise of it, such as {chosen[0].id}.")
    return chosen[0]


@click.command()
@click.argument("id")
@pack_option
def reset(id: str, pack: str | None) -> None:
    """Put the stub of an exercise (or of a chapter) back; the old file is kept as .bak."""
    from grader.manifest import find_pack
    from grader.stubs import reset as put_back

    path, backup = put_back(find_pack(pack), id)
    click.echo(f"{id} is a stub again in {path.name}.")
    if backup:
        click.echo(f"What was there is kept in {backup.name}.")


@click.command()
@seed_option
@timeout_option
@pack_option
def watch(seed: int, timeout: float, pack: str | None) -> None:
    """Grade an answer again whenever you save it."""
    from grader.batch.terms import lasting_memory
    from grader.keyboard import keys
    from grader.manifest import find_pack
    from grader.reports import screen, terminal
    from grader.session import Grader
    from grader.watch import Watch, tell_saves

    found = find_pack(pack)
    console = terminal.make_console()
    shown = (
        screen.Page(console, sys.stdin.isatty()) if console.is_terminal else screen.Lines(console)
    )
    with Grader(found, seed, timeout, memory=lasting_memory(found)) as grader:
        grader.warm(found.exercises)
        watched = Watch(found, grader, shown)
        tell_saves(found.exercises_dir, {c.filename for c in found.chapters}, watched.events)
        with (
            keys(lambda key: watched.events.put(("key", key))),
            contextlib.suppress(KeyboardInterrupt),
        ):
            watched.run()


@click.command()
@click.argument("id")
@pack_option
def solution(id: str, pack: str | None) -> None:
    """Show the solution of an exercise that you have solved."""
    from grader.errors import UsageError
    from grader.manifest import find_pack
    from grader.reports import terminal
    from grader.sources import definition

    found = find_pack(pack)
    exercise = one_exercise(found, id)
    state = known_states(found)[exercise.id]
    if state != "passed":
        how = "has changed since it was graded" if state == "changed" else f"is {state}"
        raise UsageError(
            f"{exercise.id} {how}: its solution is shown once your own answer has passed "
            f"(python -m grader --student --only {exercise.id}). "
            f"A hint: python -m grader hint {exercise.id}"
        )
    text = (found.solutions_dir / f"{exercise.chapter}.py").read_text(encoding="utf-8")
    terminal.print_code(terminal.make_console(), definition(text, exercise.name))


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder of the full MNIST set (default: the subset that the kit ships).",
)
@click.option(
    "--epochs",
    type=click.IntRange(1, 1000),
    default=8,
    show_default=True,
    help="Passes over the training images.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write parity.json and the plots there (default: no files).",
)
@pack_option
def parity(data: Path | None, epochs: int, out: Path | None, pack: str | None) -> None:
    """Train one network in JAX and in PyTorch, side by side: times, accuracies, losses."""
    from contextlib import nullcontext

    from grader.manifest import find_pack
    from grader.parity import report, showdown
    from grader.reports.terminal import ProgressBar, make_console

    found = find_pack(pack)
    showdown.check_pack(found)
    with report.folder(out) if out else nullcontext():
        with ProgressBar() as bar:
            result = showdown.hold(found.solutions_dir, data, epochs, bar.show)
        report.print_parity(make_console(), result)
        if out and result.settings:
            for path in report.write(result, out):
                click.echo(f"wrote {path}")
    sys.exit(0 if result.in_parity else 1)


COMMANDS = (list_exercises, hint, reset, solution, watch, parity)
