"""The pictures that a pack brings along, in `exercises/checks/pictures.py`.

    from grader.pictures import Curve, picture

    @picture("ch02_shapes", "Relu", "A bend at 0.")
    def relu():
        x = np.linspace(-2, 2, 81, dtype=np.float32)
        return [Curve("relu", "relu", lambda m, x: m.relu(x), (x,), over=x)]

A picture is a row of panels. The probe of a panel runs in two worlds, like that of a check, and what the
answer gave is drawn beside what the reference gave.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from grader.errors import PackError
from grader.pack import Pack
from grader.registry import Registry

FILE = "pictures.py"
Probe = Callable[..., Any]


@dataclass(frozen=True)
class _Panel:
    """What a panel shows.

    Args:
        exercise: the exercise of the picture's chapter that must have been answered.
        title: what is shown, in a few words.
        probe: gives one array, in both worlds.
        args: its arguments.
        compiled: whether the probe runs as one jitted program, which is quicker (plain if that fails).
    """

    exercise: str
    title: str
    probe: Probe
    args: tuple[Any, ...]
    compiled: bool = field(default=True, kw_only=True)


@dataclass(frozen=True)
class Curve(_Panel):
    """The probe's vector, over the coordinates `over`, which run along `across`; `dots` are drawn behind."""

    over: np.ndarray
    across: str = "x"
    dots: np.ndarray | None = None


@dataclass(frozen=True)
class Mask(_Panel):
    """The probe's matrix, entry by entry: the larger, the darker; zeros stay empty."""


@dataclass(frozen=True)
class Digits(_Panel):
    """The probe's classes for `images` (n, rows, columns) of uint8, beside the true `labels` (n,)."""

    images: np.ndarray
    labels: np.ndarray


Panel = Curve | Mask | Digits


@dataclass(frozen=True)
class Picture:
    """A row of panels about one chapter, with a title and a sentence on what to see."""

    chapter: str
    title: str
    caption: str
    panels: Callable[[], list[Panel]]


_REGISTRY: Registry[Picture] = Registry()
_known: dict[Path, tuple[Picture, ...]] = {}


def picture(
    chapter: str, title: str, caption: str
) -> Callable[[Callable[[], list[Panel]]], Callable[[], list[Panel]]]:
    """Register the decorated function, which makes the panels, as a picture of `chapter`."""

    def register(panels: Callable[[], list[Panel]]) -> Callable[[], list[Panel]]:
        _REGISTRY.add(Picture(chapter, title, caption, panels))
        return panels

    return register


def pack_pictures(pack: Pack) -> tuple[Picture, ...]:
    """The pack's pictures, in the order of its chapters; none where it has no such file. Read once per pack.

    Raises:
        PackError: the file cannot be executed, or a picture breaks a rule; the message names it.
    """
    if pack.root not in _known:
        _known[pack.root] = _read(pack)
    return _known[pack.root]


def _read(pack: Pack) -> tuple[Picture, ...]:
    path = pack.exercises_dir / "checks" / FILE
    pictures = _REGISTRY.run(path)
    order = [chapter.name for chapter in pack.chapters]
    for found in pictures:
        if found.chapter not in order:
            raise PackError(
                f"{path}: the picture {found.title!r} is of {found.chapter!r}, which is no chapter."
            )
    return tuple(sorted(pictures, key=lambda found: order.index(found.chapter)))


def panels_of(pack: Pack, found: Picture) -> list[Panel]:
    """The panels of a picture.

    Raises:
        PackError: they cannot be made, or one names no exercise of the picture's chapter.
    """
    where = f"{pack.exercises_dir / 'checks' / FILE}: the picture {found.title!r}"
    try:
        panels = found.panels()
    except Exception as error:
        raise PackError(f"{where} cannot be made: {type(error).__name__}: {error}") from None
    names = {exercise.name for exercise in pack.chapter(found.chapter).exercises}
    for panel in panels:
        if panel.exercise not in names:
            raise PackError(f"{where} shows {panel.exercise!r}, which is no exercise.")
    return panels
