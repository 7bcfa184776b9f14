"""Mistakes with scan, while_loop, fori_loop and cond that JAX itself refuses."""

from __future__ import annotations

import ast
import re

from grader.misconceptions.evidence import Evidence
from grader.misconceptions.rule import DOCS, misconception


@misconception(
    "a gradient through a loop that may turn any number of times",
    "Use lax.scan, or a loop with fixed bounds: reverse mode must store every turn.",
    "ch08_control_flow",
    DOCS + "control-flow.html",
)
def reverse_through_while(e: Evidence) -> str | None:
    if not e.says("Reverse-mode differentiation does not work for lax.while_loop"):
        return None
    loop = "fori_loop with traced bounds" if e.uses("fori_loop") else "while_loop"
    return f"reverse mode met a lax.{loop}."


@misconception(
    "values where lax.cond takes functions",
    "Pass two functions and their arguments: lax.cond(c, f, g, y); or choose values with jnp.where.",
    "ch08_control_flow",
    DOCS + "_autosummary/jax.lax.cond.html",
)
def cond_of_values(e: Evidence) -> str | None:
    if not e.raised("TypeError") or not e.called("cond") or not e.says("callable"):
        return None
    return f"`{ast.unparse(e.called('cond')[0])}` computes both results beforehand."


@misconception(
    "a scan body that does not return a pair",
    "Return (new carry, output), for example `return y, y`; the output may be None.",
    "ch08_control_flow",
    DOCS + "_autosummary/jax.lax.scan.html",
)
def scan_without_pair(e: Evidence) -> str | None:
    if not e.says("scan body output must be a pair"):
        return None
    got = re.search(r"must be a pair, got (\w+\[[\d,]*\])", e.error.message) if e.error else None
    return f"the body returns {got[1]} alone." if got else "the body returns something else."


@misconception(
    "a loop whose state changes its structure",
    "Return the state in the containers that it came in. The body of scan returns (new carry, output).",
    "ch08_control_flow",
    DOCS + "pytrees.html",
)
def carry_changes_structure(e: Evidence) -> str | None:
    if not e.says("carry") or not e.says("pytree structure"):
        return None
    return "what a turn of the loop returns is another pytree than what it was given."


@misconception(
    "a division that makes floats of whole numbers",
    "Use // in the loop: n / 2 is a float, n // 2 stays an integer, and a state must keep its type.",
    "ch08_control_flow",
    DOCS + "_autosummary/jax.lax.while_loop.html",
)
def division_in_state(e: Evidence) -> str | None:
    if not e.says("carry") or not e.says("has type int", "has type uint"):
        return None
    if not e.says("component has type float"):
        return None
    for node in e.nodes:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            return f"`{ast.unparse(node)}` is a float, and the state began as an integer."
    return None


@misconception(
    "a loop whose state changes its type",
    "Start the state with the dtype and shape that the body returns: 1.0 or jnp.zeros_like, // for whole numbers.",
    "ch08_control_flow",
    DOCS + "control-flow.html",
)
def carry_changes_type(e: Evidence) -> str | None:
    if not e.says("carry") or not e.says("type") or e.says("key reuse"):
        return None
    return "what a turn of the loop returns has another dtype or shape than what it was given."
