"""What a worker replied, as an `Outcome`; it may have been written by a stranger's code.

Every field has its type, numbers their range, texts and lists their length. Nothing else is let in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from grader.model import Frame, Outcome, Raised
from grader.worker import wire
from grader.worker.decode import decode

_KEYS = {
    "value": {"value"},
    "raised": {"error"},
    "refused": {"reason"},
}
_FACTS = {
    *("nonce", "kind", "buffers", "duration", "compilations", "compile_s"),
    *("changed", "leaked", "replaced"),
}
_MAX_SECONDS = 1e6
_MAX_COUNT = 10**6


def read_outcome(reply: dict[str, Any], printed: Callable[[], str]) -> Outcome:
    """A worker's reply as an `Outcome`.

    Raises:
        wire.WireError: the reply breaks the protocol.
    """
    kind = reply.get("kind")
    if kind not in ("value", "raised", "refused"):
        raise wire.WireError("an unknown kind of reply")
    _demand_keys(reply, _KEYS[kind], _FACTS)
    if kind != "value" and reply.get("buffers"):
        raise wire.WireError("buffers where there is no value")
    found = {"value": None, "error": None, "reason": ""} | reply
    return Outcome(
        "crashed" if kind == "refused" else kind,
        value=decode(found["value"], found["buffers"]) if kind == "value" else None,
        error=_read_error(found["error"]) if kind == "raised" else None,
        detail=wire.text(found["reason"])[:200],
        compilations=_whole(reply.get("compilations", 0), wire.UNCOUNTED, _MAX_COUNT),
        compile_seconds=_seconds(reply.get("compile_s", 0.0)),
        changed=wire.text(reply.get("changed", ""))[:200],
        leaked=wire.text(reply.get("leaked", ""))[:100],
        replaced=tuple(wire.text(name)[:100] for name in _list(reply.get("replaced", []), 8)),
        duration=_seconds(reply.get("duration", 0.0)),
        printed=printed(),
    )


def _read_error(error: Any) -> Raised:
    if not isinstance(error, dict):
        raise wire.WireError("an exception without a description")
    _demand_keys(error, {"types", "message", "frames"})
    types = tuple(wire.text(name)[:100] for name in _list(error["types"], 32))
    frames = tuple(_read_frame(frame) for frame in _list(error["frames"], 16))
    return Raised(types or ("Exception",), wire.text(error["message"])[:4000], frames)


def _read_frame(frame: Any) -> Frame:
    if not isinstance(frame, list) or len(frame) != 3:
        raise wire.WireError("a line of a traceback that is none")
    line, function, text = frame
    return Frame(_whole(line, 0, 2**31), wire.text(function)[:200], wire.text(text)[:400])


def _demand_keys(
    found: dict[str, Any], needed: set[str], allowed: set[str] | frozenset[str] = frozenset()
) -> None:
    if needed - found.keys() or found.keys() - needed - allowed:
        raise wire.WireError("a dictionary with keys missing, or unknown ones")


def _list(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise wire.WireError("a list that is none, or too long")
    return value


def _whole(value: Any, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise wire.WireError("a whole number that is none, or out of range")
    return value


def _seconds(value: Any) -> float:
    if type(value) is not float or not math.isfinite(value) or not 0 <= value <= _MAX_SECONDS:
        raise wire.WireError("a time that is none, or out of range")
    return value
