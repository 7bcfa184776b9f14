"""The four files MNIST is published in, and what to say when one of them is missing or damaged.

torchvision reads whatever lies in its folder without a look at it: a truncated file ends in a shape
error from deep inside. So the files are checked here first, by the digest of their unpacked bytes,
and handed over in a folder of torchvision's own layout.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from dataclasses import dataclass
from pathlib import Path


class DataError(Exception):
    """The data cannot be used; the message names the file and the remedy."""


@dataclass(frozen=True)
class Stamp:
    """What identifies a file's contents: their size in bytes and their MD5 digest."""

    size: int
    md5: str

    @classmethod
    def of(cls, contents: bytes) -> Stamp:
        return cls(len(contents), hashlib.md5(contents, usedforsecurity=False).hexdigest())

    def __str__(self) -> str:
        return f"{self.size:,} bytes, MD5 {self.md5}"


@dataclass(frozen=True)
class IdxFile:
    """One published file, as the archive that is downloaded and as the bytes inside it."""

    name: str
    packed: Stamp
    unpacked: Stamp


FILES = (
    IdxFile(
        "train-images-idx3-ubyte",
        packed=Stamp(9912422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        unpacked=Stamp(47040016, "6bbc9ace898e44ae57da46a324031adb"),
    ),
    IdxFile(
        "train-labels-idx1-ubyte",
        packed=Stamp(28881, "d53e105ee54ea40749a09fcbcd1e9432"),
        unpacked=Stamp(60008, "a25bea736e30d166cdddb491f175f624"),
    ),
    IdxFile(
        "t10k-images-idx3-ubyte",
        packed=Stamp(1648877, "9fb629c4189551a2d022fa330f9573f3"),
        unpacked=Stamp(7840016, "2646ac647ad5339dbf082846283269ea"),
    ),
    IdxFile(
        "t10k-labels-idx1-ubyte",
        packed=Stamp(4542, "ec29112dd5afa0611ce80d1b7f02629c"),
        unpacked=Stamp(10008, "27ae3e4e09519cfbb04c329615203637"),
    ),
)


def unpack_into(raw: Path, folder: Path) -> None:
    """Writes the four files, unpacked and checked, into ``raw``; only reads in ``folder``.

    Raises:
        DataError: naming the first file that is missing or damaged, and what it should be.
    """
    if not folder.is_dir():
        raise DataError(
            f"{folder} is not a folder.\n"
            f"Name the folder that holds {FILES[0].name}.gz and the other three MNIST files."
        )
    for file in FILES:
        (raw / file.name).write_bytes(_contents(file, folder))


def _contents(file: IdxFile, folder: Path) -> bytes:
    places = (folder, folder / "MNIST" / "raw", folder / "raw")
    damage = None
    for path in (place / name for place in places for name in (file.name, f"{file.name}.gz")):
        if not path.is_file():
            continue
        found = path.read_bytes()
        contents = _decompress(found, file.unpacked.size) if path.suffix == ".gz" else found
        if contents is not None and Stamp.of(contents) == file.unpacked:
            return contents
        damage = damage or _damaged(file, path, Stamp.of(found))
    raise damage or DataError(
        f"{file.name}.gz is missing: it is neither in {folder} nor in MNIST/raw below it, "
        f"packed or unpacked.\nExpected: {file.packed}.\n"
        "Put the file there, or use the subset shipped with the kit."
    )


def _decompress(packed: bytes, size: int) -> bytes | None:
    """The unpacked bytes, or None if the archive is broken or holds more than ``size`` bytes."""
    try:
        with gzip.open(io.BytesIO(packed)) as archive:
            contents = archive.read(size)
            return None if archive.read(1) else contents
    except (OSError, EOFError, zlib.error):
        return None


def _damaged(file: IdxFile, path: Path, found: Stamp) -> DataError:
    expected = file.packed if path.suffix == ".gz" else file.unpacked
    return DataError(
        f"{path} is damaged or is not MNIST.\nFound:    {found}.\nExpected: {expected}.\n"
        "Delete the file and fetch it again, or use the subset shipped with the kit."
    )
