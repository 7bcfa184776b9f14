"""A submission: the chapter files found in a folder or a .zip, read with care, never imported from there.

A file is looked for at the top and one folder down. What is wrong with it (a directory, a
link, too large, not UTF-8, empty) becomes a problem that every exercise of the chapter reports.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import os
from dataclasses import dataclass
from pathlib import Path

import msgpack

from grader.archive import Archive
from grader.errors import UsageError
from grader.files import NotPlain, open_plain
from grader.members import Member, Refused, same_name
from grader.pack import Pack
from grader.text import one_line

MAX_SIZE = 1 * 2**20  # bytes of a chapter file
_MAX_ENTRIES = 10_000  # of a folder
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
        """(file name, source) of every chapter that could be read. The name alone is a worker's business."""
        return {n: (f.path.name, f.text) for n, f in self.files.items() if not f.problem}

    @property
    def texts_with_paths(self) -> dict[str, tuple[str, str]]:
        """(path, source) of every chapter that could be read, for a debugger in this process."""
        return {n: (str(f.path), f.text) for n, f in self.files.items() if not f.problem}

    def begun(self, pack: Pack) -> set[str]:
        """The chapters that can be read and are not as learners get them."""
        return {n for n, (_, text) in self.texts.items() if not pack.is_untouched(n, text)}

    def packed(self) -> bytes:
        """The submission as bytes, for `unpacked`: the same bytes for the same chapters and warnings.

        The label and the folders of the files are not in it.
        """
        files = [
            (name, file.path.name, file.text, file.problem)
            for name, file in sorted(self.files.items())
        ]
        packed: bytes = msgpack.packb((files, self.warnings), unicode_errors="surrogatepass")
        return packed

    @property
    def digest(self) -> str:
        """SHA-256 of what was handed in."""
        return hashlib.sha256(self.packed()).hexdigest()


def unpacked(data: bytes, label: str) -> Submission:
    """The submission that became `data` by `Submission.packed`, under another label."""
    files, warnings = msgpack.unpackb(data, unicode_errors="surrogatepass")
    return Submission(
        label,
        {name: ChapterFile(Path(path), text, problem) for name, path, text, problem in files},
        tuple(warnings),
    )


def read_submission(path: Path, pack: Pack) -> Submission:
    """The chapters of `pack` found in the folder or .zip at `path`, at its top or one folder down.

    Raises:
        UsageError: `path` is neither, or cannot be read as such; the text says why.
    """
    shown = one_line(str(path))
    if os.path.isdir(path):
        return _read_folder(path, shown, pack)
    if path.suffix.casefold() == ".zip" and _exists(path):
        return read_archive(path, str(path), pack)
    reason = "is a file, not a folder or a .zip" if os.path.exists(path) else "does not exist"
    raise UsageError(
        f"{shown} {reason}. Name the folder (or a .zip of it) that holds the chapter files (ch01_….py)."
    )


def _read_folder(folder: Path, shown: str, pack: Pack) -> Submission:
    warnings: list[str] = []
    try:
        places = [folder, *_subfolders(folder, warnings)]
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}.") from None
    files: dict[str, ChapterFile] = {}
    for chapter in pack.chapters:
        found = [place / chapter.filename for place in places if _exists(place / chapter.filename)]
        if found:
            files[chapter.name] = read_chapter(found[0])
            warnings += _others([str(path.relative_to(folder)) for path in found])
    return _submission(str(folder), files, warnings, pack)


def _others(found: list[str]) -> list[str]:
    """What is said where a chapter is there more than once."""
    if len(found) == 1:
        return []
    first, *others = [one_line(name, 100) for name in found]
    more = f" and {len(others) - 3} more are" if len(others) > 3 else " is"
    return [f"{first} is graded; {', '.join(others[:3])}{more} not."]


def _submission(
    label: str, files: dict[str, ChapterFile], warnings: list[str], pack: Pack
) -> Submission:
    if not files:
        expected = pack.chapters[0].filename
        warnings.append(
            f"{one_line(label)} holds no chapter file (such as {expected}), neither at its top nor one "
            "folder down: every exercise is todo."
        )
    return Submission(label, files, tuple(warnings))


