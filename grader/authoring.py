"""The commands of those who write chapters: scaffolds, stubs, the grader graded."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader.options import cores, only_option, pack_option, seed_option


@click.command()
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


@click.command()
@pack_option
def freeze(pack: str | None) -> None:
    """Keep the exercise files as they are now as the untouched stubs (for authors)."""
    from grader.manifest import find_pack
    from grader.stubs import freeze as keep

    click.echo(f"The stubs are kept in {keep(find_pack(pack))}.")


@click.command()
@only_option
@seed_option
@click.option(
    "--answers",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Banks of right and wrong answers.",
)
@click.option("--jobs", type=click.IntRange(1, 256), default=cores(), help="Processes to use.")
@pack_option
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


COMMANDS = (new, freeze, selfcheck)
