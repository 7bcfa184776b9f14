"""Curves as SVG, drawn by matplotlib and made part of a page: its colours, its fonts, no style of their own.

The same numbers give the same text. Colours are names of the page (`currentColor`, `var(--answer)`), so that
a picture is as readable on a dark page as on a light one.
"""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from grader.pictures import Curve

# What matplotlib draws with, and what it becomes.
_INK, _ANSWER, _REFERENCE, _LINE = "#000001", "#000002", "#000003", "#000004"
_COLOURS = {
    _INK: "currentColor",
    _ANSWER: "var(--answer)",
    _REFERENCE: "var(--reference)",
    _LINE: "var(--line)",
}
_SETTINGS: dict[str, Any] = {
    "axes.edgecolor": _LINE,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.labelcolor": _INK,
    "axes.labelsize": 10,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "none",
    "grid.color": _LINE,
    "grid.linewidth": 0.6,
    "path.simplify": True,
    "svg.fonttype": "none",
    "svg.hashsalt": "jax-workshop-kit",
    "xtick.color": _LINE,
    "xtick.labelcolor": _INK,
    "xtick.labelsize": 10,
    "ytick.color": _LINE,
    "ytick.labelcolor": _INK,
    "ytick.labelsize": 10,
    "ytick.major.size": 0,
}
_ATTRIBUTES = {
    "fill",
    "fill-opacity",
    "opacity",
    "stroke",
    "stroke-dasharray",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-opacity",
    "stroke-width",
    "text-anchor",
}
_SPACE = "{http://www.w3.org/2000/svg}"
_LINKS = "{http://www.w3.org/1999/xlink}"


def curve_svg(panel: Curve, answer: np.ndarray, reference: np.ndarray, name: str, text: str) -> str:
    """The two curves of a panel, as an SVG element.

    Args:
        name: begins every id in it, and is unique in the page.
        text: what is said in the place of the picture.
    """
    from matplotlib import style
    from matplotlib.figure import Figure

    with style.context(["default", _SETTINGS]):
        figure = Figure(figsize=(3.3, 2.3), layout="constrained")
        axes = figure.add_subplot()
        if panel.dots is not None:
            axes.plot(panel.over, panel.dots, ".", color=_INK, alpha=0.35, markersize=2.5)
        axes.plot(panel.over, _finite(reference), color=_REFERENCE, linewidth=6)
        axes.plot(panel.over, _finite(answer), color=_ANSWER, linewidth=1.8)
        axes.set_xlabel(panel.across)
        axes.set_ylim(limits(answer, reference, panel.dots))
        axes.margins(x=0.02)
        axes.locator_params(nbins=5)
        drawn = io.StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    return _for_page(drawn.getvalue(), name, text)


def _finite(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), values, np.nan)


def limits(
    answer: np.ndarray, reference: np.ndarray, dots: np.ndarray | None
) -> tuple[float, float]:
    """The bottom and the top: the reference with room around it, and the answer up to three times as far."""
    shown = reference if dots is None else np.concatenate([reference, dots])
    shown = shown[np.isfinite(shown)]
    low, high = (float(shown.min()), float(shown.max())) if len(shown) else (0.0, 1.0)
    span = (high - low) or max(1.0, abs(high))
    own = answer[np.isfinite(answer)]
    if len(own):
        low = min(low, max(float(own.min()), low - span))
        high = max(high, min(float(own.max()), high + span))
    margin = 0.06 * (high - low or span)
    return low - margin, high + margin


def _for_page(svg: str, name: str, text: str) -> str:
    root = ET.fromstring(svg)
    width, height = (float(number) for number in root.get("viewBox", "0 0 1 1").split()[2:])
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.endswith(("}metadata", "}style")):
                parent.remove(child)
    linked = set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg))
    for node in root.iter():
        node.tag = node.tag.removeprefix(_SPACE)
        _settle(node, name, linked)
    root.attrib.clear()
    root.attrib.update({"viewBox": f"0 0 {width:g} {height:g}", "role": "img", "aria-label": text})
    return ET.tostring(root, encoding="unicode")


def _settle(node: ET.Element, name: str, linked: set[str]) -> None:
    """Styles become attributes, links stay inside the element's own ids, and other ids go."""
    found: dict[str, str] = {}
    for key, value in node.attrib.items():
        if key == "style":
            found |= _attributes(value)
        elif key == f"{_LINKS}href":
            found["href"] = value.replace("#", f"#{name}-")
        elif key == "id":
            found |= {"id": f"{name}-{value}"} if value in linked else {}
        else:
            found[key] = value.replace("url(#", f"url(#{name}-")
    node.attrib.clear()
    node.attrib.update(found)


def _attributes(style: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in style.split(";"):
        key, _, value = (text.strip() for text in part.partition(":"))
        if key in ("font", "font-size") and (size := re.match(r"([\d.]+)px", value)):
            found["font-size"] = size[1]
        elif key in _ATTRIBUTES:
            found[key] = _COLOURS.get(value, value)
    return found
