"""Banks of answers: files in percent cells, each cell an answer to one exercise.

    # %% selu
    # caught by: keeps a finite gradient far from zero
    import jax.numpy as jnp
    def selu(x, alpha=1.67, lmbda=1.05): ...

A cell is graded as the chapter's solution with the cell's text after it, so that it replaces one name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from grader.errors import PackError
from grader.pack import Chapter, Exercise, Pack

_CELL = re.compile(r"^# %% *(.*)$", re.MULTILINE)
_FIELD = re.compile(r"^# ([a-z ]+): (.*)$")
Expectation = Literal["right", "wrong"]


@dataclass(frozen=True)
class Answer:
    """One cell: an answer to `exercise` and what is expected of it.

    Args:
        place: the file and line of its cell.
        caught_by: the check that must turn a wrong answer down.
        misconception: the name of the rule that must explain it; "" where none is expected to.
        idea: what whoever wrote it may have thought, in free words.
        style: what is unusual about a right answer.
    """

    exercise: Exercise
    expectation: Expectation
    place: str
    text: str
    caught_by: str = ""
    misconception: str = ""
    idea: str = ""
    style: str = ""


def read_bank(folder: Path, pack: Pack) -> list[Answer]:
    """All answers in `folder/right` and `folder/wrong`, chapter by chapter.

    Raises:
        PackError: a cell names no exercise, or a wrong one does not name the check that catches it.
    """
    answers: list[Answer] = []
    for chapter in pack.chapters:
        for expectation in ("right", "wrong"):
            path = folder / expectation / chapter.filename
            if path.is_file():
                answers += _cells(path, chapter, pack, expectation)
    return answers


def _cells(path: Path, chapter: Chapter, pack: Pack, expectation: Expectation) -> Iterator[Answer]:
    text = path.read_text(encoding="utf-8")
    heads = list(_CELL.finditer(text))
    ends = [*[head.start() for head in heads], len(text)][1:]
    for head, end in zip(heads, ends, strict=True):
        line = text.count("\n", 0, head.start()) + 1
        place = f"{expectation}/{path.name}:{line}"
        body = text[head.end() : end].strip("\n") + "\n"
        try:
            exercise = pack.exercise(f"{chapter.name}.{head.group(1).strip()}")
        except KeyError:
            raise PackError(
                f"{place}: {head.group(1)!r} is no exercise of {chapter.name}."
            ) from None
        fields = _fields(body)
        if expectation == "wrong" and not fields.get("caught by"):
            raise PackError(
                f"{place}: a wrong answer needs a line '# caught by: NAME OF THE CHECK'."
            )
        yield Answer(
            exercise,
            expectation,
            place,
            body,
            caught_by=fields.get("caught by", ""),
            misconception=fields.get("misconception", ""),
            idea=fields.get("idea", ""),
            style=fields.get("style", ""),
        )


def _fields(body: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in body.splitlines():
        found = _FIELD.match(line)
        if not found:
            break
        fields[found.group(1)] = found.group(2).strip()
    return fields


def submission_text(answer: Answer, pack: Pack) -> str:
    """The chapter's file with the answer in it."""
    solution = (pack.solutions_dir / f"{answer.exercise.chapter}.py").read_text(encoding="utf-8")
    return f"{solution}\n\n{answer.text}"
