"""A pack: chapters and their exercises as data, with stubs, solutions and checks beside them.

    ROOT/exercises/workshop.toml        the chapters and exercises
    ROOT/exercises/chNN_topic.py        stubs
    ROOT/exercises/.stubs/chNN_topic.py the stubs as they were, for `reset`; absent: as they are
    ROOT/exercises/checks/test_chNN_topic.py
    ROOT/solutions/chNN_topic.py        the reference

`grader.manifest` reads it.
"""

from __future__ import annotations

import ast
import importlib.util
import marshal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from grader.errors import UsageError
from grader.worker.names import bound_names

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Exercise:
    """One function to write. `needs` names exercises of the same chapter that its answer may call."""

    chapter: str
    name: str
    title: str
    points: float
    needs: tuple[str, ...]
    hints: tuple[str, ...]
    slide: str
    docs: str

    @property
    def id(self) -> str:
        return f"{self.chapter}.{self.name}"


@dataclass(frozen=True)
class Chapter:
    """One file to edit. `requires` names importable packages; `devices` is what JAX shall see."""

    name: str
    title: str
    slide: str
    docs: str
    requires: tuple[str, ...]
    devices: int
    exercises: tuple[Exercise, ...]

    @property
    def filename(self) -> str:
        return f"{self.name}.py"

    @cached_property
    def missing_extras(self) -> tuple[str, ...]:
        """The required packages that are not installed here."""
        return tuple(name for name in self.requires if importlib.util.find_spec(name) is None)


@dataclass(frozen=True)
class Pack:
    """A whole workshop."""

    name: str
    title: str
    version: str
    root: Path
    chapters: tuple[Chapter, ...]

    @property
    def exercises_dir(self) -> Path:
        return self.root / "exercises"

    @property
    def stubs_dir(self) -> Path:
        """Where the untouched stubs are."""
        kept = self.exercises_dir / ".stubs"
        return kept if kept.is_dir() else self.exercises_dir

    def is_untouched(self, chapter: str, text: str) -> bool:
        """Whether `text` is the chapter as learners get it, of which the pack keeps a copy."""
        return self._stubs.get(chapter) == text

    @cached_property
    def _stubs(self) -> dict[str, str]:
        if self.stubs_dir == self.exercises_dir:
            return {}
        files = {c.name: self.stubs_dir / c.filename for c in self.chapters}
        return {n: f.read_text(encoding="utf-8") for n, f in files.items() if f.is_file()}

    @property
    def solutions_dir(self) -> Path:
        return self.root / "solutions"

    @property
    def secrets(self) -> tuple[Path, ...]:
        """What no answer may read."""
        return self.solutions_dir, self.root

    @property
    def exercises(self) -> Iterator[Exercise]:
        """All exercises, in order."""
        return (exercise for chapter in self.chapters for exercise in chapter.exercises)

    def checks_file(self, chapter: Chapter) -> Path:
        return self.exercises_dir / "checks" / f"test_{chapter.name}.py"

    def chapter(self, name: str) -> Chapter:
        """The chapter called `name`; KeyError when there is none."""
        return self._chapters[name]

    def exercise(self, id: str) -> Exercise:
        """The exercise with this id; KeyError when there is none."""
        return self._exercises[id]

    @cached_property
    def _chapters(self) -> dict[str, Chapter]:
        return {chapter.name: chapter for chapter in self.chapters}

    @cached_property
    def _exercises(self) -> dict[str, Exercise]:
        return {exercise.id: exercise for exercise in self.exercises}

    def select(self, ids: Iterable[str]) -> tuple[Exercise, ...]:
        """The exercises that `ids` name, in the pack's order; all of them when `ids` is empty.

        An id is a chapter (`ch03_jit`, or just `ch03`) or an exercise (`ch03_jit.selu`).

        Raises:
            UsageError: an id names nothing; the message lists what is close.
        """
        wanted: set[str] = set()
        for id in ids:
            found = {e.id for e in self.exercises if _matches(e, id)}
            if not found:
                raise UsageError(self._unknown(id))
            wanted |= found
        return tuple(e for e in self.exercises if not wanted or e.id in wanted)

    def _unknown(self, id: str) -> str:
        import difflib  # only a mistake needs it

        names = [*self._chapters, *self._exercises]
        by_name = [e.id for e in self.exercises if e.name == id]
        if not by_name:
            near = difflib.get_close_matches(id, [e.name for e in self.exercises], 2, 0.7)
            by_name = [e.id for e in self.exercises if e.name in near]
        close = by_name or difflib.get_close_matches(id, names, 3, 0.5)
        remedy = (
            f"Did you mean {' or '.join(close)}?"
            if close
            else "`python -m grader list` shows them all."
        )
        return f"There is no chapter or exercise called {id!r}. {remedy}"

    def needs_of(self, exercise: Exercise) -> tuple[str, ...]:
        """The names of all exercises that an answer to this one may call, directly or through others."""
        found: dict[str, None] = {}
        pending = list(exercise.needs)
        while pending:
            name = pending.pop(0)
            if name not in found:
                found[name] = None
                pending += self.exercise(f"{exercise.chapter}.{name}").needs
        return tuple(found)

    def stand_in_code(self, chapter: Chapter, names: Iterable[str]) -> bytes:
        """The part of the reference that defines the exercises `names`, compiled and marshalled.

        No other exercise is in it, and no text: neither comments nor docstrings nor the file's name.
        """
        keep = {
            n
            for name in names
            for n in (name, *self.needs_of(self.exercise(f"{chapter.name}.{name}")))
        }
        drop = {exercise.name for exercise in chapter.exercises} - keep
        tree = ast.parse((self.solutions_dir / chapter.filename).read_text(encoding="utf-8"))
        tree.body = [s for s in tree.body if not bound_names(s) & drop]
        for node in ast.walk(tree):
            if isinstance(node, _DOCUMENTED) and ast.get_docstring(node) is not None:
                node.body[0] = ast.copy_location(ast.Pass(), node.body[0])
        return marshal.dumps(compile(tree, "<stand-ins>", "exec", dont_inherit=True))

    def signature(self, exercise: Exercise) -> str:
        """How the exercise is called, from its stub: `selu(x, alpha=1.67, lmbda=1.05)`."""
        path = self.stubs_dir / f"{exercise.chapter}.py"
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name == exercise.name:
                return f"{exercise.name}({ast.unparse(node.args)})"
        return exercise.name


def _matches(exercise: Exercise, id: str) -> bool:
    return id in (exercise.id, exercise.chapter, exercise.chapter.partition("_")[0])
