"""Probes in the grader's own process, for debugging."""

from __future__ import annotations

from typing import Any

from grader.model import Outcome
from grader.submission import Submission
from grader.waiting import Known, Waiting
from grader.worker.host import Clock
from grader.worker.replies import read_outcome
from grader.worlds import Call, LoadFailure, World, Worlds


class InProcessWorlds(Worlds):
    """Runs probes in this very process, for debugging.

    With `catch=False` exceptions of the learner's code come out as they are, so that `pdb` works.
    There is no deadline and no protection, and settings that must be made before JAX starts are those
    of the first world used.
    """

    def start(self, world: World, call: Call) -> Waiting:
        return Known(self._run(world, call))

    def timed(self, world: World, call: Call) -> tuple[Outcome, Clock]:
        outcome = self._run(world, call)
        return outcome, Clock(outcome.duration, 0.0)

    def renew(self, world: World) -> None:
        self._sessions.pop(world, None)

    def _texts(self, submission: Submission) -> dict[str, tuple[str, str]]:
        return submission.texts_with_paths

    def __init__(self, *args: Any, catch: bool = True) -> None:
        super().__init__(*args)
        self._catch = catch
        self._sessions: dict[World, Any] = {}

    def _run(self, world: World, call: Call) -> Outcome:
        return read_outcome(self._session(world).call(call.request), lambda: "")

    def _session(self, world: World) -> Any:
        from grader.worker import child  # starts JAX here, which only debugging wants

        if world not in self._sessions:
            session = child.Session(catch=self._catch or world.role == "reference")
            child.prepare(world.devices, world.x64, world.optimised)
            loaded = read_outcome(session.load(self._load_request(world)), lambda: "")
            if loaded.kind != "value":
                raise LoadFailure(loaded)
            self._sessions[world] = session
        return self._sessions[world]
