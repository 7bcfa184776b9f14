"""Mistakes with traced values: what Python asks of them, they cannot say."""

from __future__ import annotations

import re

from grader.misconceptions.evidence import Evidence
from grader.misconceptions.rule import DOCS, ERRORS, misconception
from grader.worker.wire import Opaque

_NUMBER = re.compile(r"(?<![\w.])(?:int|float|bool|complex)\(|\.(?:item|tolist)\(")


@misconception(
    "a Python `while` on a traced value",
    "Write the loop as lax.while_loop: a condition and a body, each a function of the state.",
    "ch08_control_flow",
    DOCS + "control-flow.html",
)
def loop_on_tracer(e: Evidence) -> str | None:
    if not e.raised("TracerBoolConversionError") or not e.line.startswith("while"):
        return None
    return f"`{e.line}` asks at every turn for the truth of a value that is not known yet."


@misconception(
    "a Python `if` on a traced value",
    "Choose with jnp.where or lax.cond; an `if` needs an argument that is static.",
    "ch03_jit",
    ERRORS + "TracerBoolConversionError",
)
def branch_on_tracer(e: Evidence) -> str | None:
    if not e.raised("TracerBoolConversionError") or not re.search(r"\b(el)?if\b", e.line):
        return None
    return f"`{e.line}` asks for the truth of a value that is not known yet."


@misconception(
    "the truth of a traced value",
    "Compare with jnp.logical_and, jnp.maximum, jnp.all and the like; they stay inside the program.",
    "ch03_jit",
    ERRORS + "TracerBoolConversionError",
)
def truth_of_tracer(e: Evidence) -> str | None:
    if not e.raised("TracerBoolConversionError") or not e.line:
        return None
    return f"`{e.line}` makes Python decide on a value that is not known yet."


@misconception(
    "a Python `range` over a traced number",
    "Loop with lax.fori_loop, whose bounds may be traced, or make the number static.",
    "ch08_control_flow",
    ERRORS + "TracerIntegerConversionError",
)
def range_of_tracer(e: Evidence) -> str | None:
    if not e.raised("TracerIntegerConversionError") or "range(" not in e.line:
        return None
    return f"`{e.line}` needs a number while the function is traced, and there is none yet."


@misconception(
    "a Python number made of a traced value",
    "Leave it an array: jax.numpy computes with it, and the caller may convert the result.",
    "ch02_tracing",
    ERRORS + "ConcretizationTypeError",
)
def number_of_tracer(e: Evidence) -> str | None:
    found = _NUMBER.search(e.line)
    if not e.raised("ConcretizationTypeError", "TracerIntegerConversionError") or not found:
        return None
    return f"`{found.group().strip('.(')}` in `{e.line}` asks a traced value for its number."


@misconception(
    "Python's math module on an array",
    "Use the function of the same name in jax.numpy.",
    "ch02_tracing",
    ERRORS + "ConcretizationTypeError",
)
def math_on_array(e: Evidence) -> str | None:
    if not e.raised("TypeError") or not re.search(r"\bmath\.\w+\(", e.line):
        return None
    return f"`{e.line}`: the math module knows Python numbers only."


@misconception(
    "a slice whose length is a traced value",
    "Keep the length fixed and mask with jnp.where; the end of a slice must be static.",
    "ch03_jit",
    DOCS + "control-flow.html",
)
def slice_of_tracer(e: Evidence) -> str | None:
    if not e.raised("IndexError") or not e.says("must be static", "must have static"):
        return None
    return f"`{e.line}`: the shape of the slice would depend on a value that is not known yet."


@misconception(
    "a selection whose size depends on traced values",
    "Choose entry by entry with jnp.where: every entry stays, the shape is known.",
    "ch03_jit",
    ERRORS + "NonConcreteBooleanIndexError",
)
def mask_as_index(e: Evidence) -> str | None:
    by_size = e.raised("ConcretizationTypeError") and re.search(r"nonzero|unique|where\(", e.line)
    if not e.raised("NonConcreteBooleanIndexError") and not by_size:
        return None
    return f"how many entries `{e.line}` picks is not known while the function is traced."


@misconception(
    "NumPy inside a function that JAX traces",
    "Use jax.numpy (jnp) here: NumPy needs numbers, and a traced value has none yet.",
    "ch02_tracing",
    ERRORS + "TracerArrayConversionError",
)
def numpy_on_tracer(e: Evidence) -> str | None:
    filled = e.says("setting an array element with a sequence") and "np." in e.text
    if not (e.raised("TracerArrayConversionError") or filled) or not e.line:
        return None
    return f"`{e.line}` hands a traced value to NumPy."


@misconception(
    "a shape that depends on a traced value",
    "Shapes are part of the program: take them from x.shape, or make the argument static.",
    "ch03_jit",
    ERRORS + "ConcretizationTypeError",
)
def shape_of_tracer(e: Evidence) -> str | None:
    if not e.says("Shapes must be 1D sequences of concrete"):
        return None
    return f"`{e.line}` builds an array whose size is a traced value."


@misconception(
    "an array as a static argument",
    "Make only plain Python values static (numbers, names, functions); positions count from 0.",
    "ch03_jit",
    DOCS + "jit-compilation.html",
)
def unhashable_static(e: Evidence) -> str | None:
    if not e.says("Non-hashable static arguments"):
        return None
    return "jit looks a static argument up by its hash, and an array has none."


@misconception(
    "a traced value that leaves its function",
    "Return what you need later; do not keep it in a global, a list or an attribute.",
    "ch06_gotchas",
    ERRORS + "UnexpectedTracerError",
)
def leaked_tracer(e: Evidence) -> str | None:
    if e.raised("UnexpectedTracerError"):
        return "a value of an earlier, finished trace was used."
    if isinstance(e.got, Opaque) and e.got.kind == "tracer":
        return "what came back is a tracer, a value of a trace that has ended."
    return None


@misconception(
    "a Python `if` on a whole array",
    "Choose entry by entry with jnp.where(condition, one, other).",
    "ch03_jit",
    DOCS + "_autosummary/jax.numpy.where.html",
)
def branch_on_array(e: Evidence) -> str | None:
    if not e.says("truth value of an array with more than one element"):
        return None
    return f"`{e.line}` asks for one answer where every entry has its own."


@misconception(
    "a scalar taken for a vector",
    "Write it for any shape: jax.numpy works elementwise, scalars included.",
    "ch01_arrays",
    DOCS + "key-concepts.html",
)
def scalar_as_vector(e: Evidence) -> str | None:
    if e.says("rank should be at least 1, but is only 0") and "in_axes" not in e.line:
        return f"`{e.line}` maps over the rows of something that has none."
    if e.says("iteration over a 0-d array", "object is not iterable") and " for " in e.line:
        return f"`{e.line}` loops over the entries of something that has none."
    return None
