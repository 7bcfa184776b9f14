"""A showdown for eyes and for programs: the table, parity.json and the plots."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.errors import UsageError
from grader.files import write_whole
from grader.parity.record import PARTED, SCHEMA_VERSION, TRAININGS, Losses, Parity, Settings


def print_parity(console: Console, parity: Parity) -> None:
    """Which data and devices, a line for each epoch, and where the losses part."""
    if parity.settings is not None:
        _print_head(console, parity, parity.settings)
    if parity.epochs:
        _print_epochs(console, parity)
    if parity.losses:
        console.print(Text("Losses, step by step", style="bold"))
        for precision, losses in parity.losses.items():
            console.print(Text(f"  {precision}  {_sentence(losses)}"))
    if parity.interrupted:
        console.print(Text("Interrupted: what had been measured is shown.", style="yellow"))
    elif parity.in_parity:
        verdict = "In parity: what parts the float32 trainings is rounding, for in float64 they stay together."
        console.print(Text(verdict, style="green"))
    else:
        verdict = "Not in parity: two right trainings have the same first loss and stay together in float64."
        console.print(Text(verdict, style="red"))


def _print_head(console: Console, parity: Parity, settings: Settings) -> None:
    sizes = "-".join(map(str, settings.layer_sizes))
    console.print(Text("One network, trained in JAX and in PyTorch", style="bold"))
    console.print(Text(parity.description))
    console.print(
        f"Network: {sizes}, batches of {settings.batch_size}, step size {settings.step_size:g}"
    )
    where = (("JAX", "jax"), ("PyTorch", "torch"))
    places = (f"{name} {parity.versions[key]} on {parity.devices[key]}" for name, key in where)
    console.print(Text(f"Devices: {', '.join(places)}"))


def _print_epochs(console: Console, parity: Parity) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("\n\nepoch", justify="right")
    for name in TRAININGS.values():
        table.add_column(f"{name}\n\nseconds", justify="right", style="cyan")
    for part in ("training", "test"):
        for library in ("JAX", "PyTorch"):
            table.add_column(f"{library}\n{part}\naccuracy", justify="right")
    for epoch in parity.epochs:
        shares = (
            epoch.jax_train_accuracy,
            epoch.torch_train_accuracy,
            epoch.jax_test_accuracy,
            epoch.torch_test_accuracy,
        )
        times = [f"{epoch.seconds(training):.3f}" for training in TRAININGS]
        table.add_row(str(epoch.epoch), *times, *(f"{share:.2%}" for share in shares))
    console.print(table)
    medians = {training: parity.median_seconds(training) for training in TRAININGS}
    parts = [f"{name} {medians[training]:.3f} s" for training, name in TRAININGS.items()]
    console.print(f"Median epoch: {', '.join(parts)}. {_ratios(medians)}")
    before = parity.preparation_s
    console.print(
        f"Before the first epoch, not counted: compilation of the loop's update {before['jax_loop']:.2f} s "
        f"and of the scan {before['jax_scan']:.2f} s; PyTorch's first step {before['torch']:.2f} s."
    )
    console.print()


def _ratios(medians: dict[str, float]) -> str:
    """The times as multiples of PyTorch's."""
    loop, scan = (medians[training] / medians["torch"] for training in ("jax_loop", "jax_scan"))
    return f"JAX takes {loop:.2f} (loop) and {scan:.2f} (scan) of PyTorch's time."


def _sentence(losses: Losses) -> str:
    """How two rows of losses begin, and where they part."""
    differences, step = losses.differences, losses.parted_at_step
    begin = f"first losses {losses.jax[0]:.7g} and {losses.torch[0]:.7g} (relative difference {differences[0]:.1g})"
    if step is None:
        return (
            f"{begin}; together over all {len(differences)} steps (at most {max(differences):.1g})"
        )
    return f"{begin}; part at step {step} (beyond {PARTED:g})"


def as_dict(parity: Parity) -> dict[str, Any]:
    """`parity.json`, schema 1; steps and epochs are counted from 0, and null stands for what is not finite."""
    return {
        "schema_version": SCHEMA_VERSION,
        "data": parity.source and asdict(parity.source),
        "settings": parity.settings and asdict(parity.settings),
        "devices": parity.devices,
        "versions": parity.versions,
        "interrupted": parity.interrupted,
        "preparation_s": parity.preparation_s,
        "epochs": [asdict(epoch) for epoch in parity.epochs],
        "losses": {
            precision: {
                "jax": _finite(losses.jax),
                "torch": _finite(losses.torch),
                "parted_at_step": losses.parted_at_step,
            }
            for precision, losses in parity.losses.items()
        },
    }


def _finite(losses: Sequence[float]) -> list[float | None]:
    return [loss if math.isfinite(loss) else None for loss in losses]


@contextmanager
def folder(path: Path) -> Iterator[None]:
    """A folder to write to, made if it is not there; removed again if nothing was put into it.

    Raises:
        UsageError: it cannot be made or written to.
    """
    made = not path.exists()
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written to: {error.strerror}. Name a folder that is yours to write, or a "
            "new one; without --out nothing is written."
        ) from None
    try:
        yield
    finally:
        if made:
            with suppress(OSError):  # it is not empty
                path.rmdir()


def write(parity: Parity, out: Path) -> list[Path]:
    """Write parity.json, and a plot of everything that was measured; the files that were written.

    Raises:
        UsageError: they cannot be written.
    """
    from grader.parity import plots  # late: matplotlib is large

    texts = {"parity.json": json.dumps(as_dict(parity), indent=1) + "\n"} | plots.draw(parity)
    for name, text in texts.items():
        write_whole(out / name, text)
    return [out / name for name in texts]
