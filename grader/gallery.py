"""Pictures of the learner's own functions beside the reference: what the probes of a pack's panels give.

No verdict is made here, and none changes. An answer that raises, hangs or returns something of another
shape gets a note in the place of its picture.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import cloudpickle
import numpy as np

from grader import explain
from grader.errors import PackError
from grader.model import Outcome, Report
from grader.pack import Pack
from grader.pictures import Panel, Picture, pack_pictures, panels_of
from grader.text import MESSAGE, one_line
from grader.waiting import Waiting
from grader.worker.wire import Array
from grader.worlds import Call, LoadFailure, World, Worlds

CALL_SECONDS = 10.0  # that one call may take
_ALL_SECONDS = 20.0  # after which no further panel is begun
_MOST_NUMBERS = 10_000  # of a panel
_LATE = "Left out: the pictures before it took too long."


@dataclass(frozen=True)
class Hung:
    """A panel with what hangs in it: float64 arrays of one shape, or a note in their place."""

    panel: Panel
    answer: np.ndarray = field(default_factory=lambda: np.zeros(0))
    reference: np.ndarray = field(default_factory=lambda: np.zeros(0))
    note: str = ""


@dataclass(frozen=True)
class Scene:
    """A picture with its panels, those of unanswered exercises left out."""

    picture: Picture
    panels: tuple[Hung, ...]


def scenes(worlds: Worlds, pack: Pack, report: Report) -> tuple[Scene, ...]:
    """The pictures of the exercises in `report` that have been answered; Ctrl-C ends them early.

    Raises:
        PackError: a picture of the pack is broken.
    """
    answered = {r.id for r in report.exercises if r.status in ("passed", "failed")}
    chapters = {id.partition(".")[0] for id in answered}
    deadline = time.monotonic() + _ALL_SECONDS
    found = []
    try:
        for picture in pack_pictures(pack):
            if picture.chapter in chapters:
                hung = tuple(_hang(worlds, pack, picture, answered, deadline))
                found += [Scene(picture, hung)] if hung else []
    except KeyboardInterrupt:
        pass  # what is there is shown
    return tuple(found)


def _hang(
    worlds: Worlds, pack: Pack, picture: Picture, answered: set[str], deadline: float
) -> Iterable[Hung]:
    for panel in panels_of(pack, picture):
        if f"{picture.chapter}.{panel.exercise}" not in answered:
            continue
        if time.monotonic() > deadline:
            yield Hung(panel, note=_LATE)
            continue
        yield _compare(worlds, pack, picture, panel)


def _compare(worlds: Worlds, pack: Pack, picture: Picture, panel: Panel) -> Hung:
    devices = pack.chapter(picture.chapter).devices
    answer, reference = (World(role, picture.chapter, devices) for role in ("answer", "reference"))
    try:
        asked = _start(worlds, answer, panel, panel.compiled)
    except LoadFailure:
        return Hung(panel, note=f"{picture.chapter}.py cannot be loaded.")
    expected = _numbers(_start(worlds, reference, panel, panel.compiled).result())
    if expected is None or expected.size > _MOST_NUMBERS:
        raise PackError(f"The reference gives nothing to draw for {picture.title!r}.")
    outcome = asked.result()
    if outcome.kind == "raised" and panel.compiled:
        outcome = _start(worlds, answer, panel, False).result()
    got = _numbers(outcome)
    if got is None or got.shape != expected.shape:
        return Hung(panel, note=_note(panel, outcome, got, expected))
    return Hung(panel, got, expected)


def _start(worlds: Worlds, world: World, panel: Panel, compiled: bool) -> Waiting:
    return worlds.start(
        world, Call(cloudpickle.dumps(panel.probe), cloudpickle.dumps(panel.args), compiled)
    )


def _numbers(outcome: Outcome) -> np.ndarray | None:
    """The one array of real numbers that came back."""
    value = outcome.value
    if outcome.kind != "value" or not isinstance(value, Array) or value.values.dtype.kind == "c":
        return None
    return value.values.astype(np.float64)


def _note(panel: Panel, outcome: Outcome, got: np.ndarray | None, expected: np.ndarray) -> str:
    if outcome.error is not None:
        if "NotImplementedError" in outcome.error.types:
            return "No picture yet: it calls a function that is not written."
        text = explain.raised(panel.exercise, "", outcome.error, "").rationale
        return one_line(f"No picture: {text}", MESSAGE)
    if outcome.kind != "value":
        return one_line(f"No picture: it gave {outcome.detail}.", MESSAGE)
    if got is None:
        return "No picture: it did not return one array of numbers."
    return f"No picture: the result has the shape {got.shape}, expected {expected.shape}."
