"""The archive that Gradescope builds an autograder from: scripts, the grader, a pack with its solutions.

    setup.sh, run_autograder    what the platform runs
    requirements.txt            the libraries, in the versions that are installed here
    kit/grader                  the grader
    kit/exercises, solutions    the pack: manifest, untouched stubs, checks, reference

The same files give the same bytes.
"""

from __future__ import annotations

import importlib.metadata
import io
import re
import shlex
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError
from grader.pack import Pack
from grader.worker.places import PACKAGE

_HERE = Path(__file__).parent
_DISTRIBUTION = "jax-workshop-kit"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the first moment that a .zip knows
_LEFT_OUT = ("__pycache__", ".pyc", ".pyo")
_TORCH = ("torch", "torchvision")
_TO_FINISH = 50  # seconds before the platform's end at which grading is asked to stop


@dataclass(frozen=True)
class Settings:
    """How the autograder grades.

    Args:
        only: chapters or exercises; none means all.
        minutes: the platform's limit for one submission.
        torch: whether PyTorch is installed there.
        visibility: when learners see the tests.
    """

    only: tuple[str, ...] = ()
    seed: int = 0
    minutes: float = 10.0
    torch: bool = False
    visibility: str = "visible"


def autograder(pack: Pack, settings: Settings) -> bytes:
    """The archive.

    Raises:
        UsageError: a library is not installed here, so that its version is not known.
    """
    texts = {
        "setup.sh": (_HERE / "autograder_setup.sh").read_text("utf-8"),
        "run_autograder": _run_script(settings),
        "requirements.txt": _pinned(_requirements()),
    }
    if settings.torch:
        texts["requirements-torch.txt"] = _pinned(_TORCH)
    members = {name: text.encode() for name, text in texts.items()}
    members |= {f"kit/grader/{name}": data for name, data in _tree(PACKAGE)}
    members |= {f"kit/{name}": data for name, data in _pack_files(pack)}
    return _zipped(members)


def _run_script(settings: Settings) -> str:
    arguments = [f"--only={only}" for only in settings.only]
    arguments += [f"--seed={settings.seed}", f"--visibility={settings.visibility}"]
    seconds = max(30, round(60 * settings.minutes) - _TO_FINISH)
    text = (_HERE / "autograder_run.sh").read_text("utf-8")
    text = text.replace("@SECONDS@", str(seconds))
    return text.replace("@ARGUMENTS@", "".join(f" {shlex.quote(a)}" for a in arguments))


def _requirements() -> Iterator[str]:
    """The names of the libraries that the grader needs."""
    for line in _declared():
        name, _, marker = line.partition(";")
        if "extra" not in marker:
            yield re.split(r"[^\w.-]", name.strip(), maxsplit=1)[0]


def _declared() -> Iterable[str]:
    """The requirements as pyproject.toml beside the grader has them, or as they were installed."""
    project = PACKAGE.parent / "pyproject.toml"
    if project.is_file():
        found = tomllib.loads(project.read_text("utf-8")).get("project", {})
        if found.get("name") == _DISTRIBUTION:
            return list(found["dependencies"])
    return importlib.metadata.requires(_DISTRIBUTION) or ()


def _pinned(names: Iterable[str]) -> str:
    lines = []
    for name in sorted(names):
        try:
            version = importlib.metadata.version(name).partition("+")[0]
        except importlib.metadata.PackageNotFoundError:
            raise UsageError(
                f"{name} is not installed here, so its version is not known. Install it, or leave it out."
            ) from None
        lines.append(f"{name}=={version}\n")
    return "".join(lines)


def _tree(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The files below `folder`, without what Python has made of them and without hidden ones."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        hidden = any(part.startswith(".") for part in parts)
        if path.is_file() and not hidden and not any(p.endswith(_LEFT_OUT) for p in parts):
            yield "/".join(parts), path.read_bytes()


def _pack_files(pack: Pack) -> Iterator[tuple[str, bytes]]:
    """What grading reads of a pack: no work of a learner is among it."""
    yield "exercises/workshop.toml", (pack.exercises_dir / "workshop.toml").read_bytes()
    for name, data in _tree(pack.exercises_dir / "checks"):
        yield f"exercises/checks/{name}", data
    for chapter in pack.chapters:
        stub = (pack.stubs_dir / chapter.filename).read_bytes()
        yield f"exercises/.stubs/{chapter.filename}", stub
        yield f"solutions/{chapter.filename}", (pack.solutions_dir / chapter.filename).read_bytes()


def _zipped(members: dict[str, bytes]) -> bytes:
    """A .zip with nothing of this machine in it but the names and bytes of `members`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(members):
            info = zipfile.ZipInfo(name, _LONG_AGO)
            info.create_system = 3  # Unix, for the modes
            mode = 0o755 if name in ("setup.sh", "run_autograder") else 0o644
            info.external_attr = (0o100000 | mode) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, members[name], compresslevel=9)
    return buffer.getvalue()


def chosen(pack: Pack, only: Sequence[str]) -> tuple[str, ...]:
    """`only`, checked against the pack.

    Raises:
        UsageError: an id names nothing.
    """
    if only:
        pack.select(only)
    return tuple(only)
