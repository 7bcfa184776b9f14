"""The commands that pack the grader for a platform that runs it: `package`."""

from __future__ import annotations

from pathlib import Path

import click

from grader.exports.gradescope import VISIBILITIES
from grader.options import only_option, pack_option, seed_option


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


COMMANDS = (package,)
