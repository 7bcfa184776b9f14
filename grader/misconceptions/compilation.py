"""Mistakes with jit: what is compiled, how often, and how large the program grows."""

from __future__ import annotations

import ast
import re

from grader.misconceptions.evidence import Evidence
from grader.misconceptions.rule import DOCS, misconception

_LOOPS = (ast.For, ast.While, ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp)
_GROWS = re.compile(r"does not grow|whatever the number|Python loop")


def _about_compiling(e: Evidence) -> bool:
    return e.kind == "structure" and "compil" in e.check


def _names_jit(node: ast.AST) -> bool:
    return "jit" in re.split(r"\W+", ast.unparse(node))


def _jit_inside(function: ast.FunctionDef) -> str:
    """The jit in the body of a function, as it is written."""
    for statement in function.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.FunctionDef) and any(map(_names_jit, node.decorator_list)):
                return f"@{ast.unparse(node.decorator_list[0])} def {node.name}"
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "jit":
                return ast.unparse(node)
    return ""


@misconception(
    "a program that is kept by hand and then forgotten",
    "Compile the function once, with jax.jit at the top level: it keeps every program it has made.",
    "ch03_jit",
    DOCS + "jit-compilation.html",
)
def own_cache(e: Evidence) -> str | None:
    if not _about_compiling(e) and e.kind != "structure":
        return None
    for part in e.parts:
        for decorator in getattr(part, "decorator_list", []):
            if "cache" in ast.unparse(decorator) and "jit" in ast.unparse(part):
                return f"`@{ast.unparse(decorator)}` stands around a jit."
    return None


@misconception(
    "jit inside the function",
    "Jit once, at the top level (a decorator, or a name): a new function has no programs yet.",
    "ch03_jit",
    DOCS + "jit-compilation.html",
)
def jit_inside(e: Evidence) -> str | None:
    if not _about_compiling(e):
        return None
    for part in e.parts:
        found = _jit_inside(part) if isinstance(part, ast.FunctionDef) else ""
        if found:
            return f"`{found}` is made anew, and compiled anew, in every call."
    return None


@misconception(
    "no jit at all",
    "Decorate the function with @jax.jit, or bind its name to jax.jit(f).",
    "ch03_jit",
    DOCS + "jit-compilation.html",
)
def no_jit(e: Evidence) -> str | None:
    wanted = re.search(r"is compiled|compiles once", e.check)
    if not _about_compiling(e) or not wanted or _names_jit(ast.parse(e.text)):
        return None
    return "without jit every operation runs, and is compiled, on its own."


@misconception(
    "a static argument that takes many values",
    "Let it be traced: one program then serves every value. Mask what must not count.",
    "ch03_jit",
    DOCS + "jit-compilation.html",
)
def static_changes(e: Evidence) -> str | None:
    if not _about_compiling(e) or not re.search(r"for every|at most", e.check):
        return None
    static = re.search(r"static_arg(?:nums|names)=[^)]*", e.text)
    return f"`{static.group()}` compiles a program for each new value." if static else None


@misconception(
    "a traced argument where a static one is asked for",
    "Name it in static_argnames: then Python knows its value, and `if` and slices may use it.",
    "ch03_jit",
    DOCS + "jit-compilation.html",
)
def static_missing(e: Evidence) -> str | None:
    if e.kind != "structure" or "static" not in e.check or "traced" not in e.rationale:
        return None
    if not _names_jit(ast.parse(e.text)) or "static_arg" in e.text:
        return None
    return "jit traces every argument that is not named static, and here none is."


@misconception(
    "a Python loop that tracing unrolls",
    "Use lax.scan or jax.vmap: the body is traced once, whatever the length.",
    "ch08_control_flow",
    DOCS + "control-flow.html",
)
def unrolled_loop(e: Evidence) -> str | None:
    if e.kind != "structure" or not _GROWS.search(f"{e.check} {e.rationale}"):
        return None
    loop = _loop(e)
    return f"`{loop}` writes its body into the program once per turn." if loop else None


@misconception(
    "a loop over what could be done at once",
    "Map with jax.vmap, or work on whole arrays; a loop takes its turns one after the other.",
    "ch05_vmap",
    DOCS + "automatic-vectorization.html",
)
def slow_loop(e: Evidence) -> str | None:
    if e.kind != "speed":
        return None
    for call in e.called("map", "fori_loop", "scan", "while_loop"):
        name = ast.unparse(call.func)
        if "tree" not in name and ("lax" in name or "fori" in name) and not _asks_for_scan(e):
            return f"`{name}` takes one turn after the other, each with little to do."
    loop = _loop(e)
    return f"`{loop}` runs once per sample, each time with little to do." if loop else None


def _asks_for_scan(e: Evidence) -> bool:
    """Whether the exercise is a scan anyway, with no second loop inside."""
    return "scan" in e.exercise and len(e.called("scan", "fori_loop", "map")) < 2


def _loop(e: Evidence) -> str:
    """The first Python loop over data in the exercise's own code, on one line."""
    for node in ast.walk(e.code):
        if isinstance(node, ast.For | ast.While):
            return ast.unparse(node).splitlines()[0].rstrip(":")
        if isinstance(node, ast.ListComp | ast.GeneratorExp):
            return ast.unparse(node)
    return ""


@misconception(
    "a whole matrix where its product with a vector is enough",
    "Push the vector through: jvp of grad gives the Hessian times v in a few passes.",
    "ch04_grad",
    DOCS + "notebooks/autodiff_cookbook.html",
)
def whole_matrix(e: Evidence) -> str | None:
    if e.kind != "structure" or not re.search(r"never forms|Hessian", e.check):
        return None
    for call in e.called("hessian", "jacrev", "jacfwd", "jacobian", "eye"):
        return f"`{ast.unparse(call)}` makes n * n numbers."
    return None
