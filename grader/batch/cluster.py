"""A Dask cluster as the pool of a batch: every node has the kit and the pack, and grades what it is sent.

    sender                              node
    packed submission, settings  ---->  grades with a grader of its own, one submission at a time
    report or refusal            <----  as JSON: nothing that a node says is unpickled here by the grader

A node that is lost makes the scheduler send its submission to another one. One that loses node after node
is given up by the scheduler (`allowed-failures`), and gets an error for its verdict.
"""

from __future__ import annotations

import contextlib
import functools
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Any, Self

from grader.batch.scheduler import connected
from grader.batch.unit import Settings, prepare
from grader.errors import GraderError, InternalError, IsolationError, PackError, UsageError
from grader.text import one_line

_NODES_SECONDS = 10.0  # until the first node is there
_READY_SECONDS = (
    180.0  # until the nodes have looked at themselves; the first import of JAX may be slow
)
_REFUSALS = {kind.__name__: kind for kind in (UsageError, PackError, IsolationError, InternalError)}

# What runs on the nodes.

_one_at_a_time = threading.Lock()  # a run redirects the output of its process


def on_node(call: Callable[..., Any], *arguments: Any) -> bytes:
    """`call(*arguments)` on this node, as JSON: what it returns, or why the node refuses."""
    node = _name()
    with _one_at_a_time:
        try:
            return json.dumps({"node": node, "result": call(*arguments)}).encode()
        except GraderError as error:
            kind, why = type(error).__name__, str(error)
        except Exception as error:
            kind, why = "InternalError", f"{type(error).__name__}: {error}"
    return json.dumps({"node": node, "refusal": kind, "why": why}).encode()


def _name() -> str:
    """What people find this node by."""
    from distributed import get_worker

    return f"{socket.gethostname()} ({get_worker().address})"


# What runs here.


@dataclass(frozen=True)
class Node:
    """A node that agrees with the sender: how well it keeps submissions apart, how many it could run at once."""

    name: str
    isolation: str
    threads: int


