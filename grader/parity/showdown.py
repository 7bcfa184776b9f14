"""The grader's side of a showdown: one process after the other, and what they tell.

A process that trains is a session of its own, so that an interrupt reaches the grader alone; it ends
with the grader, however that ends.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from grader.errors import InternalError, UsageError
from grader.pack import Pack
from grader.parity.child import JAX_CHAPTER, TORCH_CHAPTER, Job
from grader.parity.record import PRECISIONS, Epoch, Losses, Parity, Settings, Source

LOSS_STEPS = 300
Observer = Callable[[str, int, int], None]
_KIT = Path(__file__).resolve().parents[2]
# What the user has set himself stays.
_ENVIRONMENT = {
    # JAX would keep most of a GPU's memory for itself, and PyTorch is to have its share.
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
    # PyTorch's threads would wait by spinning: ten times slower where others use the processors too.
    "OMP_WAIT_POLICY": "PASSIVE",
}
_LAST_WORDS = 2000  # characters shown of a process that failed


def check_pack(pack: Pack) -> None:
    """Whether the pack has the networks, and this machine what they need.

    Raises:
        UsageError: not so.
    """
    chapters = {chapter.name: chapter for chapter in pack.chapters}
    for name in (JAX_CHAPTER, TORCH_CHAPTER):
        if name not in chapters:
            raise UsageError(
                f"parity trains the networks of {JAX_CHAPTER} and {TORCH_CHAPTER}, and the pack "
                f"{pack.name} has no {name}. Change into the kit's own folder."
            )
        missing = chapters[name].missing_extras
        if missing:
            raise UsageError(
                f"parity needs {' and '.join(missing)}, which this Python does not have. "
                'Install it: python -m pip install -e ".[torch]"'
            )


def hold(
    solutions: Path,
    data: Path | None,
    epochs: int,
    observer: Observer,
    loss_steps: int = LOSS_STEPS,
    layer_sizes: tuple[int, ...] | None = None,
) -> Parity:
    """The showdown: times, accuracies and losses. An interrupt ends it early, with what there is.

    Args:
        solutions: the folder of the reference solutions.
        data: the folder of the full set; None for the subset.
        epochs: passes over the training images, at least 1.
        observer: told what is running, how much of it is done, and of how much.
        loss_steps: steps whose losses are compared, at least 1.
        layer_sizes: of the network; None for those of the slides.

    Raises:
        UsageError: the data cannot be used.
        InternalError: a process failed.
    """
    parity = Parity()
    folder = None if data is None else str(data.absolute())
    try:
        for precision in PRECISIONS:
            timed = epochs if precision == "float32" else 0
            job = Job(
                str(solutions), folder, precision, timed, loss_steps, os.getpid(), layer_sizes
            )
            observer(f"starting the process for {precision}", 0, 0)
            with closing(_run(job)) as messages:
                for message in messages:
                    _take(parity, precision, message, observer)
    except KeyboardInterrupt:
        parity.interrupted = True
    return parity


def _take(parity: Parity, precision: str, message: dict[str, Any], observer: Observer) -> None:
    """Enter what a process tells into the record."""
    event = message.pop("event")
    if event == "running":
        observer(message["what"], message["done"], message["total"])
    elif event == "refused":
        raise UsageError(message["text"])
    elif event == "started" and parity.settings is None:
        sizes = {"layer_sizes": tuple(message["settings"]["layer_sizes"])}
        parity.settings = Settings(**(message["settings"] | sizes))
        parity.source = Source(**message["source"])
        parity.description = message["description"]
        parity.devices, parity.versions = message["devices"], message["versions"]
    elif event == "compiled":
        parity.preparation_s = message["seconds"]
    elif event == "epoch":
        parity.epochs.append(Epoch(**message))
    elif event == "losses":
        parity.losses[precision] = Losses(tuple(message["jax"]), tuple(message["torch"]))


def _run(job: Job) -> Generator[dict[str, Any], None, None]:
    """What a process for `job` tells, as it tells it.

    Raises:
        InternalError: it ended before its work.
    """
    # The process has its temporary files here too: they are removed also when it is stopped.
    with tempfile.TemporaryDirectory(prefix="parity-") as scratch:
        errors = Path(scratch) / "errors"
        message: dict[str, Any] = {}
        with _started(job, errors) as process:
            assert process.stdout is not None
            for line in process.stdout:
                message = json.loads(line)
                yield dict(message)
            code = process.wait()
        if message.get("event") != "losses":
            words = errors.read_text(encoding="utf-8", errors="replace")[-_LAST_WORDS:].strip()
            raise InternalError(f"The process that trains ended with {code}.\n{words}")


@contextmanager
def _started(job: Job, errors: Path) -> Iterator[subprocess.Popen[str]]:
    """The process for `job`, which writes errors to a file; when this is left it has ended."""
    paths = [str(_KIT), *filter(None, [os.environ.get("PYTHONPATH")])]
    own = {
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONIOENCODING": "utf-8",
        "TMPDIR": str(errors.parent),
    }
    with errors.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "grader.parity.child"],
            env=_ENVIRONMENT | os.environ | own,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
    try:
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended already, and `_run` will say why
            process.stdin.write(json.dumps(asdict(job)))
            process.stdin.close()
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
