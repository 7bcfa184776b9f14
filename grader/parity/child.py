"""A process in which JAX and PyTorch train: `python -m grader.parity.child`, with a job on standard input.

It writes one JSON object a line to standard output: {"event": NAME, ...}. One process is for float32
and holds the race of the three trainings; another is for float64, which JAX must be switched to.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from grader.parity.record import TRAININGS, Epoch, Settings, Source
from grader.worker import linux

if TYPE_CHECKING:
    from grader.mnist import Dataset
    from grader.parity.training import JaxTraining, TorchTraining

JAX_CHAPTER, TORCH_CHAPTER = "ch10_mnist_jax", "ch11_mnist_torch"
_TELL_EVERY = 10  # steps
Tell = Callable[..., None]


@dataclass(frozen=True)
class Job:
    """What a process is to do.

    Attributes:
        solutions: the folder of the reference solutions.
        data: the folder of the full set; None for the subset.
        precision: one of `record.PRECISIONS`.
        epochs: to be timed; 0 for the losses alone.
        loss_steps: whose losses are compared.
        parent: the process that waits for this one.
        layer_sizes: None for those of the slides.
    """

    solutions: str
    data: str | None
    precision: str
    epochs: int
    loss_steps: int
    parent: int
    layer_sizes: tuple[int, ...] | None = None


def main() -> int:
    """Do the job and end the process; returns if the data cannot be used."""
    job = Job(**json.load(sys.stdin))
    linux.die_with_parent(job.parent)
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no event

    def tell(event: str, **fields: Any) -> None:
        print(json.dumps({"event": event, **fields}), file=lines, flush=True)

    from grader import mnist

    try:
        dataset = mnist.load_full(job.data) if job.data is not None else mnist.load_subset()
    except mnist.DataError as error:
        tell("refused", text=str(error))
        return 2
    _compute(job, dataset, tell)
    os._exit(0)  # all has been told; what the libraries would tidy up takes seconds


def _compute(job: Job, dataset: Dataset, tell: Tell) -> None:
    import jax

    from grader import mnist

    # Where a GPU would round to 19 bits to be faster, float32 would not be PyTorch's float32.
    jax.config.update("jax_default_matmul_precision", "highest")
    chapters = [_load(job, name) for name in (JAX_CHAPTER, TORCH_CHAPTER)]
    settings = _settings(job, chapters[0])
    trainings = _trainings(job, settings, chapters, dataset)
    tell(
        "started",
        description=mnist.describe(dataset),
        source=asdict(Source(dataset.name, len(dataset.train_labels), len(dataset.test_labels))),
        settings=asdict(settings),
        devices={"jax": _name(jax.devices()[0]), "torch": trainings[1].device},
        versions={name: sys.modules[name].__version__ for name in ("jax", "torch")},
    )
    if job.epochs:
        _race(job, dataset, *trainings, tell)
    _compare(job, *trainings, tell)


def _load(job: Job, name: str) -> ModuleType:
    path = Path(job.solutions) / f"{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _settings(job: Job, chapter: ModuleType) -> Settings:
    sizes = tuple(job.layer_sizes or chapter.LAYER_SIZES)
    drawn = (chapter.BATCH_SIZE, chapter.STEP_SIZE, job.epochs, job.loss_steps)
    return Settings(sizes, *drawn, seed=0)


def _trainings(
    job: Job, settings: Settings, chapters: list[ModuleType], dataset: Dataset
) -> tuple[JaxTraining, TorchTraining]:
    """Both, with the same parameters: drawn in float32 also where the trainings are in float64."""
    import jax
    import numpy as np

    from grader.mnist import batches
    from grader.parity.training import JaxTraining, TorchTraining

    key = jax.random.key(settings.seed)
    drawn = chapters[0].init_network_params(list(settings.layer_sizes), key)
    params = jax.tree.map(lambda leaf: np.array(leaf, job.precision), drawn)
    if job.precision == "float64":
        jax.config.update("jax_enable_x64", True)
    pairs = list(batches(dataset.train_images, dataset.train_labels, settings.batch_size))
    if not job.epochs:
        pairs = pairs[: job.loss_steps]
    xs = np.stack([x for x, _ in pairs]).astype(job.precision)
    classes = settings.layer_sizes[-1]
    ys = np.eye(classes, dtype=job.precision)[np.stack([labels for _, labels in pairs])]
    return (
        JaxTraining(chapters[0], params, xs, ys),
        TorchTraining(chapters[1], params, xs, ys, settings.step_size),
    )


def _name(device: Any) -> str:
    """`cpu:0`, `cuda:0`: JAX calls the platform of an NVIDIA GPU "gpu"."""
    platform = "cuda" if "cuda" in str(device).lower() else device.platform
    return f"{platform}:{device.id}"


def _race(
    job: Job, dataset: Dataset, jax_training: JaxTraining, torch_training: TorchTraining, tell: Tell
) -> None:
    """The three trainings in turn, an epoch of each."""
    from grader.parity.training import timed

    tell("running", what="compilation", done=0, total=job.epochs * 3)
    seconds = jax_training.compile() | {"torch": torch_training.warm_up()}
    tell("compiled", seconds=seconds)
    runs = (jax_training.loop_epoch, jax_training.scan_epoch, torch_training.epoch)
    train = dataset.train_images, dataset.train_labels
    test = dataset.test_images, dataset.test_labels
    for number in range(job.epochs):
        times = []
        for index, (run, name) in enumerate(zip(runs, TRAININGS.values(), strict=True)):
            done = number * 3 + index
            tell("running", what=f"epoch {number}: {name}", done=done, total=job.epochs * 3)
            times.append(timed(run))
        tell("running", what=f"epoch {number}: accuracies", done=done + 1, total=job.epochs * 3)
        both = (jax_training, torch_training)
        accuracies = [training.accuracy(*part) for training in both for part in (train, test)]
        tell("epoch", **asdict(Epoch(number, *times, *accuracies)))


def _compare(
    job: Job, jax_training: JaxTraining, torch_training: TorchTraining, tell: Tell
) -> None:
    """The losses of both, step by step, in trainings of their own."""
    total = 2 * job.loss_steps
    rows: list[list[float]] = []
    for name, training in (("JAX", jax_training), ("PyTorch", torch_training)):
        done = len(rows) * job.loss_steps

        def advance(step: int, name: str = name, done: int = done) -> None:
            if step % _TELL_EVERY == 1:
                what = f"losses in {job.precision}: {name}"
                tell("running", what=what, done=done + step - 1, total=total)

        rows.append(training.losses(job.loss_steps, advance))
    tell("losses", jax=rows[0], torch=rows[1])


if __name__ == "__main__":
    sys.exit(main())
