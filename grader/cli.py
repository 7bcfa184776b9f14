"""The command line: `python -m grader`."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader import __version__
from grader.model import LEVELS

if TYPE_CHECKING:
    from grader.gallery import Scene
    from grader.model import Report
    from grader.pack import Exercise, Pack


class _Seconds(click.FloatRange):
    """A number of seconds; NaN is in no range, but would pass for it."""

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """The number, or a wrong request."""
        number = float(super().convert(value, param, ctx))
        if number != number:
            self.fail(f"{value} is no number of seconds.", param, ctx)
        return number


class _Group(click.Group):
    """Turns the grader's own exceptions into one message and the exit code that belongs to it."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run, and leave with 2, 3 or 4 where the grader cannot do what it was asked to."""
        from grader import errors

        try:
            return super().main(*args, **kwargs)
        except (errors.UsageError, errors.PackError) as error:
            _stop(str(error), 2)
        except errors.IsolationError as error:
            _stop(str(error), 4)
        except errors.GraderError as error:
            _stop(f"The grader itself failed. {error}", 3)
        except Exception as error:
            import traceback

            traceback.print_exc()
            _stop(f"The grader itself failed ({type(error).__name__}); this is a bug in it.", 3)
        return None


def _stop(message: str, code: int) -> None:
    click.echo(message, err=True)
    sys.exit(code)


_pack_option = click.option(
    "--pack", metavar="DIR", help="Another pack: its folder or installed name."
)
_RUN_OPTIONS = (
    click.option("--only", multiple=True, metavar="ID", help="A chapter or exercise; repeatable."),
    click.option(
        "--json",
        "json_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write the report there.",
    ),
    click.option(
        "--html",
        "html_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write the report there as a page, with pictures.",
    ),
    click.option(
        "--seed", type=int, default=0, show_default=True, help="Seed of the drawn inputs."
    ),
    click.option(
        "--timeout",
        type=_Seconds(0.1, 3600),
        default=20.0,
        show_default=True,
        help="Seconds that one call may take.",
    ),
    click.option(
        "--in-process", is_flag=True, help="Run the code in this process (for debugging)."
    ),
    click.option(
        "--require-isolation",
        type=click.Choice(LEVELS),
        help="Refuse to run with less (default for other people's work: FILTERED).",
    ),
    _pack_option,
)


def _run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_RUN_OPTIONS):
        command = option(command)
    return command


@click.group(cls=_Group, invoke_without_command=True)
@click.option(
    "--student",
    is_flag=False,
    flag_value="",
    metavar="[DIR]",
    help="Grade the files in a folder or a .zip [DIR|ZIP] (default: exercises/).",
)
@click.option("--solutions", is_flag=True, help="Run the reference through every check.")
@_run_options
@click.version_option(__version__, prog_name="grader")
@click.pass_context
def main(context: click.Context, /, student: str | None, solutions: bool, **options: Any) -> None:
    """Learn JAX by doing: edit the files in exercises/, then grade them.

    \b
      python -m grader --student     grade exercises/
      python -m grader list          the exercises and their state
      python -m grader hint ID       the next hint for an exercise
    """
    if context.invoked_subcommand:
        return
    if student is not None and solutions:
        raise click.UsageError("--student and --solutions exclude each other: choose one.")
    if student is None and not solutions:
        click.echo(context.get_help())
        click.echo(f"\n{_standing(options['pack'])}")
        return
    sys.exit(_grade(Path(student) if student else None, solutions, options))


def _standing(where: str | None) -> str:
    """Where the learner stands, in a sentence."""
    from grader.manifest import find_pack

    pack = find_pack(where)
    states = _states(pack)
    passed = sum(state == "passed" for state in states.values())
    following = next((id for id, state in states.items() if state != "passed"), None)
    sentence = f"{pack.title}: {passed} of {len(states)} exercises passed."
    return sentence + (f" Next: {following}." if following else " Well done.")


def _states(pack: Pack) -> dict[str, str]:
    """The last known status of every exercise, by id."""
    from grader.progress import load_progress, states
    from grader.submission import read_submission

    progress = load_progress(pack)
    if progress.problem:
        click.echo(f"Note: {progress.problem}", err=True)
    return states(pack, progress, read_submission(pack.exercises_dir, pack))


