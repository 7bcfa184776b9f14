"""A submission: the chapter files found in a folder, read with care and never imported from there.

A file is looked for at the folder's top and one folder down. What is wrong with it (a directory, a
link, too large, not UTF-8, empty) becomes a problem that every exercise of the chapter reports.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError
from grader.pack import Pack

MAX_SIZE = 1 * 2**20  # bytes of a chapter file
_MAX_FOLDERS = 200


@dataclass(frozen=True)
class ChapterFile:
    """A chapter as submitted: its text, or the problem that keeps it from being read."""

    path: Path
    text: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Submission:
    """What a learner hands in. Chapters that are not in `files` are missing (and count as todo)."""

    label: str
    files: dict[str, ChapterFile]
    warnings: tuple[str, ...] = ()

    @property
    def texts(self) -> dict[str, tuple[str, str]]:
        """(file name, source) of every chapter that could be read."""
        return {n: (str(f.path), f.text) for n, f in self.files.items() if not f.problem}


def read_submission(folder: Path, pack: Pack) -> Submission:
    """The chapters of `pack` found in `folder` or one folder down.

    Raises:
        UsageError: `folder` is no folder that can be listed.
    """
    if not folder.is_dir():
        reason = "is a file, not a folder" if folder.exists() else "does not exist"
        raise UsageError(
            f"{folder} {reason}. Name the folder that holds the chapter files (ch01_….py)."
        )
    try:
        places = [folder, *_subfolders(folder)]
    except OSError as error:
        raise UsageError(f"{folder} cannot be read: {error.strerror}.") from None
    files: dict[str, ChapterFile] = {}
    warnings: list[str] = []
    for chapter in pack.chapters:
        found = [place / chapter.filename for place in places if _exists(place / chapter.filename)]
        if found:
            files[chapter.name] = read_chapter(found[0])
        if len(found) > 1:
            others = ", ".join(str(path.relative_to(folder)) for path in found[1:])
            warnings.append(f"{found[0].relative_to(folder)} is graded; {others} is not.")
    if not files:
        expected = pack.chapters[0].filename
        warnings.append(
            f"{folder} holds no chapter file (such as {expected}): every exercise is todo."
        )
    return Submission(str(folder), files, tuple(warnings))


def submission_of_texts(label: str, texts: dict[str, str]) -> Submission:
    """A submission that never was on disk: chapter names and their source."""
    files = {name: ChapterFile(Path(f"{name}.py"), text) for name, text in texts.items()}
    return Submission(label, files)


def _subfolders(folder: Path) -> Iterable[Path]:
    entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    plain = [
        e for e in entries if e.is_dir(follow_symlinks=False) and not e.name.startswith((".", "__"))
    ]
    return [Path(entry.path) for entry in plain[:_MAX_FOLDERS]]


def _exists(path: Path) -> bool:
    try:
        path.lstat()
    except OSError:
        return False
    return True


def read_chapter(path: Path) -> ChapterFile:
    """The chapter at `path`; whatever keeps it from being read becomes its `problem`."""
    try:
        info = path.lstat()
        problem = _unfit(path, info)
        if problem:
            return ChapterFile(path, problem=problem)
        with path.open("rb") as file:
            data = file.read(MAX_SIZE + 1)
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return ChapterFile(
            path, problem=f"{path.name} is not UTF-8 text (byte {error.start}). Save it as UTF-8."
        )
    except OSError as error:
        return ChapterFile(path, problem=f"{path.name} cannot be read: {error.strerror}.")
    if not text.strip():
        return ChapterFile(
            path, problem=f"{path.name} is empty. `python -m grader reset {path.stem}` restores it."
        )
    if "\0" in text:
        return ChapterFile(path, problem=f"{path.name} holds null bytes: it is no Python source.")
    return ChapterFile(path, text)


def _unfit(path: Path, info: os.stat_result) -> str:
    if stat.S_ISDIR(info.st_mode):
        return f"{path.name} is a folder. It must be a Python file."
    if stat.S_ISLNK(info.st_mode):
        return f"{path.name} is a symbolic link. Put the file itself there; links are not followed."
    if not stat.S_ISREG(info.st_mode):
        return f"{path.name} is no regular file."
    if info.st_size > MAX_SIZE:
        return f"{path.name} has {info.st_size:,} bytes; a chapter has at most {MAX_SIZE:,}."
    return ""
