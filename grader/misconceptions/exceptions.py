"""Mistakes with what an answer refuses, and with calls that never end."""

from __future__ import annotations

import ast
import re

from grader.misconceptions.evidence import Evidence
from grader.misconceptions.rule import DOCS, misconception

_PYTHON = "https://docs.python.org/3/"


@misconception(
    "a wrong input that gets through",
    "Raise it: a wrong input must not give a result.",
    "ch01_arrays",
    _PYTHON + "tutorial/errors.html#raising-exceptions",
)
def no_exception(e: Evidence) -> str | None:
    if "returned a value where it must raise" not in e.rationale:
        return None
    caught = [n for n in e.nodes if isinstance(n, ast.ExceptHandler)]
    if caught:
        return f"`{ast.unparse(caught[0]).splitlines()[0]}` catches what should come out."
    tests = [n for n in e.nodes if isinstance(n, ast.Raise)]
    return (
        "no `raise` is reached for this input."
        if tests
        else "nothing in the code refuses this input."
    )


@misconception(
    "a message without the numbers",
    'Put both numbers into the text: f"{rows} rows, {devices} devices".',
    "ch09_devices",
    _PYTHON + "tutorial/errors.html#raising-exceptions",
)
def silent_exception(e: Evidence) -> str | None:
    if not re.search(r"must name|does not name", e.rationale) or e.error is None:
        return None
    return f"the text is {e.error.message.splitlines()[0]!r}."


@misconception(
    "another class of exception",
    "Raise the class that the description names.",
    "ch01_arrays",
    _PYTHON + "library/exceptions.html",
)
def other_exception(e: Evidence) -> str | None:
    if e.error is None or not e.line.startswith(("raise", "assert")) or "refuses" not in e.check:
        return None
    return f"`{e.line}` raises {e.error.type}."


@misconception(
    "a loop without end",
    "Follow the condition by hand on a small input: what makes it false?",
    "ch08_control_flow",
    DOCS + "control-flow.html",
)
def endless_loop(e: Evidence) -> str | None:
    if "no result within" not in e.rationale and "gave no answer" not in e.rationale:
        return None
    for node in e.nodes:
        if isinstance(node, ast.While):
            return f"`while {ast.unparse(node.test)}` did not come to an end in time."
    if e.called("while_loop"):
        return "the condition of lax.while_loop did not become false in time."
    return None
