"""Mistakes with names: what nothing defines, what has no value yet, what a library or an object does not have."""

from __future__ import annotations

import ast
import difflib
import re

from grader.misconceptions.evidence import Evidence
from grader.misconceptions.rule import DOCS, misconception

_PYTHON = "https://docs.python.org/3/"
_UNDEFINED = re.compile(r"name '(\w+)' is not defined")
_UNASSIGNED = re.compile(r"variable '(\w+)' where it is not associated with a value")
_NOT_IN_MODULE = re.compile(r"module '([\w.]+)' has no attribute '(\w+)'")
_NOT_IN_OBJECT = re.compile(r"(?:'([\w.]+)' object|(\w*Tracer)) has no attribute '?(\w+)")
_USUAL = {
    **{
        name: f"import {name}"
        for name in ("functools", "itertools", "jax", "math", "time", "torch")
    },
    **{name: f"from jax import {name}" for name in ("grad", "jit", "lax", "random", "vmap")},
    "jnp": "import jax.numpy as jnp",
    "np": "import numpy as np",
    "partial": "from functools import partial",
}
_HOMES = {
    "jax": "device_put devices grad jacfwd jacrev jit jvp pmap vjp vmap",
    "jax.lax": "cond dynamic_slice fori_loop map pmean psum scan switch while_loop",
    "jax.nn": "gelu log_softmax logsumexp one_hot relu selu sigmoid silu softmax",
    "jax.numpy": "arange argmax array asarray concatenate dot einsum exp eye linalg log matmul max maximum mean "
    "minimum ones sqrt stack sum take tanh where zeros",
    "jax.random": "bernoulli choice fold_in key normal permutation PRNGKey randint split uniform",
    "jax.tree_util": "tree_flatten tree_leaves tree_map tree_structure tree_unflatten",
}
_OBJECTS = {"ArrayImpl": "jax.Array", "Tensor": "torch.Tensor"}
_ALIKE = 0.75  # of two names, as difflib has it


def _said(e: Evidence, kind: str, text: re.Pattern[str]) -> re.Match[str] | None:
    """What `text` finds in the message of an exception of class `kind`."""
    return text.search(e.error.message) if e.error and e.raised(kind) else None


@misconception(
    "a name that nothing defines",
    "Define it or import it at the top of the file, or write it as it is written there.",
    "",
    _PYTHON + "tutorial/modules.html",
)
def undefined_name(e: Evidence) -> str | None:
    found = _said(e, "NameError", _UNDEFINED)
    if found is None:
        return None
    name = found.group(1)
    if name in _USUAL:
        return f"the file has no `{_USUAL[name]}`."
    known = {n.id for n in ast.walk(e.tree) if isinstance(n, ast.Name)} | set(e.parameters)
    close = difflib.get_close_matches(name, known - {name}, 1, _ALIKE)
    return f"nothing is called `{name}`" + (f"; is `{close[0]}` meant?" if close else ".")


@misconception(
    "a variable that has no value yet",
    "Assign to it before that line, whichever way the code takes; before a loop, if the loop adds to it.",
    "",
    _PYTHON
    + "faq/programming.html#why-am-i-getting-an-unboundlocalerror-when-the-variable-has-a-value",
)
def unassigned_variable(e: Evidence) -> str | None:
    found = _said(e, "NameError", _UNASSIGNED)
    return f"`{found.group(1)}` is used before anything is assigned to it." if found else None


@misconception(
    "a function that the library has elsewhere or not at all",
    "Look it up in the library's documentation: under which name, and in which module, is it there?",
    "",
    DOCS + "jax.html",
)
def not_in_module(e: Evidence) -> str | None:
    found = _said(e, "AttributeError", _NOT_IN_MODULE)
    if found is None:
        return None
    module, name = found.groups()
    homes = [home for home, names in _HOMES.items() if name in names.split() and home != module]
    there = f"; `{homes[0]}.{name}` is one." if homes and module.startswith("jax") else "."
    return f"`{module}` has no `{name}`{there}"


@misconception(
    "an attribute that the object does not have",
    "Print type(x) just before that line: what kind of object is it, and what does that offer?",
    "",
    _PYTHON + "tutorial/classes.html",
)
def not_in_object(e: Evidence) -> str | None:
    found = _said(e, "AttributeError", _NOT_IN_OBJECT)
    if found is None:
        return None
    kind = (found.group(1) or "").rpartition(".")[2]
    known = "jax.Array" if found.group(2) else _OBJECTS.get(kind, kind)
    return f"a `{known}` has no `{found.group(3)}`."
