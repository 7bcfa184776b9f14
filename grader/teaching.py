"""The commands of those who teach: grading a class."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.model import LEVELS
from grader.options import cores, pack_option, seed_option, timeout_option


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    metavar="OUT",
    help="Where the results are kept; an earlier batch there is gone on with.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    default=cores(),
    metavar="N",
    help="Processes that grade side by side; as many as there are cores, if not given.",
)
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler that has the work done.")
@click.option(
    "--resume/--again",
    default=True,
    help="Whether what has a verdict keeps it (the default), or everything is graded again.",
)
@click.option(
    "--require-isolation",
    type=click.Choice(LEVELS),
    default="FILTERED",
    show_default=True,
    help="Refuse to run code with less.",
)
@seed_option
@timeout_option
@pack_option
def batch(
    folder: Path,
    out: Path,
    jobs: int,
    scheduler: str | None,
    resume: bool,
    require_isolation: str,
    seed: int,
    timeout: float,
    pack: str | None,
) -> None:
    """Grade a class: one sub-folder or .zip of DIR per submission."""
    from grader.batch.classroom import grade_class
    from grader.batch.terms import terms_of
    from grader.batch.unit import Settings
    from grader.manifest import find_pack

    found = find_pack(pack)
    terms = terms_of(found, seed, timeout)
    settings = Settings(pack if scheduler else str(found.root), terms, require_isolation)
    sys.exit(grade_class(found, folder, out, settings, jobs, scheduler, again=not resume))


@click.command()
@click.argument("out", type=click.Path(path_type=Path), metavar="OUT")
@pack_option
def similar(out: Path, pack: str | None) -> None:
    """Compare the submissions of a batch: which are identical, which suspiciously alike."""
    from grader.batch.store import Store
    from grader.manifest import find_pack
    from grader.reports.class_page import SIMILARITY
    from grader.reports.similarity_page import write_similarity
    from grader.reports.terminal import ProgressBar

    with Store.open(out) as store, ProgressBar() as bar:
        found = write_similarity(store, find_pack(pack), out, bar.show)
    click.echo(f"{found.in_words} Hints, not verdicts: {out / SIMILARITY}")


COMMANDS = (batch, similar)