def _grade(folder: Path | None, solutions: bool, options: dict[str, Any]) -> int:
    from grader.manifest import find_pack
    from grader.progress import load_progress
    from grader.reports import terminal
    from grader.session import Grader
    from grader.submission import read_submission

    _check_places(options)
    pack = find_pack(options["pack"])
    exercises = pack.select(options["only"])
    place = folder or (pack.solutions_dir if solutions else pack.exercises_dir)
    submission = read_submission(place, pack)
    strangers = place.resolve() not in (pack.exercises_dir, pack.solutions_dir)
    required = options["require_isolation"] or ("FILTERED" if strangers else "PROCESS-ONLY")
    settings = (options["seed"], options["timeout"], options["in_process"])
    with Grader(pack, *settings, strangers=strangers, required=required) as grader:
        grader.warm(exercises)
        if required != LEVELS[0]:
            grader.isolation()  # refuse before anything runs
        with terminal.Bar() as bar:
            report = grader.grade(submission, exercises, observer=bar)
        wanted = options["html_file"] and not report.interrupted
        scenes = grader.pictures(submission, report) if wanted else ()
    terminal.print_sheet(terminal.make_console(), report, pack, with_times=solutions)
    if folder is None and not solutions:
        progress = load_progress(pack)
        progress.record(report, submission)
        progress.save()
    _write_reports(report, pack, scenes, options)
    if any(result.status == "error" for result in report.exercises):
        return 3
    return 0 if report.all_passed else 1


def _check_places(options: dict[str, Any]) -> None:
    """Whether the reports can be written, asked before anything is graded."""
    from grader.errors import UsageError
    from grader.files import check_place

    places = [options[name] for name in ("json_file", "html_file") if options[name]]
    for place in places:
        check_place(place)
    if len({place.resolve() for place in places}) < len(places):
        raise UsageError("--json and --html name the same file. Give each a file of its own.")


def _write_reports(
    report: Report, pack: Pack, scenes: Sequence[Scene], options: dict[str, Any]
) -> None:
    if options["json_file"]:
        from grader.reports.json_report import write_json

        write_json(report, options["json_file"])
    if options["html_file"]:
        from grader.reports.page import write_page

        write_page(report, pack, scenes, options["html_file"])
        click.echo(f"The page is in {options['html_file']}.")


@main.command("list")
@_pack_option
def list_exercises(pack: str | None) -> None:
    """Show the exercises and their state."""
    from grader.manifest import find_pack
    from grader.reports import terminal

    found = find_pack(pack)
    terminal.print_list(terminal.make_console(), found, _states(found))


@main.command()
@click.argument("id")
@_pack_option
def hint(id: str, pack: str | None) -> None:
    """Show the next hint for an exercise; hints escalate."""
    from grader.manifest import find_pack
    from grader.progress import load_progress

    found = find_pack(pack)
    exercise = _one_exercise(found, id)
    progress = load_progress(found)
    seen = progress.hints_seen.get(exercise.id, 0)
    number = min(seen, len(exercise.hints) - 1)
    click.echo(f"{exercise.id}: {exercise.title} (hint {number + 1} of {len(exercise.hints)})")
    click.echo(f"  {exercise.hints[number]}")
    click.echo(f"  Slide: {exercise.slide}. Documentation: {exercise.docs}")
    if seen >= len(exercise.hints):
        click.echo("  That was the last hint.")
    progress.see_hint(exercise.id, seen + 1)
    progress.save()


def _one_exercise(pack: Pack, id: str) -> Exercise:
    from grader.errors import UsageError

    chosen = pack.select([id])
    if len(chosen) > 1:
        raise UsageError(f"{id} is a chapter. Name one exercise of it, such as {chosen[0].id}.")
    return chosen[0]


@main.command()
@click.argument("id")
@_pack_option
def reset(id: str, pack: str | None) -> None:
    """Put the stub of an exercise (or of a chapter) back; the old file is kept as .bak."""
    from grader.manifest import find_pack
    from grader.stubs import reset as put_back

    path, backup = put_back(find_pack(pack), id)
    click.echo(f"{id} is a stub again in {path.name}.")
    if backup:
        click.echo(f"What was there is kept in {backup.name}.")


