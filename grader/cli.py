"""The command line: `python -m grader`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from grader.model import Report
    from grader.pack import Exercise, Pack

LEVELS = ("PROCESS-ONLY", "PARTIAL", "FILTERED", "FULL")
_pack_option = click.option("--pack", metavar="DIR", help="Another pack: its folder or installed name.")


class _Group(click.Group):
    """Turns the grader's own exceptions into one message and the exit code that belongs to it."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        from grader import errors

        try:
            return super().main(*args, **kwargs)
        except (errors.UsageError, errors.PackError) as error:
            _stop(str(error), 2)
        except errors.IsolationError as error:
            _stop(str(error), 4)
        except errors.GraderError as error:
            _stop(f"The grader failed: {error}", 3)


def _stop(message: str, code: int) -> None:
    click.echo(message, err=True)
    sys.exit(code)


def _run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(
        (
            click.option("--only", multiple=True, metavar="ID", help="A chapter or an exercise; repeatable."),
            click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the report there."),
            click.option("--seed", type=int, default=0, show_default=True, help="Seed of the drawn inputs."),
            click.option(
                "--timeout",
                type=click.FloatRange(0.1, 3600),
                default=20.0,
                show_default=True,
                help="Seconds that one call may take.",
            ),
            click.option("--in-process", is_flag=True, help="Run answers in this process, to debug them."),
            click.option("--require-isolation", type=click.Choice(LEVELS), help="Refuse to run below it."),
            _pack_option,
        )
    ):
        command = option(command)
    return command


@click.group(cls=_Group, invoke_without_command=True)
@click.option(
    "--student",
    is_flag=False,
    flag_value="",
    metavar="[DIR]",
    help="Grade the chapter files in DIR (default: exercises/).",
)
@click.option("--solutions", is_flag=True, help="Run the reference through every check.")
@_run_options
@click.pass_context
def main(
    context: click.Context, student: str | None, solutions: bool, **options: Any
) -> None:
    """Learn JAX by doing: edit the files in exercises/, then grade them.

    \b
      python -m grader --student [DIR]   grade DIR (default exercises/)
      python -m grader hint ID           the next hint
      python -m grader list              the exercises and their state
    """
    if context.invoked_subcommand:
        return
    if student is not None and solutions:
        raise click.UsageError("--student and --solutions exclude each other.")
    if student is not None or solutions:
        sys.exit(_grade(Path(student) if student else None, solutions, **options))
    click.echo(context.get_help())


def _grade(folder: Path | None, solutions: bool, **options: Any) -> int:
    from grader.pack import find_pack
    from grader.reports import json_report, terminal
    from grader.session import Grader
    from grader.submission import read_submission

    pack = find_pack(options["pack"])
    exercises = pack.select(options["only"])
    folder = folder or (pack.solutions_dir if solutions else pack.exercises_dir)
    with Grader(pack, options["seed"], options["timeout"], options["in_process"]) as grader:
        grader.warm(exercises)
        submission = read_submission(folder, pack)
        errors = terminal.make_console(stderr=True)
        with terminal.progress_bar(errors) as bar:
            task = bar.add_task("Grading", total=len(exercises))
            report = grader.grade(submission, exercises)
    terminal.print_sheet(terminal.make_console(), report, pack, with_times=solutions)
    if options["json_file"]:
        json_report.write_json(report, options["json_file"])
    return 0 if report.all_passed else 1


@main.command()
@click.option("--only", multiple=True)
@click.option("--seed", type=int, default=0)
@click.option("--answers", type=click.Path(path_type=Path))
@_pack_option
def selfcheck(only: tuple[str, ...], seed: int, answers: Path | None, pack: str | None) -> None:
    """Grade the grader."""
    from grader.pack import find_pack
    from grader.selfcheck import selfcheck as run
    from grader.session import Grader

    found = find_pack(pack)
    with Grader(found, seed) as grader:
        chosen = found.select(only)
        grader.warm(chosen)
        findings = run(grader, chosen, answers or found.root / "tests" / "answers", lambda text: None)
    for problem in findings.problems:
        click.echo(f"- {problem}")
    for kind, count in findings.counts.items():
        click.echo(f"{count:5} {kind}")
    click.echo(f"{len(findings.problems):5} problems")
    sys.exit(1 if findings.problems else 0)
