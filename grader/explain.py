"""Outcomes in a learner's words: what was called, what came back, what to think about next."""

from __future__ import annotations

import ast
import copy
import functools
import inspect
import linecache
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.compare import describe, in_brackets
from grader.errors import Explanation
from grader.model import Outcome, Raised
from grader.text import clean, continued, one_line

_MAX_LINES = 12
# What JAX's own error classes mean for the learner, the most telling class first: true wherever they
# come up, and so second to what is known of the place.
_OF_JAX: tuple[tuple[str, str], ...] = (
    (
        "TracerBoolConversionError",
        "A Python `if`, `while` or `bool()` met a traced value, whose number is not known yet. Use jnp.where or "
        "lax.cond, or make the argument static (chapters 3 and 8).",
    ),
    (
        "TracerIntegerConversionError",
        "A traced value was used where Python needs an integer (range, a shape, a list index). Make the argument "
        "static, or use lax.fori_loop or a mask (chapters 3 and 8).",
    ),
    (
        "TracerArrayConversionError",
        "NumPy was handed a traced value, which has no numbers yet. Use jax.numpy inside functions that JAX "
        "transforms (chapters 1 and 2).",
    ),
    (
        "NonConcreteBooleanIndexError",
        "Indexing with a traced mask has a shape that depends on values. Use jnp.where or a masked sum (chapter 3).",
    ),
    (
        "ConcretizationTypeError",
        "A concrete number was asked of a traced value. float(), int(), a shape or a branch cannot depend on traced "
        "values; use jax.numpy, or a static argument (chapters 2 and 3).",
    ),
    (
        "UnexpectedTracerError",
        "A traced value escaped from its function, for example through a global or a list outside. Return what you "
        "need instead (chapter 6).",
    ),
    (
        "KeyReuseError",
        "A random key was used twice. Split it, and use every subkey once (chapter 7).",
    ),
)
_OF_PYTHON: tuple[tuple[str, str], ...] = (
    (
        "NotWritten",
        "Replace `raise NotImplementedError` by your code.",
    ),
    ("RecursionError", "The function calls itself without end."),
    (
        "MemoryError",
        "It asked for more memory than there is; look for an array that is far larger than its inputs.",
    ),
    ("SystemExit", "Code that is graded must not end the process; take the call of exit() out."),
)
ADVICE = _OF_JAX + _OF_PYTHON


def advice(error: Raised, of: tuple[tuple[str, str], ...] = ADVICE) -> str:
    """What the class of an exception suggests; "" if nothing."""
    return next((hint for name, hint in of if name in error.types), "")


# JAX names the function that was being traced and its file: of use if it is the learner's, else not.
_TRACED_PROBE = re.compile(
    r"The error occurred while tracing the function <lambda> at \S+ for \w+\. ?"
)
_FOLDERS = re.compile(r"(?<![\w.])(?:/|[A-Za-z]:\\)[^\s:]*[/\\](?=[\w.-]+\.py\b)")


def first_paragraph(message: str) -> str:
    """The beginning of an exception's text, up to the first blank line, at most three lines.

    Where that ends in a colon, the paragraph that follows belongs to it. What only concerns the grader's
    own files is left out, and so are the folders of file names. Lines after the first are marked.
    """
    text = _FOLDERS.sub("", _TRACED_PROBE.sub("", clean(message)))
    paragraphs = text.strip().split("\n\n")
    kept = 2 if paragraphs[0].rstrip().endswith(":") else 1
    lines = "\n".join(paragraphs[:kept]).splitlines()
    return continued("\n".join(line[:240] for line in lines[:3]))


def raised(subject: str, called: str, error: Raised, filename: str) -> Explanation:
    """The explanation of an exception in the learner's code."""
    text = "" if error.withheld else first_paragraph(error.message)
    rationale = f"{subject} raised {one_line(error.type, 100)}" + (f": {text}" if text else ".")
    return Explanation(
        rationale,
        "\n".join([called, *frame_lines(error, filename)]),
        hint=advice(error, _OF_PYTHON),
        general=advice(error, _OF_JAX),
    )


def frame_lines(error: Raised, filename: str) -> list[str]:
    """The learner's own lines in a traceback, innermost last."""
    return [
        f"{filename}, line {frame.line}"
        + (f", in {one_line(frame.function, 100)}" if frame.function else "")
        + (f":  {one_line(frame.text)}" if frame.text else "")
        for frame in error.frames[-3:]
    ]


