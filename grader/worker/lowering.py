"""Lowering sooner: one MLIR context for all programs of a process.

JAX makes a new one for every program and loads all dialects into it, which takes more than half of the
time in which a small program is lowered.
"""

from __future__ import annotations

import contextlib
import functools
from typing import Any


def share_context() -> None:
    """Have JAX make its MLIR context once, if this version of JAX lets us."""
    with contextlib.suppress(ImportError, AttributeError):
        from jax._src.interpreters import mlir

        internals: Any = mlir
        internals.make_ir_context = functools.cache(internals.make_ir_context)
