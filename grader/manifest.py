"""Finding a pack and reading its workshop.toml.

The kit's own pack is found from the current folder upwards; others are named with `--pack`, by folder
or by the name of an entry point in the group `jax_workshop.packs`.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import tomllib
from pathlib import Path
from typing import Any

from grader.errors import PackError, UsageError
from grader.pack import Chapter, Exercise, Pack

ENTRY_POINTS = "jax_workshop.packs"
_NAME = re.compile(r"[A-Za-z_]\w*")


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
    except OSError as error:
        raise PackError(f"{path} cannot be read: {error.strerror}.") from None
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
        table = data.get(key)
        if not isinstance(table, dict):
            raise self.fail("the file", f"needs a table [{key}]")
        return table

    def tables(self, data: dict[str, Any], key: str, where: str) -> list[dict[str, Any]]:
        items = data.get(key)
        if not isinstance(items, list) or not items or not all(isinstance(i, dict) for i in items):
            raise self.fail(where, f"needs at least one [[{key}]]")
        return items

    def text(self, item: dict[str, Any], key: str, where: str) -> str:
        text = item.get(key)
        if not isinstance(text, str) or not text.strip():
            raise self.fail(where, f"needs `{key}`, a text")
        return text

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
        if type(points) not in (int, float) or not 0 < points < float("inf"):
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