def load_failure(filename: str, outcome: Outcome) -> Explanation:
    """The explanation for a chapter whose file cannot be executed."""
    if outcome.error is None:
        what = "did not come to an end" if outcome.kind == "timed out" else "ended its process"
        return Explanation(
            f"{filename} {what} while it was loaded: {one_line(outcome.detail)}.",
            hint="Look at the code outside of functions: it runs when the file is imported.",
        )
    error = outcome.error
    text = first_paragraph(error.message)
    hint = advice(error) or _LOAD_HINTS.get(
        error.type, "Every exercise of this file waits for that line."
    )
    return Explanation(
        f"{filename} cannot be loaded: {one_line(error.type, 100)}"
        + (f": {text}" if text else "."),
        "\n".join(frame_lines(error, filename)),
        hint,
    )


_LOAD_HINTS = {
    "SyntaxError": "Python cannot read the file; look at that line and the one before it.",
    "IndentationError": "Python cannot read the file; look at that line and the one before it.",
    "ModuleNotFoundError": "Only installed packages and the chapter files themselves can be imported.",
    "ImportError": "Only installed packages and the chapter files themselves can be imported.",
}


# What was called: the probe's own source, read back.


@dataclass(frozen=True)
class Shown:
    """A call as it is shown; its text is made when somebody reads it, which few do."""

    probe: Callable[..., Any]
    args: tuple[Any, ...]
    compiled: bool = False

    def __str__(self) -> str:
        return call_text(self.probe, self.args, self.compiled)


def call_text(probe: Callable[..., Any], args: tuple[Any, ...], compiled: bool = False) -> str:
    """The call as a learner would write it, with its arguments below.

    `lambda m, x: jax.jit(m.selu)(x)` becomes "called   jax.jit(selu)(x)" and "with     x = ...".
    """
    lines = [f"called    {probe_text(probe)}" + (", all inside jax.jit" if compiled else "")]
    names = list(inspect.signature(probe).parameters)[1:]
    if len(names) < len(args):
        names = [f"argument {i}" for i in range(len(args))]
    for index, (name, value) in enumerate(zip(names, args, strict=False)):
        lines.append(f"{'with' if not index else '':<10}{name} = {argument_text(value)}")
    return "\n".join(lines)


def argument_text(value: Any) -> str:
    """An argument in a few words; containers are opened one level."""
    if isinstance(value, (bool, int, float, str)) or value is None:
        return repr(value)[:120]
    if isinstance(value, (list, tuple)) and 0 < len(value) <= 4:
        inner = ", ".join(argument_text(item) for item in value)
        if len(inner) <= 160:
            return in_brackets(value, inner)
    if isinstance(value, (list, tuple, dict, np.ndarray, np.generic)):
        return describe(value)
    return repr(value)[:120]


def probe_text(probe: Callable[..., Any]) -> str:
    """The source of a probe without its module parameter; a named probe's first docstring line."""
    if probe.__name__ != "<lambda>":
        return (inspect.getdoc(probe) or f"{probe.__name__}(...)").splitlines()[0]
    node = _lambda_at(
        probe.__code__.co_filename, probe.__code__.co_firstlineno, probe.__code__.co_varnames
    )
    if node is None:
        return "the exercise"
    return ast.unparse(_WithoutModule(node.args.args[0].arg).visit(copy.deepcopy(node.body)))


class _WithoutModule(ast.NodeTransformer):
    """Turns `m.selu` into `selu`."""

    def __init__(self, module: str) -> None:
        self._module = module

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """The attribute alone where it is one of the module's."""
        if isinstance(node.value, ast.Name) and node.value.id == self._module:
            return ast.Name(node.attr, node.ctx)
        return self.generic_visit(node)


@functools.lru_cache(maxsize=1024)
def _lambda_at(filename: str, line: int, names: tuple[str, ...]) -> ast.Lambda | None:
    found = [node for node in _lambdas(filename) if node.lineno == line]
    fitting = [n for n in found if tuple(a.arg for a in n.args.args) == names[: len(n.args.args)]]
    candidates = [n for n in fitting if n.args.args] or [n for n in found if n.args.args]
    return candidates[0] if candidates else None


@functools.lru_cache(maxsize=64)
def _lambdas(filename: str) -> list[ast.Lambda]:
    source = "".join(linecache.getlines(filename))
    try:
        return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Lambda)]
    except SyntaxError:
        return []
