"""Scenes as the page shows them: SVG, the sentence below it, the text in its place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape

from grader.gallery import Hung, Scene
from grader.pictures import Curve, Digits, Mask
from grader.reports.curves import curve_svg
from grader.reports.raster import raster_svg
from grader.text import MESSAGE, one_line

_SAME = 1e-3  # of the reference's range: no eye sees less


@dataclass(frozen=True)
class Sample:
    """A digit, what it is, and as what the two networks read it."""

    svg: Markup
    label: int
    answer: str
    reference: str

    @property
    def right(self) -> bool:
        """Whether the learner's network reads it as what it is."""
        return self.answer == str(self.label)


@dataclass(frozen=True)
class Frame:
    """A panel for the page: SVGs beside each other, or samples, or a note alone."""

    title: str
    note: str
    svgs: tuple[tuple[str, Markup], ...] = ()
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A picture for the page."""

    title: str
    caption: str
    frames: tuple[Frame, ...]
    curves: bool


def figure(scene: Scene, name: str) -> Figure:
    """`scene` for the page; `name` begins its ids there."""
    frames = tuple(_frame(hung, f"{name}-{i}") for i, hung in enumerate(scene.panels))
    curves = any(isinstance(h.panel, Curve) and not h.note for h in scene.panels)
    if len({frame.note for frame in frames}) == 1 and not any(f.svgs or f.samples for f in frames):
        frames = (Frame("", frames[0].note),)  # one reason for all of them
    return Figure(scene.picture.title, scene.picture.caption, frames, curves)


def _frame(hung: Hung, name: str) -> Frame:
    panel = hung.panel
    if hung.note:
        return Frame(panel.title, one_line(hung.note, MESSAGE))
    if isinstance(panel, Curve):
        note = distance(panel, hung.answer, hung.reference)
        text = f"{panel.title}: your curve and the reference's. {note}"
        svg = curve_svg(panel, hung.answer, hung.reference, name, text)
        return Frame(panel.title, note, (("", Markup(svg)),))
    if isinstance(panel, Mask):
        return _masks(panel, hung.answer, hung.reference)
    return _digits(panel, hung.answer, hung.reference)


def distance(panel: Curve, answer: np.ndarray, reference: np.ndarray) -> str:
    """How far the answer's curve is from the reference's, in a sentence."""
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(answer - reference)
    apart[np.isfinite(answer) != np.isfinite(reference)] = np.inf
    apart = np.nan_to_num(apart, nan=0.0, posinf=np.inf)
    far, most = int(np.argmax(apart)), float(apart.max(initial=0.0))
    finite = reference[np.isfinite(reference)]
    if most <= _SAME * (float(np.ptp(finite)) if len(finite) else 0.0) + 1e-6:
        return "It lies on the reference."
    where = f"at {panel.across} = {panel.over[far]:.4g}"
    if not np.isfinite(most):
        return f"One of the two is not finite, first {where}."
    return f"Up to {most:.3g} from the reference, {where}."


def _masks(panel: Mask, answer: np.ndarray, reference: np.ndarray) -> Frame:
    top = float(np.abs(reference).max(initial=0.0))
    shown, said = [], []
    for who, values, tone in (("yours", answer, "answer"), ("reference", reference, "reference")):
        grid = np.atleast_2d(values)
        kept = grid[grid != 0]
        mean = f", at {kept.mean():.3g} on average" if kept.size else ""
        text = f"{who}: {kept.size / max(1, grid.size):.0%} kept{mean}"
        shown.append((who, Markup(raster_svg(grid, top, str(escape(text)), tone))))
        said.append(text)
    return Frame(panel.title, f"{'; '.join(said)}.".capitalize(), tuple(shown))


def _digits(panel: Digits, answer: np.ndarray, reference: np.ndarray) -> Frame:
    samples = tuple(
        Sample(
            Markup(raster_svg(image, 255.0, "", "ink")), int(label), f"{mine:.4g}", f"{theirs:g}"
        )
        for image, label, mine, theirs in zip(
            panel.images, panel.labels, answer, reference, strict=True
        )
    )
    right = sum(sample.right for sample in samples)
    theirs = sum(sample.reference == str(sample.label) for sample in samples)
    note = f"Yours reads {right} of {len(samples)} right; the reference {theirs}."
    return Frame("", note, samples=samples)
