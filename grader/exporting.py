"""The commands that hand grades and the grader itself to other programs: `export` and `package`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.exports.gradescope import VISIBILITIES
from grader.options import only_option, pack_option, seed_option

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
    """Where the exercises of a report are answered, by id."""
    from grader.manifest import find_pack
    from grader.submission import read_submission

    paths = {chapter: f"{chapter}.py" for chapter in texts}
    if files is not None:
        found = read_submission(files, find_pack(pack)).files
        texts = {chapter: file.text for chapter, file in found.items()}
        paths = {n: Path(os.path.relpath(f.path, files)).as_posix() for n, f in found.items()}
    return dict(_found_spots(report, texts, paths))


def _found_spots(
    report: dict[str, Any], texts: dict[str, str], paths: dict[str, str]
) -> Iterator[tuple[str, Spot]]:
    from grader.exports.github import Spot
    from grader.sources import is_python, line_ranges

    for exercise in report["exercises"]:
        text = texts.get(exercise["chapter"])
        if text is not None:
            ranges = line_ranges(text, exercise["name"]) if is_python(text) else []
            line = ranges[-1][0] + 1 if ranges else 0
            yield exercise["id"], Spot(paths[exercise["chapter"]], line)


@click.group()
def package() -> None:
    """Pack the grader for a platform that runs it."""


_out_option = click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Where to write it.",
)


@package.command("gradescope")
@_out_option
@only_option
@seed_option
@click.option(
    "--minutes",
    type=click.FloatRange(1, 24 * 60),
    default=10.0,
    show_default=True,
    help="The platform's limit for one submission.",
)
@click.option("--with-torch", is_flag=True, help="Install PyTorch there (needs 2 GB of memory).")
@click.option(
    "--visibility",
    type=click.Choice(VISIBILITIES),
    default=VISIBILITIES[0],
    show_default=True,
    help="When learners see the tests.",
)
@pack_option
def package_gradescope(
    out: Path,
    only: tuple[str, ...],
    seed: int,
    minutes: float,
    with_torch: bool,
    visibility: str,
    pack: str | None,
) -> None:
    """Write the .zip that Gradescope builds an autograder from; the solutions are in it."""
    from grader.exports import archive
    from grader.files import check_place, write_whole
    from grader.manifest import find_pack

    check_place(out)
    found = find_pack(pack)
    ids = archive.chosen(found, only)
    settings = archive.Settings(ids, seed, minutes, with_torch, visibility)
    data = archive.autograder(found, settings)
    write_whole(out, data)
    click.echo(
        f"wrote {out} ({len(data) / 2**20:.1f} MB). The solutions are in it: keep it to yourself."
    )


@package.command("github")
@_out_option
@click.option(
    "--kit", required=True, metavar="OWNER/NAME", help="The repository that holds the kit."
)
@click.option("--ref", default="main", show_default=True, help="Its branch or tag.")
@click.option("--without-torch", is_flag=True, help="Leave PyTorch out; chapter 11 does not count.")
def package_github(out: Path, kit: str, ref: str, without_torch: bool) -> None:
    """Write a workflow that grades a repository on GitHub Actions at every push."""
    from grader.exports.workflow import workflow
    from grader.files import write_whole

    write_whole(out, workflow(kit, ref, not without_torch))
    click.echo(
        f"wrote {out}. Commit it to the learners' repositories as .github/workflows/grade.yml."
    )


COMMANDS = (export, package)
