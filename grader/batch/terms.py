"""What a verdict rests on besides the submission."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from grader.kept import Kept
from grader.memory import ReferenceMemory
from grader.pack import Pack
from grader.session import versions

_PACK_FILES = ("workshop.toml", "checks/**/*", ".stubs/*.py")


@dataclass(frozen=True)
class Terms:
    """Equal terms and equal submissions have equal verdicts.

    Args:
        pack: the pack's name; `pack_digest` is SHA-256 of its manifest, stubs, checks and solutions.
        timeout: seconds that a call may take.
        versions: of Python, the grader and the libraries, as "name version".
    """

    pack: str
    pack_digest: str
    seed: int
    timeout: float
    versions: tuple[str, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of all of them."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def terms_of(pack: Pack, seed: int, timeout: float) -> Terms:
    """The terms under which `pack` is graded here."""
    found = tuple(f"{name} {version}" for name, version in sorted(versions().items()))
    return Terms(pack.name, pack_digest(pack), seed, timeout, found)


def lasting_memory(pack: Pack) -> ReferenceMemory:
    """A memory that goes on with what the reference of `pack` has replied in earlier runs."""
    terms = terms_of(pack, seed=0, timeout=0.0)  # replies rest on neither
    return ReferenceMemory(kept=Kept.of_user(terms.digest))


def pack_digest(pack: Pack) -> str:
    """SHA-256 of everything in a pack that grading reads."""
    digest = hashlib.sha256()
    for path in sorted(_files(pack)):
        digest.update(f"{path.relative_to(pack.root).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(pack: Pack) -> Iterator[Path]:
    folders = [(pack.exercises_dir, pattern) for pattern in _PACK_FILES]
    for folder, pattern in [*folders, (pack.solutions_dir, "*.py")]:
        for path in folder.glob(pattern):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