@main.command()
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the drawn inputs.")
@click.option(
    "--timeout",
    type=_Seconds(0.1, 3600),
    default=20.0,
    show_default=True,
    help="Seconds that one call may take.",
)
@_pack_option
def watch(seed: int, timeout: float, pack: str | None) -> None:
    """Grade an answer again whenever you save it."""
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
    with Grader(found, seed, timeout) as grader:
        grader.warm(found.exercises)
        watched = Watch(found, grader, shown)
        tell_saves(found.exercises_dir, {c.filename for c in found.chapters}, watched.events)
        with (
            keys(lambda key: watched.events.put(("key", key))),
            contextlib.suppress(KeyboardInterrupt),
        ):
            watched.run()


@main.command()
@click.argument("id")
@_pack_option
def solution(id: str, pack: str | None) -> None:
    """Show the solution of an exercise that you have solved."""
    from grader.errors import UsageError
    from grader.manifest import find_pack
    from grader.reports import terminal
    from grader.sources import definition

    found = find_pack(pack)
    exercise = _one_exercise(found, id)
    state = _states(found)[exercise.id]
    if state != "passed":
        how = "has changed since it was graded" if state == "changed" else f"is {state}"
        raise UsageError(
            f"{exercise.id} {how}: its solution is shown once your own answer has passed "
            f"(python -m grader --student --only {exercise.id}). "
            f"A hint: python -m grader hint {exercise.id}"
        )
    text = (found.solutions_dir / f"{exercise.chapter}.py").read_text(encoding="utf-8")
    terminal.print_code(terminal.make_console(), definition(text, exercise.name))


@main.command()
@click.option(
    "--pack",
    type=click.Path(path_type=Path),
    default=Path(),
    metavar="DIR",
    help="The pack's folder.",
)
@click.argument("name")
def new(name: str, pack: Path) -> None:
    """Add a chapter NAME with one working exercise to a pack (for authors)."""
    from grader.scaffold import new_chapter

    for path in new_chapter(pack, name):
        click.echo(f"wrote {path}")
    where = "" if pack == Path() else f" --pack {pack}"
    click.echo(f"Try it: python -m grader selfcheck{where} --only {name}")


@main.command()
@_pack_option
def freeze(pack: str | None) -> None:
    """Keep the exercise files as they are now as the untouched stubs (for authors)."""
    from grader.manifest import find_pack
    from grader.stubs import freeze as keep

    click.echo(f"The stubs are kept in {keep(find_pack(pack))}.")


@main.command()
@click.option("--only", multiple=True, metavar="ID", help="A chapter or exercise; repeatable.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the drawn inputs.")
@click.option(
    "--answers",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Banks of right and wrong answers.",
)
@click.option(
    "--jobs", type=click.IntRange(1, 256), default=os.cpu_count() or 1, help="Processes to use."
)
@_pack_option
def selfcheck(
    only: tuple[str, ...], seed: int, answers: Path | None, jobs: int, pack: str | None
) -> None:
    """Grade the grader: stubs todo, solutions passed, wrong answers caught, right ones passed."""
    from grader.manifest import find_pack
    from grader.reports import terminal
    from grader.reports.tables import print_selfcheck
    from grader.selfcheck import selfcheck as run

    found = find_pack(pack)
    chosen = found.select(only)
    bank = answers or found.root / "tests" / "answers"
    findings = run(found, chosen, bank, seed, jobs, lambda text: click.echo(text, err=True))
    for problem in findings.problems:
        click.echo(f"- {problem}")
    print_selfcheck(terminal.make_console(), findings.chapters)
    for kind, count in findings.counts.items():
        click.echo(f"{count:5} {kind}")
    click.echo(f"{len(findings.problems):5} problems")
    sys.exit(1 if findings.problems else 0)


@main.command()
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
@_pack_option
def parity(data: Path | None, epochs: int, out: Path | None, pack: str | None) -> None:
    """Train one network in JAX and in PyTorch, side by side: times, accuracies, losses."""
    from contextlib import nullcontext

    from grader.manifest import find_pack
    from grader.parity import report, showdown
    from grader.reports.terminal import make_console

    found = find_pack(pack)
    showdown.check_pack(found)
    with report.folder(out) if out else nullcontext():
        with report.Bar() as bar:
            result = showdown.hold(found.solutions_dir, data, epochs, bar.show)
        report.print_parity(make_console(), result)
        if out and result.settings:
            for path in report.write(result, out):
                click.echo(f"wrote {path}")
    sys.exit(0 if result.in_parity else 1)
