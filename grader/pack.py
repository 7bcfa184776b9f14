"""A pack: chapters and their exercises as data, with stubs, solutions and checks beside them.

    ROOT/exercises/workshop.toml        what this module reads
    ROOT/exercises/chNN_topic.py        stubs
    ROOT/exercises/.stubs/chNN_topic.py the stubs as they were, for `reset`; absent: as they are
    ROOT/exercises/checks/test_chNN_topic.py
    ROOT/solutions/chNN_topic.py        the reference

The kit's own pack is found from the current folder upwards; others are named with `--pack`, by folder
or by the name of an entry point in the group `jax_workshop.packs`.
"""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from grader.errors import PackError, UsageError
from grader.worker.names import bound_names

ENTRY_POINTS = "jax_workshop.packs"
_NAME = re.compile(r"[A-Za-z_]\w*")


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

    @property
    def solutions_dir(self) -> Path:
        return self.root / "solutions"

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

    def stand_in_source(self, chapter: Chapter, names: Iterable[str]) -> str:
        """The part of the reference that defines the exercises `names`: no other exercise is in it."""
        keep = {
            n
            for name in names
            for n in (name, *self.needs_of(self.exercise(f"{chapter.name}.{name}")))
        }
        drop = {exercise.name for exercise in chapter.exercises} - keep
        path = self.solutions_dir / chapter.filename
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        tree.body = [s for s in tree.body if not bound_names(s) & drop]
        return ast.unparse(tree)

    def signature(self, exercise: Exercise) -> str:
        """How the exercise is called, from its stub: `selu(x, alpha=1.67, lmbda=1.05)`."""
        path = self.stubs_dir / f"{exercise.chapter}.py"
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name == exercise.name:
                return f"{exercise.name}({ast.unparse(node.args)})"
        return exercise.name


def _matches(exercise: Exercise, id: str) -> bool:
    return id in (exercise.id, exercise.chapter, exercise.chapter.partition("_")[0])


def find_pack(where: str | None = None, start: Path | None = None) -> Pack:
    """The pack that `where` names (a folder or an entry point), or the kit's own.

    Raises:
        UsageError: there is no such pack.
        PackError: it breaks a rule.
    """
    if where is None:
        here = (start or Path.cwd()).resolve()
        beside_grader = Path(__file__).resolve().parents[1]
        for folder in (here, *here.parents, beside_grader):
            if (folder / "exercises" / "workshop.toml").is_file():
                return load_pack(folder)
        raise UsageError(
            "There is no exercises/workshop.toml here or above. Change into the kit's folder, or name "
            "a pack with --pack DIR."
        )
    if Path(where).is_dir():
        return load_pack(Path(where))
    return load_pack(_installed_pack(where))


def _installed_pack(name: str) -> Path:
    points = importlib.metadata.entry_points(group=ENTRY_POINTS)
    for point in points:
        if point.name == name:
            spec = importlib.util.find_spec(point.module)
            if spec is None or not spec.submodule_search_locations:
                raise PackError(f"The pack {name!r} points to {point.module}, which is no package.")
            return Path(next(iter(spec.submodule_search_locations)))
    known = ", ".join(sorted(point.name for point in points)) or "none"
    raise UsageError(
        f"There is no folder and no installed pack called {name!r}. Installed packs: {known}."
    )


def load_pack(root: Path) -> Pack:
    """The pack in the folder `root`.

    Raises:
        PackError: workshop.toml is missing or breaks a rule; the message names the entry and the rule.
    """
    root = root.resolve()
    path = root / "exercises" / "workshop.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PackError(f"{root} is no pack: it has no exercises/workshop.toml.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PackError(f"{path}: {error}") from None
    reader = _Reader(path)
    head = reader.table(data, "workshop")
    pack = Pack(
        name=reader.text(head, "name", "[workshop]"),
        title=reader.text(head, "title", "[workshop]"),
        version=reader.text(head, "version", "[workshop]"),
        root=root,
        chapters=tuple(reader.chapter(item) for item in reader.tables(data, "chapter", "the file")),
    )
    reader.distinct([chapter.name for chapter in pack.chapters], "chapter")
    return pack


class _Reader:
    """Reads workshop.toml, entry by entry, and says which entry breaks which rule."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def fail(self, where: str, rule: str) -> PackError:
        return PackError(f"{self._path}: {where}: {rule}")

    def table(self, data: dict[str, Any], key: str) -> dict[str, Any]:
        if not isinstance(data.get(key), dict):
            raise self.fail("the file", f"needs a table [{key}]")
        return data[key]

    def tables(self, data: dict[str, Any], key: str, where: str) -> list[dict[str, Any]]:
        items = data.get(key)
        if not isinstance(items, list) or not items or not all(isinstance(i, dict) for i in items):
            raise self.fail(where, f"needs at least one [[{key}]]")
        return items

    def text(self, item: dict[str, Any], key: str, where: str) -> str:
        if not isinstance(item.get(key), str) or not item[key].strip():
            raise self.fail(where, f"needs `{key}`, a text")
        return item[key]

    def texts(self, item: dict[str, Any], key: str, where: str, least: int = 0) -> tuple[str, ...]:
        value = item.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v.strip() for v in value):
            raise self.fail(where, f"`{key}` must be a list of texts")
        if len(value) < least:
            raise self.fail(where, f"needs at least {least} {key}")
        return tuple(value)

    def name(self, item: dict[str, Any], where: str) -> str:
        name = self.text(item, "name", where)
        if not _NAME.fullmatch(name):
            raise self.fail(where, f"`name` must be a Python identifier, not {name!r}")
        return name

    def chapter(self, item: dict[str, Any]) -> Chapter:
        name = self.name(item, "a [[chapter]]")
        devices = item.get("devices", 1)
        if type(devices) is not int or not 1 <= devices <= 64:
            raise self.fail(name, "`devices` must be an integer from 1 to 64")
        exercises: list[Exercise] = []
        for entry in self.tables(item, "exercise", name):
            exercises.append(self.exercise(name, entry, {e.name for e in exercises}))
        self.distinct([exercise.name for exercise in exercises], f"exercise of {name}")
        return Chapter(
            name=name,
            title=self.text(item, "title", name),
            slide=self.text(item, "slide", name),
            docs=self.text(item, "docs", name),
            requires=self.texts(item, "requires", name),
            devices=devices,
            exercises=tuple(exercises),
        )

    def exercise(self, chapter: str, item: dict[str, Any], earlier: set[str]) -> Exercise:
        name = self.name(item, f"an exercise of {chapter}")
        where = f"{chapter}.{name}"
        points = item.get("points", 1)
        if type(points) not in (int, float) or points <= 0:
            raise self.fail(where, "`points` must be a number above 0")
        needs = self.texts(item, "needs", where)
        for need in needs:
            if need not in earlier:
                raise self.fail(
                    where, f"needs {need!r}, which is no earlier exercise of the chapter"
                )
        return Exercise(
            chapter=chapter,
            name=name,
            title=self.text(item, "title", where),
            points=float(points),
            needs=needs,
            hints=self.texts(item, "hints", where, least=2),
            slide=self.text(item, "slide", where),
            docs=self.text(item, "docs", where),
        )

    def distinct(self, names: list[str], what: str) -> None:
        for name in names:
            if names.count(name) > 1:
                raise self.fail(name, f"is the name of more than one {what}")
