"""A page for every learner of a class, written again only where the verdict is another than it shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from grader import __version__
from grader.errors import UsageError
from grader.files import write_whole
from grader.pack import Pack
from grader.reports.json_report import report_of
from grader.reports.page import asset, make_page
from grader.text import one_line

if TYPE_CHECKING:
    from grader.batch.entries import Entry

LEARNERS = "learners"  # the folder of their pages, beside the page of the class
_KEPT = ".pages.json"


class Class(Protocol):
    """What is read of the store of a class."""

    def entries(self) -> list[Entry]:
        """The submissions, by name."""

    def report(self, name: str) -> dict[str, Any]:
        """The report on a submission, schema 1."""


def shown_name(entry: Entry) -> str:
    """What a submission is called on the page: its learner's name, if that is known."""
    return one_line(entry.learner.full_name, 100) or one_line(entry.name, 100)


def link_to(entry: Entry) -> str:
    """Where the learner's page is, as seen from the page of the class."""
    return f"{LEARNERS}/{quote(entry.name)}.html"


def write_learner_pages(
    store: Class, pack: Pack, entries: Sequence[Entry], folder: Path, class_page: str
) -> None:
    """Write a page for every learner with a verdict into `folder`, where it is not there already.

    Args:
        class_page: the file name of the page of the class, one folder up.

    Raises:
        UsageError: a page cannot be written.
    """
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be made: {error.strerror}. Name a folder that is yours to write."
        ) from None
    before, now = _kept(folder), {}
    look = hashlib.sha256("".join(map(asset, ("page.html", "page.css", "page.js"))).encode())
    for entry in entries:
        if entry.graded is None:
            continue
        path, shown = folder / f"{entry.name}.html", entry.graded
        facts = (entry.digest, shown.started, shown.duration, shown.score, entry.learner.full_name)
        now[entry.name] = _digest(__version__, look.hexdigest(), class_page, *facts)
        if before.get(entry.name) != now[entry.name] or not path.is_file():
            report = report_of(store.report(entry.name) | {"submission": shown_name(entry)})
            write_whole(path, make_page(report, pack, class_page=f"../{class_page}"))
    for name in before.keys() - now.keys():
        (folder / f"{name}.html").unlink(missing_ok=True)
    write_whole(folder / _KEPT, json.dumps(now))


def _kept(folder: Path) -> dict[str, str]:
    """Names of the learners with a page there, and digests of what it was made of."""
    try:
        known = json.loads((folder / _KEPT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _digest(*facts: object) -> str:
    return hashlib.sha256(repr(facts).encode("utf-8", "backslashreplace")).hexdigest()[:16]
