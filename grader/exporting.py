"""The command that hands grades and reports to other programs: `export`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.options import pack_option

if TYPE_CHECKING:
    from grader.batch.entries import Entry
    from grader.batch.store import Store
    from grader.exports.github import Spot
    from grader.exports.rosters import Roster
    from grader.exports.sheet import Sheet

_TABLES = {"csv": "grades.csv", "canvas": "canvas.csv", "moodle": "moodle.csv"}
_FORMATS = (*_TABLES, "gradescope", "junit", "github")
_MOST_POINTS = 100_000


@click.command()
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT")
@click.option("--format", "form", type=click.Choice(_FORMATS), required=True, help="What to write.")
@click.option(
    "--roster",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The class as the grade book exports it (canvas needs it, moodle can use it).",
)
@click.option(
    "--to",
    type=click.Path(path_type=Path),
    metavar="PLACE",
    help="The file to write, or the folder for gradescope (default: in OUT/exports).",
)
@click.option("--column", metavar="TITLE", help="The column of the grades (canvas, moodle).")
@click.option(
    "--points",
    type=click.FloatRange(0, _MOST_POINTS, min_open=True),
    metavar="N",
    help="What the full score is worth (canvas, moodle).",
)
@click.option("--name", metavar="NAME", help="One submission (github, gradescope, junit).")
@click.option(
    "--files",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where the repository with the answers is, for places in annotations (github).",
)
@pack_option
def export(
    out: Path,
    form: str,
    roster: Path | None,
    to: Path | None,
    column: str | None,
    points: float | None,
    name: str | None,
    files: Path | None,
    pack: str | None,
) -> None:
    """Write grades or reports for other programs.

    OUT is the folder of a batch; for github also one report (--json).
    """
    given = {"roster": roster, "column": column, "points": points, "name": name, "files": files}
    _check_options(form, given)
    if form == "github":
        _export_github(out, to, name, files, pack)
        return
    from grader.batch.store import Store

    with Store.open(out) as store:
        entries = _chosen(store, name)
        if form in _TABLES:
            place = to or _place(out, _TABLES[form], plain=form == "csv")
            sys.exit(_write_table(entries, form, place, roster, column, points))
        sys.exit(_write_reports(store, entries, form, to or _place(out, _name_of(form))))


def _check_options(form: str, given: Mapping[str, Any]) -> None:
    """That no option is given that the form has no use for."""
    from grader.errors import UsageError

    useful = {
        "roster": ("canvas", "moodle"),
        "column": ("canvas", "moodle"),
        "points": ("canvas", "moodle"),
        "name": ("github", "gradescope", "junit"),
        "files": ("github",),
    }
    for option, value in given.items():
        if value is not None and form not in useful[option]:
            raise UsageError(
                f"--{option} is for {' and '.join(useful[option])}. Leave it out with --format {form}."
            )
    if given["points"] != given["points"]:  # NaN is in every range
        raise UsageError("--points must be a number above 0.")
    if form == "canvas" and given["roster"] is None:
        raise UsageError(
            "Canvas needs its own gradebook back: export it there (Grades, Export), and name the file with "
            "--roster."
        )


def _name_of(form: str) -> str:
    return "junit.xml" if form == "junit" else form


def _place(out: Path, name: str, plain: bool = False) -> Path:
    """Where a file goes if nobody says: in OUT itself, or in its folder for exports."""
    folder = out if plain else out / "exports"
    _make_folder(folder)
    return folder / name


def _make_folder(folder: Path) -> None:
    from grader.errors import UsageError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be made: {error.strerror}. Name another place with --to."
        ) from None


def _chosen(store: Store, name: str | None) -> list[Entry]:
    """The submission called `name`, or all of them.

    Raises:
        UsageError: there is none.
    """
    import difflib

    from grader.errors import UsageError

    entries = store.entries()
    if not entries:
        raise UsageError(
            f"{store.path} holds no submissions. Grade some with `python -m grader batch`."
        )
    found = [entry for entry in entries if name in (None, entry.name)]
    if not found:
        close = difflib.get_close_matches(name or "", [e.name for e in entries], 3, 0.4)
        raise UsageError(
            f"There is no submission {name!r}."
            + (f" Did you mean {', '.join(close)}?" if close else " index.html shows their names.")
        )
    return found


def _write_table(
    entries: list[Entry],
    form: str,
    place: Path,
    roster: Path | None,
    column: str | None,
    points: float | None,
) -> int:
    """Write a table of grades; 1 if a submission's grade is not in it."""
    from grader.exports.rosters import read_roster

    table = read_roster(roster) if roster else None
    sheet = _sheet(entries, form, table, column, points)
    sheet.write(place)
    click.echo(f"wrote {place}")
    for line in sheet.said():
        click.echo(line, err=True)
    return 1 if sheet.astray else 0


