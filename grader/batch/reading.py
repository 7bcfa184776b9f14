"""Reading one submission of a class: a folder, a .zip, a clone of the kit, files that share a prefix.

Whatever is wrong with it, it stays a submission: one without chapters, with a sentence that says why.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from grader.batch.entries import Learner
from grader.errors import UsageError
from grader.pack import Pack
from grader.submission import (
    ChapterFile,
    Submission,
    read_archive,
    read_chapter,
    read_submission,
)
from grader.text import one_line

_MAX_ENTRIES = 10_000  # of a folder


@dataclass(frozen=True)
class Found:
    """A submission as read, and whose it is."""

    name: str
    source: str
    learner: Learner
    submission: Submission


@dataclass(frozen=True)
class Place:
    """A folder or file that belongs to a submission; `called` is the learner's own name for a file."""

    path: Path
    called: str = ""


@dataclass(frozen=True)
class Reference:
    """A submission that has not been read.

    Args:
        name: unique in the class, safe as a file name.
        source: where it lies in the folder of the class, for people.
    """

    name: str
    source: str
    learner: Learner
    places: tuple[Place, ...]
    pack: Pack

    def read(self) -> Found:
        """The submission, now; one that is refused as a whole has no chapters, and a warning."""
        try:
            submission = self._read()
        except OSError as error:
            submission = self._refused(f"{self.source} cannot be read: {error.strerror}.")
        except UsageError as error:
            submission = self._refused(str(error))
        return Found(self.name, self.source, self.learner, submission)

    def _refused(self, why: str) -> Submission:
        return Submission(self.name, {}, (f"{why} Every exercise is todo.",))

    def _read(self) -> Submission:
        path = self.places[0].path
        if path.is_symlink():
            raise UsageError(
                f"{self.source} is a symbolic link. Put the folder itself there; links are not followed."
            )
        files = {place.called: place.path for place in self.places if place.called}
        if files:
            return self._read_files(files)
        return self._read_folder(path) if path.is_dir() else self._read_archive(path, self.source)

    def _read_archive(self, path: Path, source: str) -> Submission:
        return replace(read_archive(path, source, self.pack), label=self.name)

    def _read_folder(self, folder: Path) -> Submission:
        place = folder / "exercises" if _is_kit(folder) else folder
        try:
            submission = read_submission(place, self.pack)
        except UsageError as error:
            raise UsageError(self._relative(str(error), place)) from None
        warnings = [self._relative(warning, place) for warning in submission.warnings]
        if not submission.files:
            paths = {path.name: path for path in _first_files(folder)}
            if archive := self._only_archive(paths, warnings):
                return archive
        if len(self.places) > 1:
            others = ", ".join(one_line(place.path.name, 100) for place in self.places[1:])
            warnings.append(f"{self.source} is graded; {others} of the same number is not.")
        return Submission(self.name, submission.files, tuple(warnings))

    def _only_archive(self, paths: dict[str, Path], warnings: list[str]) -> Submission | None:
        """What is in the only .zip among these files; more than one is said."""
        zips = sorted(name for name in paths if name.casefold().endswith(".zip"))
        if len(zips) == 1:
            return self._read_archive(paths[zips[0]], f"{self.source}/{one_line(zips[0], 100)}")
        if zips:
            warnings.append(
                f"{self.source} holds {len(zips)} .zip files; which one counts is not clear."
            )
        return None

    def _relative(self, sentence: str, place: Path) -> str:
        """A sentence about `place` without the folders of this machine."""
        shown = one_line(str(place))
        return (
            f"{self.source}{sentence.removeprefix(shown)}"
            if sentence.startswith(shown)
            else sentence
        )

    def _read_files(self, paths: dict[str, Path]) -> Submission:
        files = {
            chapter.name: _called(read_chapter(paths[chapter.filename]), chapter.filename)
            for chapter in self.pack.chapters
            if chapter.filename in paths
        }
        warnings: list[str] = []
        if not files:
            warnings.append(f"{self.source} holds no chapter file: every exercise is todo.")
            if archive := self._only_archive(paths, warnings):
                return archive
        return Submission(self.name, files, tuple(warnings))


@dataclass(frozen=True)
class Unread:
    """Submissions that are read one after the other, each time that they are gone through."""

    references: tuple[Reference, ...]

    def __len__(self) -> int:
        return len(self.references)

    def __iter__(self) -> Iterator[Found]:
        return (reference.read() for reference in self.references)


def _first_files(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        some = itertools.islice(entries, _MAX_ENTRIES)
        return [Path(entry.path) for entry in some if not entry.name.startswith(".")]


def _is_kit(folder: Path) -> bool:
    """Whether it is a copy of the kit, whose exercises/ is what counts."""
    exercises = folder / "exercises"
    return (
        exercises.is_dir()
        and not exercises.is_symlink()
        and (os.path.lexists(exercises / "workshop.toml") or (folder / "solutions").is_dir())
    )


def _called(chapter: ChapterFile, name: str) -> ChapterFile:
    """The chapter under the learner's own name for it, in its problem too."""
    problem = chapter.problem
    if problem.startswith(chapter.path.name):
        problem = f"{name}{problem.removeprefix(chapter.path.name)}"
    return ChapterFile(chapter.path.with_name(name), chapter.text, problem)
