"""The worlds in which probes run: workers for the answer and for the reference, kept while useful.

The same code serves both. A worker holds one chapter; the next chapter gets new ones. What the reference
answered is remembered, since every submission meets the same inputs.
"""

from __future__ import annotations

import functools
import hashlib
import time
from dataclasses import dataclass, replace
from typing import Any, Literal

import cloudpickle

from grader.memory import ReferenceMemory
from grader.model import Outcome, Times
from grader.pack import Pack
from grader.sealing import sealed
from grader.submission import Submission, read_submission
from grader.text import one_line
from grader.waiting import Known, Noted, Told, Waiting
from grader.worker.host import Clock, Worker
from grader.worker.launcher import Launcher

Role = Literal["answer", "reference", "program"]
_OURS = cloudpickle.dumps(lambda m: m.jax.jit(lambda x: x + 1)(m.jax.numpy.zeros(3)))
_MOST_REPLACED = 20
_MOST_TIMEOUTS = 90  # what all calls of a submission together may take, in timeouts of one call


@dataclass(frozen=True)
class World:
    """Which process runs a probe: whose code, which chapter, under which settings.

    Only where time is measured does XLA optimise its machine code: without that it compiles a quarter faster.

    In the role "program" there is nobody's code and no chapter: the module under test is
    `grader.worker.programs`.
    """

    role: Role
    chapter: str
    devices: int = 1
    x64: bool = False
    optimised: bool = False
    stand_ins: tuple[str, ...] = ()


@dataclass(frozen=True)
class Call:
    """A probe and its arguments, pickled; `compile` asks for the probe as one jitted program."""

    probe: bytes
    args: bytes
    compile: bool = False

    @property
    def key(self) -> bytes:
        """A digest of the call."""
        parts = (self.probe, self.args, bytes([self.compile]))
        digests = b"".join(hashlib.sha256(part).digest() for part in parts)
        return hashlib.sha256(digests).digest()

    @property
    def request(self) -> dict[str, Any]:
        return {
            "op": "call",
            "probe": self.probe,
            "args": self.args,
            "compile": self.compile,
            "timed": False,
        }


