"""The mutants of a pack's solutions, with their names."""

from __future__ import annotations

import ast
import difflib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from grader.pack import Exercise, Pack
from grader.worker.names import bound_names
from mutants.operators import mutations


@dataclass(frozen=True)
class Mutant:
    """The solution of a chapter with one change in the code of one exercise.

    `name` stays the same as long as that code does: `ch03_jit.selu:comparison:1`.
    """

    exercise: str
    operator: str
    number: int
    before: str
    after: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.exercise}:{self.operator}:{self.number}"

    @cached_property
    def diff(self) -> str:
        """What has changed, as a unified diff."""
        lines = self.before.splitlines(), self.after.splitlines()
        return "\n".join(difflib.unified_diff(*lines, "solution", self.name, lineterm="", n=1))

    @property
    def becomes(self) -> str:
        """The new lines alone, in one; where there are none, what is gone."""
        changes = self.diff.splitlines()[2:]
        added = [line[1:].strip() for line in changes if line.startswith("+")]
        removed = [line[1:].strip() for line in changes if line.startswith("-")]
        return " / ".join(added) or "without " + " / ".join(removed)


def mutants(exercise: Exercise, pack: Pack) -> Iterator[Mutant]:
    """The mutants of an exercise: of the statements that bind it and of private helpers they use."""
    tree = solution(exercise, pack)
    numbers: Counter[str] = Counter()
    for index in _own_statements(tree, exercise.name):
        before = ast.unparse(tree.body[index])
        for operator, changed in mutations(tree.body[index]):
            numbers[operator] += 1
            text = _text([*tree.body[:index], changed, *tree.body[index + 1 :]])
            after = ast.unparse(changed)
            yield Mutant(exercise.id, operator, numbers[operator], before, after, text)


def unchanged(exercise: Exercise, pack: Pack) -> str:
    """The chapter's solution written as its mutants are."""
    return _text(solution(exercise, pack).body)


def solution(exercise: Exercise, pack: Pack) -> ast.Module:
    """The syntax tree of the solution that holds the exercise."""
    path = pack.solutions_dir / f"{exercise.chapter}.py"
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _text(body: list[ast.stmt]) -> str:
    return "\n\n".join(map(ast.unparse, body)) + "\n"


def _own_statements(tree: ast.Module, name: str) -> list[int]:
    """The places of the statements that bind `name`, or a private name that these use."""
    found: set[int] = set()
    wanted = [name]
    for one in wanted:
        for index, statement in enumerate(tree.body):
            if one in bound_names(statement) and index not in found:
                found.add(index)
                used = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)}
                wanted += sorted(n for n in used if n.startswith("_"))
    return sorted(found)