class ClusterPool:
    """The nodes of a Dask scheduler.

    Args:
        address: of the scheduler, such as tcp://host:8786, or its scheduler file.
        settings: what the nodes must agree with.

    Raises:
        UsageError: the scheduler cannot be reached, has no nodes, or a node differs from here.
        IsolationError: a node has less isolation than required.
    """

    def __init__(self, address: str, settings: Settings) -> None:
        self.address = one_line(address)
        self._client = connected(address, self.address)
        self._executor = self._client.get_executor(pure=False)
        try:
            self.nodes = self._look_at_nodes(settings)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def width(self) -> int:
        """One submission for each node that is there now; at least one, which waits for a node."""
        return max(1, len(self._threads()))

    def submit(self, call: Callable[..., Any], *args: Any) -> Future[Any]:
        """Have some node run `call(*args)`; what the node refuses is raised by the future."""
        outer: Future[Any] = Future()
        outer.set_running_or_notify_cancel()
        try:
            inner = self._executor.submit(on_node, call, *args)
        except Exception:
            raise self._gone() from None
        inner.add_done_callback(functools.partial(self._answer, outer))
        return outer

    def _answer(self, outer: Future[Any], inner: Future[bytes]) -> None:
        """Pass on what has become of a submission."""
        if inner.cancelled():
            outer.set_exception(self._gone())
        elif (error := inner.exception()) is not None:
            outer.set_exception(_as_ours(error))
        else:
            try:
                outer.set_result(_result(inner.result()))
            except GraderError as error:
                outer.set_exception(error)

    def lost(self, error: BaseException) -> bool:
        """Never: the scheduler itself sends what a lost node had to another."""
        return False

    def waits_for(self) -> str:
        """That there is no node, while there is none."""
        if self._threads():
            return ""
        return (
            f"No worker is left at {self.address}; grading goes on once there is one. Ctrl-C ends it: the "
            "same command goes on from here."
        )

    def close(self) -> None:
        """Leave the cluster; what it is doing for us is given up."""
        with contextlib.suppress(Exception):  # it may have gone
            self._executor.shutdown(wait=False)
        self._client.close(timeout=2)

    def described(self) -> Iterator[str]:
        """The nodes in lines for people: how many with which isolation, and what is amiss."""
        levels: dict[str, list[str]] = {}
        for node in self.nodes:
            levels.setdefault(node.isolation, []).append(node.name)
        counts = ", ".join(f"{len(names)} {level}" for level, names in levels.items())
        nodes = "1 node" if len(self.nodes) == 1 else f"{len(self.nodes)} nodes"
        yield f"{nodes} at {self.address}. Isolation: {counts}."
        if len(levels) > 1:
            for level, names in levels.items():
                yield f"  {level}: {', '.join(names)}"
        wide = [node.name for node in self.nodes if node.threads > 1]
        if wide:
            yield (
                f"{len(wide)} of them have more than one thread, and grade one submission at a time all "
                "the same: start more workers with --nthreads 1."
            )

    def _threads(self) -> Mapping[str, int]:
        """The threads of every node, by its address."""
        try:
            threads: Mapping[str, int] = self._client.nthreads()
        except Exception:
            raise self._gone() from None
        return threads

    def _gone(self) -> UsageError:
        return UsageError(
            f"The scheduler at {self.address} has gone. Once there is one again, the same command goes "
            "on from here."
        )

    def _look_at_nodes(self, settings: Settings) -> tuple[Node, ...]:
        """Every node that is there now, after it has compared itself with the settings."""
        end = time.monotonic() + _NODES_SECONDS
        while not (threads := self._threads()):
            if time.monotonic() > end:
                raise UsageError(
                    f"The scheduler at {self.address} has no workers. Start some with "
                    f"`dask worker {self.address} --nthreads 1`, each where the kit is installed."
                )
            time.sleep(0.2)
        asked = {
            address: self._executor.submit(on_node, prepare, settings, workers=[address])
            for address in threads
        }
        wait(asked.values(), timeout=_READY_SECONDS)
        return tuple(
            Node(*_prepared(address, future), threads[address]) for address, future in asked.items()
        )


def _prepared(address: str, future: Future[bytes]) -> tuple[str, str]:
    """The name of a node and its level of isolation."""
    if not future.done():
        raise UsageError(
            f"The node {address} has not answered within {_READY_SECONDS:.0f} s. End what keeps it busy, or "
            "leave it out."
        )
    if future.cancelled() or (error := future.exception()) is not None:
        why = "it has gone" if future.cancelled() else one_line(f"{type(error).__name__}: {error}")
        raise UsageError(
            f"The node {address} cannot grade ({why}). Install the kit there, and its packages."
        )
    reply = _reply(future.result())
    return reply["node"], _result(future.result())


def _as_ours(error: BaseException) -> GraderError:
    """What is said of a submission that has no report."""
    from distributed import KilledWorker

    if isinstance(error, KilledWorker):
        return InternalError(
            f"{error.allowed_failures + 1} nodes were lost while grading this, the last one "
            f"{error.last_worker.address}."
        )
    return UsageError(
        f"A node cannot grade ({one_line(f'{type(error).__name__}: {error}')}). Install the kit there, and "
        "its packages."
    )


def _reply(data: bytes) -> dict[str, Any]:
    reply = json.loads(data)
    if not isinstance(reply, dict) or not isinstance(reply.get("node"), str):
        raise InternalError("A node has given an answer that is none.")
    return reply


def _result(data: bytes) -> Any:
    """What the node has found.

    Raises:
        GraderError: it refuses.
    """
    reply = _reply(data)
    if "refusal" in reply:
        kind = _REFUSALS.get(reply["refusal"], InternalError)
        raise kind(f"The node {reply['node']} refuses: {reply['why']}")
    return reply["result"]
