"""What may be told of a stranger's process in which parts of the reference are at work.

Where an earlier exercise is unsolved, the reference stands in for it, in the answer's own process. An
answer could look for it there, and have what it finds shown to its author. So all that such a process can
say in words of its own is dropped: texts of exceptions but for a few numbers, what it printed, names and
reprs of objects.
"""

from __future__ import annotations

import builtins
import re
from dataclasses import replace
from typing import Any

from grader.explain import ADVICE
from grader.model import Frame, Outcome, Raised
from grader.worker.wire import Opaque, Record

_KNOWN_CLASSES = {name for name, _ in ADVICE} | {
    name for name, value in vars(builtins).items() if isinstance(value, type)
}
_NUMBER = re.compile(r"(?<!\d)\d{1,5}(?!\d)")
_NUMBERS = 6  # of an exception's text: enough for the sizes that it must name
_MAX_TEXT = 16  # characters of a text among the values: enough for a dtype


def sealed(outcome: Outcome) -> Outcome:
    """`outcome` with its kind, numbers, shapes, dtypes and lines, and without words of its own."""
    return replace(
        outcome,
        value=_value(outcome.value),
        error=_error(outcome.error) if outcome.error else None,
        printed="",
        leaked="a global" if outcome.leaked else "",
        changed="the arguments are not what they were" if outcome.changed else "",
        replaced=(),
        detail=outcome.detail,
    )


def _error(error: Raised) -> Raised:
    types = tuple(name for name in error.types if name in _KNOWN_CLASSES) or ("Exception",)
    frames = tuple(Frame(frame.line, "", "") for frame in error.frames)
    return Raised(types, " ".join(_NUMBER.findall(error.message)[:_NUMBERS]), frames, withheld=True)


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return value[:_MAX_TEXT]
    if isinstance(value, Opaque):
        return Opaque(value.kind[:_MAX_TEXT], "an object", "")
    if isinstance(value, Record):
        fields = tuple(name[:_MAX_TEXT] for name in value.fields)
        return Record(value.type_name[:_MAX_TEXT], fields, _value(value.values))
    if isinstance(value, list | tuple):
        return type(value)(map(_value, value))
    if isinstance(value, dict):
        return {_value(key): _value(item) for key, item in value.items()}
    return value
