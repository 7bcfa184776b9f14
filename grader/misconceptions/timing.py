"""Mistakes in measuring time: JAX returns before the work is done."""

from __future__ import annotations

import ast
import re

from grader.misconceptions.evidence import Evidence
from grader.misconceptions.rule import DOCS, misconception

ASYNC = DOCS + "async_dispatch.html"
_LESSON = "ch01_arrays"


def _waits(e: Evidence) -> bool:
    return "wait" in f"{e.check} {e.rationale}"


@misconception(
    "a clock that is stopped before the result is ready",
    "Wait with jax.block_until_ready(result), then read the clock.",
    _LESSON,
    ASYNC,
)
def dispatch_only(e: Evidence) -> str | None:
    if not _waits(e) or e.called("block_until_ready"):
        return None
    if e.called("is_ready"):
        return "`is_ready` only asks whether the work is done; it does not wait for it."
    return "nothing waits for the result: the time measured is that of handing the work over."


@misconception(
    "a clock that is read before the waiting",
    "First jax.block_until_ready, then the second look at the clock.",
    _LESSON,
    ASYNC,
)
def clock_before_wait(e: Evidence) -> str | None:
    waits = [c.lineno for c in e.called("block_until_ready")]
    clocks = [c.lineno for c in e.called("perf_counter", "time", "monotonic")]
    if not _waits(e) or not waits or len(clocks) < 2 or sorted(clocks)[1] >= min(waits):
        return None
    return "the clock is stopped first and the result waited for afterwards."


@misconception(
    "waiting for a part of the result",
    "jax.block_until_ready takes any pytree and waits for all of its arrays.",
    _LESSON,
    ASYNC,
)
def waits_for_part(e: Evidence) -> str | None:
    if not _waits(e) or "every array" not in f"{e.check} {e.rationale}":
        return None
    waits = [ast.unparse(c.func) for c in e.called("block_until_ready")]
    if not waits or any(w.split(".")[0] in ("jax", "block_until_ready") for w in waits):
        return None
    return (
        f"`{waits[0]}()` waits for one array; the result may be a list, a dict or a tuple of them."
    )


@misconception(
    "a clock that stands still while Python waits",
    "Use time.perf_counter(): it counts the seconds that pass.",
    _LESSON,
    "https://docs.python.org/3/library/time.html#time.perf_counter",
)
def processor_time(e: Evidence) -> str | None:
    if "second" not in f"{e.check} {e.rationale}":
        return None
    for call in e.called("process_time", "thread_time"):
        return f"`{ast.unparse(call)}` counts the processor's time only."
    return None


@misconception(
    "the function called more than once",
    "Call it exactly once, between the two looks at the clock.",
    _LESSON,
    ASYNC,
)
def called_again(e: Evidence) -> str | None:
    found = re.search(r"called f (\d+) times", e.rationale)
    return f"f was called {found.group(1)} times." if found and found.group(1) != "1" else None


@misconception(
    "a function compiled although nobody asked for it",
    "Call f as it is: jit hands it tracers, and adds the time of compiling.",
    _LESSON,
    DOCS + "jit-compilation.html",
)
def measured_compiled(e: Evidence) -> str | None:
    if "was traced" not in e.rationale or not e.called("jit"):
        return None
    return f"`{ast.unparse(e.called('jit')[0])}` is what runs."


@misconception(
    "the two looks at the clock in the wrong place or order",
    "start before the call, stop after it: seconds = stop - start.",
    _LESSON,
    "https://docs.python.org/3/library/time.html#time.perf_counter",
)
def clock_misplaced(e: Evidence) -> str | None:
    found = re.search(r"got +(-?[\d.e-]+) s\b.*\nexpected +([\d.]+) s", e.shown)
    if not found or "number of seconds" not in e.rationale or not e.called("perf_counter", "time"):
        return None
    got, expected = float(found.group(1)), float(found.group(2))
    if got < 0:
        return "the time is negative: start minus stop."
    if got > 100 * expected:
        return f"{got:.4g} where {expected:.4g} seconds passed: these are smaller units."
    return "the clock is started after the call." if got < 0.05 * expected else None
