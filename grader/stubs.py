"""Putting a stub back, and keeping the stubs as they are now for that."""

from __future__ import annotations

import shutil
from pathlib import Path

from grader.errors import UsageError
from grader.files import write_whole
from grader.pack import Exercise, Pack
from grader.sources import line_ranges, lines_of


def reset(pack: Pack, id: str) -> tuple[Path, Path | None]:
    """Put the stub of an exercise (or of a whole chapter) back.

    Returns:
        The file that was restored, and the backup of what it held (None if there was no file).

    Raises:
        UsageError: `id` names nothing, or the file cannot be taken apart.
    """
    exercises = pack.select([id])
    chapter = exercises[0].chapter
    path = pack.exercises_dir / f"{chapter}.py"
    kept = pack.stubs_dir / path.name
    if pack.stubs_dir == pack.exercises_dir or not kept.is_file():
        raise UsageError(
            f"{pack.title} keeps no untouched stub of {chapter} (in exercises/.stubs), so nothing can "
            "be reset."
        )
    stub = kept.read_text(encoding="utf-8")
    whole_chapter = id != exercises[0].id
    text = stub if whole_chapter or not path.is_file() else _with_stub(path, stub, exercises[0])
    backup = _back_up(path)
    write_whole(path, text)
    return path, backup


def freeze(pack: Pack) -> Path:
    """Keep the exercise files, as they are now, as the untouched stubs."""
    missing = [c.filename for c in pack.chapters if not (pack.exercises_dir / c.filename).is_file()]
    if missing:
        raise UsageError(f"{pack.exercises_dir} lacks {', '.join(missing)}: write the stubs first.")
    kept = pack.exercises_dir / ".stubs"
    kept.mkdir(exist_ok=True)
    for chapter in pack.chapters:
        shutil.copyfile(pack.exercises_dir / chapter.filename, kept / chapter.filename)
    return kept


def _back_up(path: Path) -> Path | None:
    if not path.is_file():
        return None
    number, backup = 1, path.with_name(f"{path.name}.bak")
    while backup.exists():
        number += 1
        backup = path.with_name(f"{path.name}.bak{number}")
    shutil.copyfile(path, backup)
    return backup


def _with_stub(path: Path, stub: str, exercise: Exercise) -> str:
    """The learner's text with every top-level definition of the exercise replaced by its stub."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        places = line_ranges(text, exercise.name)
    except SyntaxError as error:
        raise UsageError(
            f"{path.name} has a syntax error in line {error.lineno}, so {exercise.name} cannot be found in it. "
            f"Mend that line, or reset the whole chapter: python -m grader reset {exercise.chapter}"
        ) from None
    except ValueError:  # not UTF-8, or null bytes
        raise UsageError(
            f"{path.name} is no Python text. Reset the whole chapter: "
            f"python -m grader reset {exercise.chapter}"
        ) from None
    start, end = line_ranges(stub, exercise.name)[0]
    piece = lines_of(stub)[start:end]
    lines = lines_of(text)
    if not places:
        return text.rstrip("\n") + "\n\n\n" + "".join(piece)
    for first, last in reversed(places[1:]):
        del lines[first:last]
    lines[places[0][0] : places[0][1]] = piece
    return "".join(lines)
