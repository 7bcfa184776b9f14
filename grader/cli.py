"""The command line: `python -m grader`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader import __version__, authoring, exporting, learning, packaging, teaching
from grader.model import LEVELS
from grader.options import only_option, pack_option, seed_option, timeout_option

if TYPE_CHECKING:
    from grader.gallery import Scene
    from grader.model import Report
    from grader.pack import Pack


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
        except ModuleNotFoundError as error:
            _stop(errors.missing_package(error.name), 2)
        except Exception as error:
            import traceback

            traceback.print_exc()
            _stop(f"The grader itself failed ({type(error).__name__}); this is a bug in it.", 3)
        return None


def _stop(message: str, code: int) -> None:
    click.echo(message, err=True)
    sys.exit(code)


_RUN_OPTIONS = (
    only_option,
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
        "--jobs",
        type=click.IntRange(1, 64),
        metavar="N",
        help="Processes that grade chapters side by side (default: by work, cores and memory).",
    ),
    seed_option,
    timeout_option,
    click.option(
        "--in-process", is_flag=True, help="Run the code in this process (for debugging)."
    ),
    click.option(
        "--require-isolation",
        type=click.Choice(LEVELS),
        help="Refuse to run with less (default for other people's work: FILTERED).",
    ),
    pack_option,
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
        click.echo(f"\n{learning.standing(options['pack'])}")
        return
    sys.exit(_grade(Path(student) if student else None, solutions, options))


def _grade(folder: Path | None, solutions: bool, options: dict[str, Any]) -> int:
    from grader.crew import Crew, Settings, default_jobs, make_grader
    from grader.manifest import find_pack
    from grader.progress import load_progress
    from grader.reports import terminal
    from grader.submission import read_submission

    _check_places(options)
    pack = find_pack(options["pack"])
    exercises = pack.select(options["only"])
    place = folder or (pack.solutions_dir if solutions else pack.exercises_dir)
    submission = read_submission(place, pack)
    strangers = place.resolve() not in (pack.exercises_dir, pack.solutions_dir)
    required = options["require_isolation"] or ("FILTERED" if strangers else "PROCESS-ONLY")
    terms = (options["seed"], options["timeout"], options["in_process"], strangers, required)
    settings = Settings(options["pack"], *terms)
    begun = len(submission.begun(pack) & {e.chapter for e in exercises})
    jobs = 1 if settings.in_process else min(options["jobs"] or default_jobs(begun), begun)
    with make_grader(pack, settings) as grader:
        with terminal.Bar(len(exercises)) as bar:
            if jobs > 1:
                with Crew(pack, settings, jobs) as crew:
                    report = crew.grade(submission, exercises, bar)
            else:
                report = grader.grade(submission, exercises, bar)
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


for _command in (
    *learning.COMMANDS,
    *teaching.COMMANDS,
    *exporting.COMMANDS,
    *packaging.COMMANDS,
    *authoring.COMMANDS,
):
    main.add_command(_command)
