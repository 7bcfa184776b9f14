"""Mistakes with functions that are not pure: updates in place, hidden state, printing."""

from __future__ import annotations

import ast
import re

from grader.misconceptions.evidence import MISSING, Evidence
from grader.misconceptions.rule import DOCS, GOTCHAS, misconception

_UPDATES = {"set", "add", "multiply", "min", "max", "apply", "mul", "divide", "power"}
_MUTATORS = {"append", "extend", "setdefault", "update", "add", "insert", "pop"}


@misconception(
    "an update in place of an array that cannot change",
    "Write x = x.at[i].set(v), or .add(v), and go on with the new array.",
    "ch06_gotchas",
    GOTCHAS,
)
def item_assignment(e: Evidence) -> str | None:
    if not e.says("JAX arrays are immutable", "does not support item assignment"):
        return None
    return f"`{e.line}` assigns to a part of a jax.Array."


@misconception(
    "an .at[...] update whose result is thrown away",
    "Keep what it returns: x = x.at[i].set(v), or x = x.at[i].add(v).",
    "ch06_gotchas",
    DOCS + "_autosummary/jax.numpy.ndarray.at.html",
)
def update_thrown_away(e: Evidence) -> str | None:
    for node in e.nodes:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            text = ast.unparse(node)
            method = text.rpartition("(")[0] and ast.unparse(node.value.func).split(".")[-1]
            if ".at[" in text and method in _UPDATES and e.error is None:
                return f"`{text}` returns a new array and leaves the old one as it is."
    return None


@misconception(
    "an argument whose buffer is given away (donated)",
    "Leave donate_argnums out, unless nobody needs the argument afterwards.",
    "ch06_gotchas",
    DOCS + "_autosummary/jax.jit.html",
)
def donated_argument(e: Evidence) -> str | None:
    donates = "donate_arg" in e.text
    if not donates or not ("changed its arguments" in e.rationale or e.says("deleted")):
        return None
    return "the function is compiled with donate_argnums, so its input is gone after the call."


@misconception(
    "arguments that are changed on the way",
    "Build a new value: a copy of the list, x.at[...] of the array.",
    "ch06_gotchas",
    GOTCHAS,
)
def changed_arguments(e: Evidence) -> str | None:
    if "changed its arguments" not in e.rationale:
        return None
    for call in e.called("pop", "append", "extend", "insert", "clear", "sort"):
        owner = ast.unparse(call.func).split(".")[0]
        if owner not in e.parameters:
            continue
        return f"`{ast.unparse(call)}` works on the caller's own list."
    return "after the call the caller's own values are no longer what they were."


@misconception(
    "Python's print inside a traced function",
    "Use jax.debug.print('{}', x): it prints the value, at every run of the program.",
    "ch06_gotchas",
    DOCS + "debugging/print_breakpoint.html",
)
def python_print(e: Evidence) -> str | None:
    if "print" not in f"{e.check} {e.rationale}":
        return None
    calls = [node for node in ast.walk(e.code) if isinstance(node, ast.Call)]
    inside = [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "print"]
    if "Tracer" in e.printed or "Traced<" in e.printed:
        if inside:
            return (
                f"`{ast.unparse(inside[0])}` ran while the function was traced: it shows a tracer."
            )
        return None
    traced = any("jit" in ast.unparse(d) for d in getattr(e.code, "decorator_list", []))
    if inside and traced:
        return f"`{ast.unparse(inside[0])}` runs while the function is traced, not at every call."
    return None


@misconception(
    "a text that is formatted while the function is traced",
    "Leave the formatting to jax.debug.print: a plain '{}' and the values as arguments.",
    "ch06_gotchas",
    DOCS + "debugging/print_breakpoint.html",
)
def formatted_too_early(e: Evidence) -> str | None:
    if "print" not in f"{e.check} {e.rationale}":
        return None
    for call in e.called("print"):
        if "debug" in ast.unparse(call.func) and any(
            isinstance(a, ast.JoinedStr) for a in call.args
        ):
            return f"`{ast.unparse(call)}` puts the tracer's name into the text."
    return None


def _globals_changed(e: Evidence) -> str:
    """How the exercise changes what lies outside of it; "" if it does not."""
    for node in ast.walk(e.code):
        if isinstance(node, ast.Global):
            return f"`global {', '.join(node.names)}`"
    outside = {
        target.id
        for statement in e.tree.body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        and isinstance(statement.value, ast.List | ast.Dict | ast.Set | ast.Call)
        for target in ast.walk(statement)
        if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store)
    }
    local = {n.id for n in ast.walk(e.code) if isinstance(n, ast.Name) and _stores(n)}
    for node in ast.walk(e.code):
        if isinstance(node, ast.Subscript) and _stores(node):
            if isinstance(node.value, ast.Name) and node.value.id in outside - local:
                return f"`{ast.unparse(node)} = ...`"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if node.func.attr in _MUTATORS and isinstance(owner, ast.Name):
                if owner.id in outside - local:
                    return f"`{ast.unparse(node.func)}(...)`"
    return ""


def _stores(node: ast.Name | ast.Subscript) -> bool:
    return isinstance(node.ctx, ast.Store)


@misconception(
    "state that hides outside the function",
    "Take the state as an argument and return the new one; then every call stands alone.",
    "ch06_gotchas",
    DOCS + "stateful-computations.html",
)
def hidden_state(e: Evidence) -> str | None:
    asked = re.search(r"global|anew|however often|same key|repeats", f"{e.check} {e.rationale}")
    other = e.got is not MISSING and e.expected is not MISSING and not _other_dtype(e)
    if e.error is not None or not (asked or other):
        return None
    how = _globals_changed(e)
    return f"{how} remembers something from one call to the next." if how else None


def _other_dtype(e: Evidence) -> bool:
    return any(a.dtype.kind != b.dtype.kind for a, b in e.leaves)