def read_archive(source: Path | bytes, name: str, pack: Pack) -> Submission:
    """The chapters of `pack` found in a .zip, at its top or one folder down; it is never unpacked.

    Args:
        source: the file, or its bytes.
        name: what it is called.

    Raises:
        UsageError: the archive as a whole is refused; the text says what is wrong with it.
    """
    shown = one_line(name)
    try:
        file, size = (
            (io.BytesIO(source), len(source)) if isinstance(source, bytes) else open_plain(source)
        )
        with file:
            wanted = {same_name(chapter.filename) for chapter in pack.chapters}
            archive = Archive(
                file, size, lambda parts: len(parts) <= 2 and same_name(parts[-1]) in wanted
            )
            return _read_members(archive, name, pack)
    except (Refused, NotPlain) as error:
        raise UsageError(f"{shown} {error}") from None
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}.") from None


def _read_members(archive: Archive, label: str, pack: Pack) -> Submission:
    files: dict[str, ChapterFile] = {}
    warnings: list[str] = []
    for chapter in pack.chapters:
        found = [member for member in archive.members if member.parts[-1] == chapter.filename]
        found.sort(key=lambda member: (len(member.parts), member.parts))
        if found:
            path = Path(label, *found[0].parts)
            files[chapter.name] = _chapter_of(archive, found[0], path)
            warnings += _others(["/".join(member.parts) for member in found])
    return _submission(label, files, warnings, pack)


def _chapter_of(archive: Archive, member: Member, path: Path) -> ChapterFile:
    if member.is_folder:
        return ChapterFile(path, problem=f"{path.name} is a folder. It must be a file.")
    if member.size > MAX_SIZE:
        return _too_large(path, member.size)
    return chapter_text(path, archive.read(member))


def submission_of_texts(label: str, texts: dict[str, str]) -> Submission:
    """A submission that never was on disk: chapter names and their source."""
    files = {name: ChapterFile(Path(f"{name}.py"), text) for name, text in texts.items()}
    return Submission(label, files)


def _subfolders(folder: Path, warnings: list[str]) -> list[Path]:
    with os.scandir(folder) as entries:
        looked_at = list(itertools.islice(entries, _MAX_ENTRIES + 1))
    plain = sorted(
        entry.name
        for entry in looked_at[:_MAX_ENTRIES]
        if not entry.name.startswith((".", "__")) and entry.is_dir(follow_symlinks=False)
    )
    if len(looked_at) > _MAX_ENTRIES or len(plain) > _MAX_FOLDERS:
        warnings.append(
            f"Chapter files were looked for at the top and in {min(len(plain), _MAX_FOLDERS)} folders; "
            "there are more."
        )
    return [folder / name for name in plain[:_MAX_FOLDERS]]


def _exists(path: Path) -> bool:
    try:
        path.lstat()
    except (OSError, ValueError):
        return False
    return True


def read_chapter(path: Path) -> ChapterFile:
    """The chapter at `path`; whatever keeps it from being read becomes its `problem`."""
    try:
        file, size = open_plain(path)
        with file:
            data = file.read(MAX_SIZE + 1) if size <= MAX_SIZE else b""
    except NotPlain as error:
        return ChapterFile(path, problem=f"{path.name} {error}")
    except OSError as error:
        return ChapterFile(path, problem=f"{path.name} cannot be read: {error.strerror}.")
    size = max(size, len(data))
    return chapter_text(path, data) if size <= MAX_SIZE else _too_large(path, size)


def _too_large(path: Path, size: int) -> ChapterFile:
    problem = f"{path.name} has {size:,} bytes; a chapter has at most {MAX_SIZE:,}."
    return ChapterFile(path, problem=problem)


def chapter_text(path: Path, data: bytes) -> ChapterFile:
    """The chapter whose bytes are `data`."""
    problem, text = "", ""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = f"is not UTF-8 text (byte {error.start}). Save it as UTF-8."
    else:
        if not text.strip():
            problem = f"is empty. `python -m grader reset {path.stem}` restores it."
        elif "\0" in text:
            problem = "holds null bytes: it is no Python source."
    return (
        ChapterFile(path, problem=f"{path.name} {problem}") if problem else ChapterFile(path, text)
    )
