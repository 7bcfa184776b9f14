"""Small matrices as SVG: one path for each of a few shades, in the ink of the page."""

from __future__ import annotations

import numpy as np

SHADES = 5


def raster_svg(values: np.ndarray, top: float, text: str, tone: str) -> str:
    """The entries of `values` (rows, columns) as squares: empty at 0, full from `top` on.

    Args:
        text: what is said in the place of the picture; "" for one that only adorns.
        tone: the class of the squares.
    """
    rows, columns = values.shape
    share = np.nan_to_num(np.abs(values), nan=0.0, posinf=top) / (top or 1.0)
    shades = np.ceil(np.clip(share, 0, 1) * SHADES - 1e-6).astype(int)
    paths = "".join(
        f'<path fill-opacity="{shade / SHADES:g}" d="{_squares(shades == shade)}"/>'
        for shade in range(1, SHADES + 1)
        if (shades == shade).any()
    )
    said = f'role="img" aria-label="{text}"' if text else 'aria-hidden="true"'
    return f'<svg class="raster {tone}" viewBox="0 0 {columns} {rows}" {said}>{paths}</svg>'


def _squares(mask: np.ndarray) -> str:
    """The path around the entries that hold, one stroke for each run in a row."""
    parts = []
    for y, row in enumerate(mask):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(int), [0]])))
        for start, stop in edges.reshape(-1, 2):
            parts.append(f"M{start} {y}h{stop - start}v1h-{stop - start}z")
    return "".join(parts)
