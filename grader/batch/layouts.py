"""The folder of a class: which submissions lie in it, and whose they are.

What is recognised, entry by entry:

    jdoe/, jdoe.zip                                     one submission each; also git clones
    submission_123/ beside submission_metadata.yml      Gradescope's export
    Jane Doe_123_assignsubmission_file_/                Moodle's download
    Jane Doe_123_assignsubmission_file_ch01_arrays.py   the same, without folders

Finding reads names alone; `grader.batch.reading` reads a submission when its turn comes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from grader.batch.entries import Learner
from grader.batch.gradescope import METADATA, read_submitters
from grader.batch.names import is_suffix, plain_name, unique, with_digest, with_suffix
from grader.batch.reading import Place, Reference, Unread
from grader.errors import UsageError
from grader.pack import Pack
from grader.text import one_line

# The first number is Moodle's: underscores of a learner's name become spaces, those of a file stay.
_MOODLE = re.compile(r"(.*?)_(\d{1,12})_assignsubmission_(file|onlinetext)(?:_(.*))?", re.DOTALL)
_STORE = "results.sqlite"  # what the folder of a batch holds
_EXAMPLES = 3  # names in a note


@dataclass(frozen=True)
class Class:
    """What a folder holds.

    Args:
        layout: how it is laid out, in words.
        found: the submissions in the order of their names, each read when its turn comes.
        notes: what was ignored and why, in sentences.
    """

    layout: str
    found: Unread
    notes: tuple[str, ...]


def find_class(folder: Path, pack: Pack, out: Path | None = None) -> Class:
    """The submissions in `folder`.

    Args:
        out: the folder of the results. It is no submission, and neither is that of another batch.

    Raises:
        UsageError: `folder` is none, or holds no class; the text says what it is instead.
    """
    shown = one_line(str(folder))
    entries = _entries(folder, shown, out)
    visible = [entry.name for entry in entries if not _is_hidden(entry.name)]
    if len(visible) == 1 and _exists(folder / visible[0] / METADATA):
        folder /= visible[0]  # an export as it is unpacked
        entries = _entries(folder, shown, out)
    _demand_class(folder, entries, shown, pack)
    search = _Search(folder, pack)
    for entry in entries:
        search.look_at(entry, out)
    search.finish()
    if not search.found:
        raise UsageError(
            f"{shown} holds no submission. Expected is a folder or a .zip for every learner, or an export "
            "of Gradescope or Moodle, unpacked."
        )
    return Class(search.layout, Unread(_in_order(search.found)), tuple(search.notes()))


def _entries(folder: Path, shown: str, out: Path | None) -> list[os.DirEntry[str]]:
    """What lies in the folder of a class, in the order of the names."""
    if out is not None and _same(folder, out):
        raise UsageError(f"{shown} is the folder of the class. Name another one for the results.")
    if os.path.isfile(folder) and folder.suffix.casefold() == ".zip":
        raise UsageError(
            f"{shown} is a .zip. Unpack it and name the folder; a single submission is graded with "
            f"`python -m grader --student {shown}`."
        )
    if not os.path.isdir(folder):
        reason = "is no folder" if os.path.lexists(folder) else "does not exist"
        raise UsageError(f"{shown} {reason}. Name the folder that holds a submission per learner.")
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}.") from None


def _demand_class(folder: Path, entries: list[os.DirEntry[str]], shown: str, pack: Pack) -> None:
    """Refuse what is something else than a class."""
    names = {entry.name for entry in entries}
    if not names:
        raise UsageError(f"{shown} is empty. Name the folder that holds a submission per learner.")
    if _STORE in names:
        raise UsageError(
            f"{shown} holds the results of a batch ({_STORE}). Name the folder that holds the submissions."
        )
    if _exists(folder / "exercises" / "workshop.toml"):
        raise UsageError(
            f"{shown} is a whole kit, not a class. Name the folder that holds a submission per learner."
        )
    chapters = [c.filename for c in pack.chapters if c.filename in names]
    if chapters:
        raise UsageError(
            f"{shown} is one submission, since {chapters[0]} lies at its top. Did you mean "
            f"`python -m grader --student {shown}`?"
        )


class _Search:
    """Entries of a folder, sorted into submissions and what is ignored."""

    def __init__(self, folder: Path, pack: Pack) -> None:
        self.found: list[tuple[str, Reference]] = []  # (identity, submission)
        self._folder, self._pack = folder, pack
        self._moodle: dict[str, list[tuple[re.Match[str], os.DirEntry[str]]]] = {}
        self._ignored: dict[str, list[str]] = {}
        metadata = folder / METADATA
        self._is_gradescope = _exists(metadata)
        self._submitters = read_submitters(metadata) if self._is_gradescope else {}
        self._missing = set(self._submitters)
        self._clones = self._groups = 0

    def look_at(self, entry: os.DirEntry[str], out: Path | None) -> None:
        """Sort one entry."""
        name, is_folder = entry.name, _is_folder(entry)
        moodle = _MOODLE.fullmatch(name)
        if _is_hidden(name):
            self._ignore("hidden", name)
        elif is_folder and ((out and _same(Path(entry.path), out)) or _is_results(entry)):
            self._ignore("results", name)
        elif moodle and (is_folder or moodle[4]):
            self._moodle.setdefault(moodle[2], []).append((moodle, entry))
        elif is_folder and name in self._submitters:
            self._gradescope(entry)
        elif is_folder:
            self._plain(entry, name)
        elif name.casefold().endswith(".zip"):
            if os.path.isdir(self._folder / name[:-4]):
                self._ignore("beside its folder", name)
            else:
                self._plain(entry, name[:-4])
        elif not (self._is_gradescope and name == METADATA):
            self._ignore("other", name)

    def _ignore(self, why: str, name: str) -> None:
        self._ignored.setdefault(why, []).append(name)

    def _add(self, identity: str, name: str, learner: Learner, *places: Place) -> None:
        first = places[0].path.name
        moodle = _MOODLE.fullmatch(first) if places[0].called else None
        source = one_line(f"{moodle[1]}_{moodle[2]}" if moodle else first, 200)
        self.found.append((identity, Reference(name, source, learner, places, self._pack)))

    def _plain(self, entry: os.DirEntry[str], name: str) -> None:
        self._clones += _exists(Path(entry.path) / ".git")
        learner = Learner() if self._is_gradescope else _learner_called(name)
        self._add(entry.name, plain_name(name), learner, Place(Path(entry.path)))

    def _gradescope(self, entry: os.DirEntry[str]) -> None:
        """One submission for each of those who have handed it in."""
        self._missing.discard(entry.name)
        learners = list(dict.fromkeys(self._submitters[entry.name]))
        self._groups += len(learners) > 1
        for learner in learners:
            person = learner.id or learner.email or f"{entry.name} {learner.full_name}"
            readable = learner.full_name or entry.name
            name = (
                with_suffix(readable, learner.id)
                if is_suffix(learner.id)
                else with_digest(readable, person)
            )
            self._add(f"{entry.name}/{learner}", name, learner, Place(Path(entry.path)))

    def finish(self) -> None:
        """Put together what Moodle has taken apart: files, folders and online texts of one person."""
        for number, parts in self._moodle.items():
            files = [part for part in parts if part[0][3] == "file"] or parts
            full_name = one_line(files[0][0][1], 200)
            places = [
                Place(Path(entry.path), match[4] if not _is_folder(entry) else "")
                for match, entry in files
            ]
            learner = Learner(full_name=full_name, id=number)
            self._add(f"moodle/{number}", with_suffix(full_name, number), learner, *places)

    @property
    def layout(self) -> str:
        """How the folder is laid out."""
        if self._is_gradescope:
            return "a Gradescope export"
        if self._moodle:
            return "a Moodle download"
        if self._clones == len(self.found):
            return "a git clone per submission"
        return "a folder or .zip per submission"

    def notes(self) -> Iterator[str]:
        """What was ignored and why."""
        texts = {
            "hidden": "ignored: hidden",
            "results": "ignored: the results of a batch",
            "beside its folder": "ignored: the folder of the same name beside it is graded",
            "other": "ignored: neither a folder nor a .zip",
        }
        for why, text in texts.items():
            if why in self._ignored:
                yield f"{_counted(self._ignored[why])} {text}."
        if self._missing:
            yield f"{_counted(sorted(self._missing))} not there: only {METADATA} names them."
        if self._groups:
            yield f"{self._groups} handed in by a group, graded once for each member."


def _counted(names: list[str]) -> str:
    """How many, and the first of them: `5 (a, b, c, ...)`."""
    first = ", ".join(one_line(name, 60) for name in names[:_EXAMPLES])
    return f"{len(names)} ({first}{', ...' if len(names) > _EXAMPLES else ''})"


def _in_order(found: Iterable[tuple[str, Reference]]) -> tuple[Reference, ...]:
    identities, references = zip(*found, strict=True)
    names = unique([reference.name for reference in references], identities)
    named = (replace(r, name=name) for r, name in zip(references, names, strict=True))
    return tuple(sorted(named, key=lambda reference: reference.name))


def _learner_called(name: str) -> Learner:
    """What the name of a folder tells: an e-mail address, a full name, or a login."""
    text = one_line(name, 200)
    if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        return Learner(email=text)
    return Learner(full_name=text) if " " in text else Learner(login=text)


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "__")) or name.casefold() in ("desktop.ini", "thumbs.db")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder, or a link that may lead to one: that is a submission, which is refused."""
    try:
        if entry.is_symlink():
            return not os.path.isfile(entry.path)
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _is_results(entry: os.DirEntry[str]) -> bool:
    folder = Path(entry.path)
    return _exists(folder / _STORE) and _exists(folder / "reports")


def _same(one: Path, other: Path) -> bool:
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False


def _exists(path: Path) -> bool:
    return os.path.lexists(path)