def _sheet(
    entries: list[Entry],
    form: str,
    roster: Roster | None,
    column: str | None,
    points: float | None,
) -> Sheet:
    from grader.exports import canvas, grades, moodle

    if form == "canvas" and roster is not None:
        return canvas.sheet(entries, roster, column, points)
    if form == "moodle":
        return moodle.sheet(entries, roster, column, points)
    return grades.grades(entries)


def _write_reports(store: Store, entries: list[Entry], form: str, place: Path) -> int:
    """Write reports in another form; 1 if one is missing."""
    from grader.exports import gradescope, junit
    from grader.exports.matching import shown

    if form == "junit":
        junit.write_suites(place, junit.suites(entries, store.report, store.pack_name))
        click.echo(f"wrote {place}")
    waiting = [entry for entry in entries if entry.graded is None]
    if form == "gradescope":
        for entry in entries:
            if entry.graded is not None:
                _make_folder(place / entry.name)
                content = gradescope.results(store.report(entry.name))
                gradescope.write_results(place / entry.name / "results.json", content)
        click.echo(f"wrote {len(entries) - len(waiting)} times results.json in {place}")
    for entry in waiting:
        click.echo(f"{shown(entry)} has not been graded yet", err=True)
    return 1 if waiting else 0


def _export_github(
    out: Path, to: Path | None, name: str | None, files: Path | None, pack: str | None
) -> None:
    """Print the annotations of one report, and add its summary to the step's."""
    from grader.exports import github
    from grader.files import write_whole

    report, texts = _one_report(out, name)
    spots = _spots(report, texts, files, pack)
    for line in github.log_lines(report, spots):
        click.echo(line)
    step = os.environ.get("GITHUB_STEP_SUMMARY")
    if to is None and step:
        _append(Path(step), report)
        return
    place = to or (_place(out, f"{name}.md") if out.is_dir() else out.with_suffix(".md"))
    write_whole(place, github.summary(report))
    click.echo(f"wrote {place}", err=True)


def _append(place: Path, report: dict[str, Any]) -> None:
    """Add the summary to what the step has written before, within the limit of both."""
    from grader.errors import UsageError
    from grader.exports import github

    try:
        used = place.stat().st_size if place.exists() else 0
        with place.open("a", encoding="utf-8", newline="\n") as file:
            file.write(github.summary(report, github.MOST_BYTES - used))
    except OSError as error:
        raise UsageError(
            f"GITHUB_STEP_SUMMARY names {place}, which cannot be written: {error.strerror}. "
            "Name another file with --to."
        ) from None


def _one_report(out: Path, name: str | None) -> tuple[dict[str, Any], dict[str, str]]:
    """A report of a batch, or one in a file; and the chapters as handed in, where they are known."""
    from grader.batch.store import Store
    from grader.errors import UsageError
    from grader.exports.messages import read_report

    if out.is_file():
        if name is not None:
            raise UsageError(f"{out} is one report. Leave --name out.")
        return read_report(out), {}
    if name is None:
        raise UsageError(
            "github shows one report: name the submission with --name, or give a report."
        )
    with Store.open(out) as store:
        entry = _chosen(store, name)[0]
        if entry.graded is None:
            raise UsageError(f"{name} has not been graded yet. Go on with the batch first.")
        return store.report(name), store.texts(name)


def _spots(
    report: dict[str, Any], texts: dict[str, str], files: Path | None, pack: str | None
) -> dict[str, Spot]:
    """Where the exercises of a report are answered, by id: in the folder `files`, else in `texts`."""
    from grader.exports.github import find_spots
    from grader.manifest import find_pack
    from grader.submission import read_submission

    if files is None:
        return find_spots(report, {name: (f"{name}.py", text) for name, text in texts.items()})
    found = read_submission(files, find_pack(pack)).files
    return find_spots(
        report,
        {n: (Path(os.path.relpath(f.path, files)).as_posix(), f.text) for n, f in found.items()},
    )


COMMANDS = (export,)
