"""A class from its folder to everything that is written about it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
from filelock import FileLock, Timeout

from grader.batch.layouts import find_class
from grader.batch.pool import LocalPool, Pool
from grader.batch.run import Batch
from grader.batch.store import Store
from grader.batch.unit import Settings
from grader.errors import UsageError
from grader.exports.grades import write_grades
from grader.pack import Pack
from grader.reports.batch_progress import BatchBar, print_tally
from grader.reports.class_page import CLASS_PAGE, write_class_page

GRADES = "grades.csv"
LOCK = ".batch.lock"
RECALL = "recall.sqlite"  # may be removed at any time


def grade_class(
    pack: Pack,
    folder: Path,
    out: Path,
    settings: Settings,
    jobs: int,
    scheduler: str | None = None,
    again: bool = False,
) -> int:
    """Grade the submissions in `folder` into `out`; the exit code.

    Raises:
        GraderError: nothing can be graded; the text says why.
    """
    found = find_class(folder, pack, out)
    with Store.create(out) as store, _only_batch(out):
        for note in found.notes:
            click.echo(f"Note: {note}", err=True)
        click.echo(f"{len(found.found)} submissions in {folder} ({found.layout})", err=True)
        stopped = False
        if scheduler is None:
            settings = replace(settings, recall=_recall(out, anew=again))
        with _pool(jobs, scheduler, settings) as pool, BatchBar(len(found.found)) as bar:
            try:
                Batch(pack, store, pool, settings, again, bar).run(found.found)
            except KeyboardInterrupt:
                stopped = True
        write_all(store, pack, out)
        print_tally(store.entries(), bar, out)
        if stopped:
            click.echo("Stopped. The same command goes on from here.", err=True)
        return 0 if not stopped and all(entry.graded for entry in store.entries()) else 1


def _recall(out: Path, anew: bool) -> str:
    """The file of verdicts that the processes share, in `out`."""
    if anew:
        for file in out.glob(f"{RECALL}*"):
            file.unlink()
    return str((out / RECALL).resolve())


@contextlib.contextmanager
def _only_batch(out: Path) -> Iterator[None]:
    """Nobody else fills `out` meanwhile."""
    lock = FileLock(out / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise UsageError(
            f"Another batch is filling {out}. Wait until it ends, or name another folder."
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def _pool(jobs: int, scheduler: str | None, settings: Settings) -> Iterator[Pool]:
    if scheduler is not None:
        from grader.batch.cluster import ClusterPool

        with ClusterPool(scheduler, settings) as cluster:
            for line in cluster.described():
                click.echo(line, err=True)
            yield cluster
        return
    with LocalPool(jobs) as pool:
        yield pool


def write_all(store: Store, pack: Pack, out: Path) -> None:
    """Write what is made of the store: the grades, the page of the class and those of the learners."""
    write_grades(store, out / GRADES)
    write_class_page(store, pack, out / CLASS_PAGE)
