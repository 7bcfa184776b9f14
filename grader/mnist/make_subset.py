"""Makes ``subset.npz`` from the full set: ``python -m grader.mnist.make_subset FOLDER``.

FOLDER holds the four MNIST files as ``grader.mnist.load_full`` accepts them. The same files give
the same bytes each time: order, names and time stamps inside the archive are fixed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from grader.mnist import SUBSET, DataError, Dataset, load_full

TRAIN = slice(0, 10_000)
TEST = slice(0, None, 5)


def write_subset(full: Dataset, path: Path) -> None:
    """Writes training images 0 to 9999 and every fifth test image, with labels, to ``path``."""
    np.savez_compressed(
        path,
        train_images=full.train_images[TRAIN],
        train_labels=full.train_labels[TRAIN],
        test_images=full.test_images[TEST],
        test_labels=full.test_labels[TEST],
    )


def main(arguments: list[str]) -> int:
    """Returns the exit code: 0 written, 1 the data cannot be used, 2 wrong usage."""
    if len(arguments) != 1:
        print("Usage: python -m grader.mnist.make_subset FOLDER", file=sys.stderr)
        return 2
    try:
        write_subset(load_full(arguments[0]), SUBSET)
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{SUBSET.name}: {SUBSET.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
