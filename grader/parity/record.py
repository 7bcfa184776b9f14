"""What a showdown measures: epochs, losses, and where two rows of losses part."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import median

SCHEMA_VERSION = 1
PARTED = 1e-4  # the relative difference above which two trainings are no longer the same
SAME_START = 1e-6  # what the losses of the first step may differ by: no update has been made yet
TRAININGS = {"jax_loop": "JAX loop", "jax_scan": "JAX scan", "torch": "PyTorch"}
PRECISIONS = ("float32", "float64")


@dataclass(frozen=True)
class Source:
    """The digits that were used: the name of the set, the numbers of images."""

    name: str
    train: int
    test: int


@dataclass(frozen=True)
class Settings:
    """How the trainings are made.

    Attributes:
        layer_sizes: units of every layer, the pixels first.
        batch_size: images in a batch; a last batch that would be smaller is left out.
        step_size: of gradient descent on the loss summed over a batch.
        epochs: passes over the training images that are timed.
        loss_steps: steps whose losses are compared, in trainings of their own.
        seed: of the key that the parameters are drawn with.
    """

    layer_sizes: tuple[int, ...]
    batch_size: int
    step_size: float
    epochs: int
    loss_steps: int
    seed: int


@dataclass(frozen=True)
class Epoch:
    """One epoch of each training: seconds without compilation, and fractions of right answers after it.

    The accuracies of JAX are those of the loop.
    """

    epoch: int
    jax_loop_s: float
    jax_scan_s: float
    torch_s: float
    jax_train_accuracy: float
    jax_test_accuracy: float
    torch_train_accuracy: float
    torch_test_accuracy: float

    def seconds(self, training: str) -> float:
        """The time of one of `TRAININGS`."""
        seconds: float = getattr(self, f"{training}_s")
        return seconds


@dataclass(frozen=True)
class Losses:
    """The losses of two trainings, each taken before its update; as many of one as of the other."""

    jax: tuple[float, ...]
    torch: tuple[float, ...]

    @property
    def differences(self) -> tuple[float, ...]:
        """The relative difference at every step."""
        pairs = zip(self.jax, self.torch, strict=True)
        return tuple(relative_difference(a, b) for a, b in pairs)

    @property
    def parted_at_step(self) -> int | None:
        """The first step, counted from 0, at which the losses differ by more than `PARTED`."""
        parted = (step for step, by in enumerate(self.differences) if not by <= PARTED)
        return next(parted, None)


def relative_difference(a: float, b: float) -> float:
    """|a - b| by the larger of the two; infinite where one of them is not finite.

    >>> relative_difference(2.0, 1.0)
    0.5
    """
    if not (math.isfinite(a) and math.isfinite(b)):
        return math.inf
    larger = max(abs(a), abs(b))
    return abs(a - b) / larger if larger else 0.0


@dataclass
class Parity:
    """What has been measured so far; whole unless `interrupted`.

    Attributes:
        description: the line that says which data the figures come from.
        devices: where "jax" and "torch" compute.
        preparation_s: seconds spent before the first epoch, by training: JAX compiles, PyTorch makes a
            first step.
        losses: by precision.
    """

    source: Source | None = None
    description: str = ""
    settings: Settings | None = None
    devices: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    preparation_s: dict[str, float] = field(default_factory=dict)
    epochs: list[Epoch] = field(default_factory=list)
    losses: dict[str, Losses] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def in_parity(self) -> bool:
        """Whether both start from the same loss, and rounding alone parts them: float64 ones stay together."""
        if self.interrupted or set(self.losses) != set(PRECISIONS):
            return False
        starts = (losses.differences[0] for losses in self.losses.values())
        same_start = all(difference <= SAME_START for difference in starts)
        return same_start and self.losses["float64"].parted_at_step is None

    def median_seconds(self, training: str) -> float:
        """The median time of an epoch of one of `TRAININGS`."""
        return median(epoch.seconds(training) for epoch in self.epochs)