class LoadFailure(Exception):
    """The chapter's file could not be executed; `outcome` says how."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.kind)
        self.outcome = outcome


class Worlds:
    """Runs probes for one submission. `lost` says whether a process of its answers hung or crashed.

    Args:
        closed: whether nothing may come out of a process in which the reference stands in for something.
    """

    def __init__(
        self,
        pack: Pack,
        submission: Submission,
        launcher: Launcher,
        memory: ReferenceMemory,
        timeout: float,
        closed: bool = False,
    ) -> None:
        self.pack = pack
        self.submission = submission
        self.timeout = timeout
        self._left = _MOST_TIMEOUTS * timeout
        self.times = Times()
        self.replaced: set[str] = set()
        self.lost = False
        self._closed = closed
        self._launcher = launcher
        self._memory = memory
        self._reference = read_submission(pack.solutions_dir, pack)
        self._workers: dict[World, Worker] = {}
        self._failures: dict[World, Outcome] = {}
        self._hung: dict[tuple[Role, str], Outcome] = {}

    def start(self, world: World, call: Call) -> Waiting:
        """Have `call` run in `world`.

        Raises:
            LoadFailure: the chapter's file could not be executed there.
        """
        if world.role == "answer":
            if self._left <= 0:
                return Known(self._used_up())
            asked = time.monotonic()
            waiting = self._worker(world).start(call.request, self.timeout)
            note = functools.partial(self._note, world, asked)
            return Noted(Told(waiting, functools.partial(self._told, world)), note)
        if world.role == "program":
            return self._worker(world).start(call.request, self.timeout)
        key = call.key
        known = self._memory.get(world, key)
        if known is not None:
            return Known(known)
        worker = self._worker(world)
        waiting = worker.start(call.request, self.timeout)
        return Noted(waiting, lambda found: self._memory.keep(world, key, found, worker.frame))

    def _told(self, world: World, outcome: Outcome) -> Outcome:
        """What of an outcome of `world` may be told."""
        return sealed(outcome) if self._closed and world.stand_ins else outcome

    def _used_up(self) -> Outcome:
        allowed = _MOST_TIMEOUTS * self.timeout
        return Outcome(
            "timed out", detail=f"no answer: the calls before have used up {allowed:g} s in all"
        )

    def _note(self, world: World, asked: float, outcome: Outcome) -> None:
        self._left -= time.monotonic() - asked
        self.lost = self.lost or outcome.kind in ("timed out", "crashed")
        self.times.count(outcome)
        self._note_replaced(world, outcome)

    def _note_replaced(self, world: World, outcome: Outcome) -> None:
        names = [one_line(name, 100) for name in outcome.replaced]
        if len(self.replaced) < _MOST_REPLACED:
            self.replaced |= {f"{world.chapter}.py replaces {name}" for name in names}

    def timed(self, world: World, call: Call) -> tuple[Outcome, Clock]:
        """The outcome of the call and its times; see `Worker.timed`."""
        asked = time.monotonic()
        outcome, clock = self._worker(world).timed(call.request, self.timeout)
        if world.role == "answer":
            outcome = self._told(world, outcome)
            self._note(world, asked, outcome)
        return outcome, clock

    def running_jax(self, world: World) -> Outcome:
        """What becomes of a program of ours in a new process with the settings of `world`."""
        ours = replace(world, role="program", chapter="", stand_ins=())
        if ours not in self._launcher.sound:
            self.renew(ours)
            try:
                outcome = self.start(ours, Call(_OURS, cloudpickle.dumps(()))).result()
            except LoadFailure as failure:
                outcome = failure.outcome
            if outcome.kind != "value":
                return outcome
            self._launcher.sound.add(ours)
        return Outcome("value")

    def loads(self, world: World) -> bool:
        """Whether the chapter's file can be executed in `world`."""
        try:
            self._worker(world)
        except LoadFailure:
            return False
        return True

    def renew(self, world: World) -> None:
        """Forget the worker of `world`: the next call gets a new process with empty caches."""
        worker = self._workers.pop(world, None)
        if worker is not None:
            worker.stop()

    def _worker(self, world: World) -> Worker:
        failure = self._failures.get(world) or self._hung.get((world.role, world.chapter))
        if failure is not None:
            raise LoadFailure(failure)
        worker = self._workers.get(world)
        if worker is None or not worker.alive:
            self._leave_other_chapters(world.chapter)
            self._make_room(world)
            start = time.perf_counter()
            worker = self._launcher.start(self._preload(world), world.role == "reference")
            outcome = self._told(world, worker.load(self._load_request(world), self.timeout))
            if world.role == "answer":
                self.times.starting += time.perf_counter() - start
                self._note_replaced(world, outcome)
            if outcome.kind != "value":
                worker.stop()
                outcome = self._unsealed(world, outcome)
                self._failures[world] = outcome
                if outcome.kind == "timed out":  # it would hang under other settings too
                    self._hung[world.role, world.chapter] = outcome
                raise LoadFailure(outcome)
        else:
            del self._workers[world]
        self._workers[world] = worker  # the one used last comes last
        return worker

    def _unsealed(self, world: World, failure: Outcome) -> Outcome:
        """The same failure to load where no reference stands in, which may be told; else `failure`."""
        if self._closed and world.stand_ins and failure.kind == "raised":
            try:
                self._worker(replace(world, stand_ins=()))
            except LoadFailure as found:
                if sealed(found.outcome).error == failure.error:
                    return found.outcome
        return failure

    def _preload(self, world: World) -> tuple[str, ...]:
        return self.pack.chapter(world.chapter).requires if world.chapter else ()

    def _load_request(self, world: World) -> dict[str, Any]:
        """What a worker needs in order to become `world`."""
        sources = {
            "answer": self._texts(self.submission),
            "reference": self._texts(self._reference),
        }
        return {
            "chapter": world.chapter,
            "texts": {name: list(text) for name, text in sources.get(world.role, {}).items()},
            "stand_ins": list(world.stand_ins),
            "stand_in_code": self.pack.stand_in_code(
                self.pack.chapter(world.chapter), world.stand_ins
            )
            if world.stand_ins
            else b"",
            "devices": world.devices,
            "x64": world.x64,
            "optimised": world.optimised,
        }

    def _texts(self, submission: Submission) -> dict[str, tuple[str, str]]:
        return submission.texts

    def _leave_other_chapters(self, chapter: str) -> None:
        """End the workers of other chapters; one of no chapter serves them all."""
        for world in [w for w in self._workers if chapter and w.chapter and w.chapter != chapter]:
            self.renew(world)

    def _make_room(self, world: World) -> None:
        """End the workers that were not used for longest, where only so many may live at a time."""
        self._workers.pop(world, None)  # it has ended
        while len(self._workers) >= self._launcher.most_workers:
            self.renew(next(iter(self._workers)))

    def close(self) -> None:
        """End all workers of this submission."""
        for world in list(self._workers):
            self.renew(world)
