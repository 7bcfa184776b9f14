"""The pictures of a showdown, as SVG; the same figures give the same bytes."""

from __future__ import annotations

import io
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from grader.parity.record import PARTED, TRAININGS, Parity

# Colours that colour-blind people can tell apart (Okabe and Ito, 2008), and marks for print.
_STYLES: dict[str, dict[str, Any]] = {
    "jax_loop": {"color": "#0072B2", "marker": "o"},
    "jax_scan": {"color": "#56B4E9", "marker": "s"},
    "torch": {"color": "#D55E00", "marker": "^"},
}
_PRECISIONS = {"float32": "#D55E00", "float64": "#0072B2"}
_SETTINGS: dict[Any, Any] = {
    "svg.hashsalt": "parity",
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e4e4e4",
    "axes.axisbelow": True,
    "legend.frameon": False,
}


def draw(parity: Parity) -> dict[str, str]:
    """File names and texts of the plots of what has been measured."""
    texts = {}
    with matplotlib.rc_context(_SETTINGS):
        if parity.epochs:
            texts["times.svg"] = _svg(_times(parity), parity)
        if parity.losses:
            texts["losses.svg"] = _svg(_losses(parity), parity)
            texts["differences.svg"] = _svg(_differences(parity), parity)
    return texts


def _svg(figure: Figure, parity: Parity) -> str:
    """The figure, with the data that it comes from below."""
    figure.text(0.995, 0.01, parity.description, ha="right", fontsize=8, color="#555555")
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def _figure(panels: int = 1) -> tuple[Figure, Any]:
    figure = Figure(figsize=(4.2 + 4 * panels, 4.4), layout="constrained")
    figure.get_layout_engine().set(rect=(0.01, 0.06, 0.98, 0.92))  # type: ignore[union-attr, call-arg]
    return figure, figure.subplots(1, panels, sharey=True)


def _times(parity: Parity) -> Figure:
    """Seconds of every epoch, a line for each training."""
    figure, axes = _figure()
    for training, name in TRAININGS.items():
        seconds = [epoch.seconds(training) for epoch in parity.epochs]
        label = f"{name}: median {parity.median_seconds(training):.3g} s"
        axes.plot(
            [epoch.epoch for epoch in parity.epochs], seconds, label=label, **_STYLES[training]
        )
    axes.set(title="Time of an epoch, without compilation", xlabel="epoch", ylabel="seconds")
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend()
    return figure


def _losses(parity: Parity) -> Figure:
    """Losses at every step, a panel for each precision."""
    figure, axes = _figure(len(parity.losses))
    panels = axes if len(parity.losses) > 1 else [axes]
    for panel, (precision, losses) in zip(panels, parity.losses.items(), strict=True):
        panel.plot(losses.jax, color="#0072B2", lw=2.6, alpha=0.55, label="JAX")
        panel.plot(losses.torch, color="#D55E00", lw=1, label="PyTorch")
        step = losses.parted_at_step
        if step is not None:
            panel.axvline(step, color="#555555", ls=":", label=f"part at step {step}")
        panel.set(title=f"Losses in {precision}", xlabel="step", yscale="log")
        panel.legend()
    panels[0].set_ylabel("loss, summed over a batch")
    return figure


def _differences(parity: Parity) -> Figure:
    """Relative differences of the losses at every step, and the line beyond which they have parted."""
    figure, axes = _figure()
    for precision, losses in parity.losses.items():
        step = losses.parted_at_step
        label = f"{precision}: {'stay together' if step is None else f'part at step {step}'}"
        seen = [difference or float("nan") for difference in losses.differences]  # 0 has no log
        axes.plot(seen, color=_PRECISIONS[precision], lw=1.2, label=label)
        if step is not None:
            axes.plot(step, losses.differences[step], "o", color=_PRECISIONS[precision])
    axes.axhline(PARTED, color="#555555", ls="--", lw=1, label=f"parted: above {PARTED:g}")
    axes.set(title="How far the losses of JAX and PyTorch are apart", xlabel="step")
    axes.set(ylabel="relative difference (gaps: equal)", yscale="log")
    axes.legend(loc="center right")
    return figure
