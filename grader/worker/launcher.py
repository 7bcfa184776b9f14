"""Starting workers, and proving how well they are isolated before a stranger's code runs in one."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable
from pathlib import Path

from grader.errors import InternalError, IsolationError
from grader.model import LEVELS, Isolation, weakest
from grader.worker import linux
from grader.worker.canary import SEEING_NAMES
from grader.worker.host import Worker
from grader.worker.places import find_places
from grader.worker.processes import HAS_ZYGOTES, MECHANISMS, SpawnedProcess, Zygote

_CANARY_SECONDS = 60.0


class Launcher:
    """Starts workers; one zygote for each set of libraries to have at hand.

    Args:
        secrets: folders that no worker may read; the canary tries a file of the first one.
        required: the level of isolation (one of `LEVELS`) without which no worker is started.
        mechanisms: what may be used to lock workers down.
        most_workers: how many a submission may have at a time; each takes some 100 MB. At least 2: the
            answer and the reference are asked side by side.
    """

    def __init__(
        self,
        secrets: Iterable[Path] = (),
        required: str = LEVELS[0],
        mechanisms: tuple[str, ...] = MECHANISMS,
        most_workers: int = 32,
    ) -> None:
        self.most_workers = most_workers
        self.sound: set[Hashable] = set()  # the kinds of workers in which JAX was seen to run
        self._secrets = tuple(secrets)
        self._required = required
        self._mechanisms = mechanisms
        self._places = find_places(self._secrets)
        self._zygotes: dict[tuple[str, ...], Zygote] = {}
        self._proved: dict[tuple[str, ...], Isolation] = {}
        linux.hide()  # from the workers, which are of the same user

    def warm(self, preload: Iterable[str] = ()) -> None:
        """Start the zygote for `preload` in the background, if this platform has zygotes."""
        key = tuple(preload)
        if HAS_ZYGOTES and key not in self._zygotes:
            self._zygotes[key] = Zygote(key, self._places, self._mechanisms)

    def start(self, preload: Iterable[str] = (), trusted: bool = False) -> Worker:
        """A new worker process, locked down as far as this machine allows.

        Args:
            trusted: whether it will run nobody's code but the pack's, and may keep its rights.

        Raises:
            IsolationError: that is less than `required`.
        """
        key = tuple(preload)
        if key not in self._proved:
            self._proved[key] = self._prove(key)
        return self._start(key, trusted)

    def isolation(self) -> Isolation:
        """How well the workers started so far are isolated: the weakest that canaries have proved.

        Raises:
            IsolationError: that is less than `required`.
        """
        if not self._proved:
            self._proved[()] = self._prove(())
        return weakest(self._proved.values())

    def _start(self, key: tuple[str, ...], trusted: bool = False, again: bool = False) -> Worker:
        self.warm(key)
        zygote = self._zygotes.get(key)
        if zygote is None or not zygote.forks:
            return Worker(SpawnedProcess(key, self._places, self._mechanisms, trusted))
        try:
            return Worker(zygote.fork(trusted))
        except (OSError, EOFError):  # the zygote is gone; a new one takes its place, once
            if again:
                raise InternalError("the worker zygote ends whenever it is to fork") from None
            zygote.close()
            del self._zygotes[key]
            self._proved[key] = self._prove(key, again=True)
            return self._start(key, trusted, again=True)

    def _prove(self, key: tuple[str, ...], again: bool = False) -> Isolation:
        found = self._attempt(key, again) if linux.known() else Isolation(LEVELS[0])
        if LEVELS.index(found.level) < LEVELS.index(self._required):
            raise IsolationError(_too_weak(found, self._required))
        return found

    def _attempt(self, key: tuple[str, ...], again: bool) -> Isolation:
        """What a canary finds out in a worker of its own."""
        file = _first_file(self._secrets)
        worker = self._start(key, again=again)
        try:
            request = {
                "op": "canary",
                "file": str(file),
                "mode": file.stat().st_mode & 0o7777,
                "grader": os.getpid(),
            }
            outcome = worker.start(request, _CANARY_SECONDS).result()
        finally:
            worker.stop()
        if outcome.kind != "value":
            raise InternalError(f"the isolation could not be tried out: {outcome.detail}")
        zygote = self._zygotes.get(key)
        outside = ("bwrap",) if zygote is not None and zygote.in_bubblewrap else ()
        mechanisms = (*outside, *outcome.value["mechanisms"])
        through = tuple(outcome.value["through"])
        return Isolation(_level(through, mechanisms), mechanisms, outcome.value["tried"], through)

    def close(self) -> None:
        """End every process that was started here."""
        for zygote in self._zygotes.values():
            zygote.close()
        self._zygotes.clear()


def _level(through: tuple[str, ...], mechanisms: tuple[str, ...]) -> str:
    if not through:
        return "FULL"
    if through == (SEEING_NAMES,):
        return "FILTERED"
    return "PARTIAL" if set(mechanisms) - {"rlimits"} else "PROCESS-ONLY"


def _first_file(folders: Iterable[Path]) -> Path:
    """A file that no worker may read."""
    found = (path for folder in folders for path in sorted(folder.glob("*.*")) if path.is_file())
    return next(found, Path(__file__))


def _too_weak(found: Isolation, required: str) -> str:
    """Why code of others is not run here, and what to do about it."""
    by = ", ".join(found.mechanisms) or "nothing but processes of their own"
    lines = [
        f"Isolation {required} is required, and this machine offers {found.level} ({by}).",
        *(f"  A submission could do this: it {attack}." for attack in found.through[:5]),
        "On Linux, install bubblewrap (the command bwrap), or grade in a container or a virtual machine; "
        "SECURITY.md says how.",
        f"If you trust the code that is graded: --require-isolation {found.level}",
    ]
    return "\n".join(lines)
