"""A new chapter: one exercise with stub, solution, checks and its entry in workshop.toml, all working."""

from __future__ import annotations

import json
import re
from pathlib import Path

from grader.errors import UsageError
from grader.files import write_whole

_HEAD = """\
# The workshop as data: chapters in order, and in each the exercises in order.

[workshop]
name = {pack}
title = {pack}
version = "0.1"
"""

_ENTRY = """
[[chapter]]
name = "{name}"
title = "{title}"
slide = "{title}"
docs = "https://docs.jax.dev/en/latest/"

[[chapter.exercise]]
name = "halve"
title = "Half of everything"
points = 1
needs = []
slide = "{title}"
docs = "https://docs.jax.dev/en/latest/jax.numpy.html"
hints = [
    "What does your function give for 3.0?",
    "An array can be divided by a Python number.",
]
"""

_STUB = '''\
"""{title}: what this chapter is about, and why it matters.

A small example that is not an answer to any exercise:

>>> import jax.numpy as jnp
>>> (jnp.arange(3) + 1).tolist()
[1, 2, 3]
"""

import jax.numpy as jnp  # noqa: F401


def halve(x):
    """Half of every entry of `x`.

    Args:
        x: float32 array of any shape.

    Returns:
        An array of the same shape and dtype.

    >>> halve(jnp.array([1.0, 3.0])).tolist()
    [0.5, 1.5]
    """
    # TODO: return half of x
    raise NotImplementedError
'''

_SOLUTION = '''\
"""{title}: the reference."""


def halve(x):
    """Half of every entry of `x`."""
    return x / 2
'''

_CHECKS = '''\
"""Checks of {name}: each is a probe that runs on the answer and on the reference."""

import jax
import numpy as np

from grader.checks import check, example, given, vectors


@check("halve", "gives half of every entry")
@given(x=vectors(-4, 4))
@example(x=np.float32([]))
def test_halve_values(both, x):
    both(lambda m, x: m.halve(x), x, compile=True).agree()


@check("halve", "works inside grad", kind="transform")
def test_halve_grad(both):
    both(lambda m, x: jax.grad(lambda v: m.halve(v).sum())(x), np.float32([1, 2])).agree()
'''


def new_chapter(root: Path, name: str) -> list[Path]:
    """Add a chapter called `name` to the pack in `root`, or start a pack there.

    Returns:
        The files that were written.

    Raises:
        UsageError: `name` is no chapter name, or one of the files exists.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise UsageError(
            f"{name!r} is no chapter name. Use small letters, digits and _, such as ch12_topic."
        )
    title = name.partition("_")[2].replace("_", " ").capitalize() or name
    manifest = root / "exercises" / "workshop.toml"
    stubs = root / "exercises" / ".stubs"
    files = {
        root / "exercises" / f"{name}.py": _STUB,
        root / "exercises" / "checks" / f"test_{name}.py": _CHECKS,
        root / "solutions" / f"{name}.py": _SOLUTION,
    }
    if stubs.is_dir() or not manifest.is_file():  # a pack that keeps no stubs goes on without
        files[stubs / f"{name}.py"] = _STUB
    for path in files:
        if path.exists():
            raise UsageError(f"{path} exists already. Choose another name.")
    known = (
        manifest.read_text(encoding="utf-8")
        if manifest.is_file()
        else _HEAD.format(pack=json.dumps(root.resolve().name))
    )
    for path in files:
        path.parent.mkdir(parents=True, exist_ok=True)
    for path, template in files.items():
        write_whole(path, template.replace("{title}", title).replace("{name}", name))
    write_whole(manifest, known.rstrip("\n") + "\n" + _ENTRY.format(name=name, title=title))
    return [manifest, *files]
