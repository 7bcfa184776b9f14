"""MNIST, so that every figure of the kit can say which digits it comes from.

The kit ships a subset of 12,000 real images, enough to train on in a room without network. The
whole set is read from a folder that the user names, or downloaded into it. Pixels stay as they were
published: flat, uint8, 0 to 255. Importing this package costs NumPy and nothing else; torchvision
is imported by ``load_full`` alone.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader.mnist.files import DataError, unpack_into

__all__ = ["DataError", "Dataset", "batches", "describe", "load_full", "load_subset"]

SUBSET = Path(__file__).with_name("subset.npz")

_TITLES = {"mnist-subset": "MNIST subset shipped with the kit", "mnist-full": "full MNIST"}


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images and labels of one set of digits.

    Attributes:
        name: ``"mnist-subset"`` or ``"mnist-full"``.
        train_images, test_images: uint8, ``(n, 784)``, values 0 to 255.
        train_labels, test_labels: uint8, ``(n,)``, values 0 to 9.
    """

    name: str
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


def load_subset() -> Dataset:
    """The subset that lies beside this file: training images 0 to 9999, every fifth test image.

    >>> load_subset().train_images.shape
    (10000, 784)
    """
    with np.load(SUBSET, allow_pickle=False) as arrays:
        return Dataset(name="mnist-subset", **arrays)


def load_full(folder: str | Path, download: bool = False) -> Dataset:
    """The 60,000 training and 10,000 test images, read by ``torchvision.datasets.MNIST``.

    Args:
        folder: holds the four IDX files, packed (``.gz``) or unpacked, at its top or in
            ``MNIST/raw`` below it, where torchvision keeps them. Nothing is written there unless
            ``download``.
        download: fetch what is missing into ``folder/MNIST/raw``, with torchvision's progress bar.

    Raises:
        DataError: a file is missing or damaged, or torchvision is not installed.
    """
    try:
        from torchvision.datasets import MNIST
    except ImportError as error:
        raise DataError(
            f"The full MNIST set is read with torchvision, which cannot be imported ({error}).\n"
            "Install it (python -m pip install torch torchvision), or use the subset shipped with "
            "the kit."
        ) from error

    folder = Path(folder)
    with tempfile.TemporaryDirectory(prefix="mnist-") as scratch:
        raw = Path(scratch) / "MNIST" / "raw"
        raw.mkdir(parents=True)
        try:
            unpack_into(raw, folder)
        except DataError:
            if not download:
                raise
            _download(MNIST, folder)
            unpack_into(raw, folder)
        train, test = (MNIST(scratch, train=part) for part in (True, False))
        return Dataset(
            name="mnist-full",
            train_images=train.data.numpy().reshape(-1, 784),
            train_labels=train.targets.numpy().astype(np.uint8),
            test_images=test.data.numpy().reshape(-1, 784),
            test_labels=test.targets.numpy().astype(np.uint8),
        )


def _download(mnist: type, folder: Path) -> None:
    try:
        mnist(folder, download=True)
    except (OSError, RuntimeError) as error:
        raise DataError(
            f"MNIST could not be downloaded into {folder}:\n{error}\n"
            "Check the network, name a folder that already holds the files, or use the subset "
            "shipped with the kit."
        ) from error


def describe(dataset: Dataset) -> str:
    """The line that says which data a figure comes from.

    >>> describe(load_subset())
    'Data: MNIST subset shipped with the kit (10,000 training and 2,000 test images)'
    """
    title = _TITLES.get(dataset.name, dataset.name)
    train, test = len(dataset.train_labels), len(dataset.test_labels)
    return f"Data: {title} ({train:,} training and {test:,} test images)"


@dataclass(frozen=True, eq=False)
class _Batches:
    images: np.ndarray
    labels: np.ndarray
    batch_size: int
    order: np.ndarray

    def __len__(self) -> int:
        return len(self.order) // self.batch_size

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            rows = self.order[start : start + self.batch_size]
            yield self.images[rows].astype(np.float32), self.labels[rows].astype(np.int32)


def batches(
    images: np.ndarray, labels: np.ndarray, batch_size: int, seed: int | None = None
) -> _Batches:
    """Batches for the training functions of chapters 10 and 11; each iteration starts anew.

    Args:
        images: uint8 ``(n, 784)``.
        labels: uint8 ``(n,)``.
        batch_size: rows per batch. A last batch that would be smaller is left out, because every
            new shape costs a compilation.
        seed: shuffles the rows, the same way in every iteration; None keeps their order.

    Returns:
        An iterable with a length, of pairs of float32 ``(batch_size, 784)``, raw pixel values, and
        int32 ``(batch_size,)``. Batches are made one at a time: the full set in float32 takes
        188 MB.

    >>> digits = load_subset()
    >>> [x.shape for x, y in batches(digits.test_images, digits.test_labels, 800)]
    [(800, 784), (800, 784)]
    """
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}.")
    if len(images) != len(labels):
        raise ValueError(f"Got {len(images)} images, but {len(labels)} labels.")
    order = np.arange(len(labels))
    if seed is not None:
        order = np.random.default_rng(seed).permutation(order)
    return _Batches(images, labels, batch_size, order)
