"""Inputs that depend on nothing but the seed.

Now and then Hypothesis draws a number that it has read in the source of a module: of any module outside
the installed packages that happens to be loaded. A grader loads some of its modules late, after a failure
for instance, so that the inputs of one check would depend on the verdicts before it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def same_for_everyone() -> Iterator[None]:
    """Have Hypothesis forget what it has read in modules, if this version of it reads them at all."""
    try:
        from hypothesis.internal.conjecture import providers
    except ImportError:
        yield
        return
    internals: Any = providers
    known = getattr(internals, "_get_local_constants", None)
    if known is None:
        yield
        return
    internals.CONSTANTS_CACHE.cache.clear()  # it holds those of both kinds
    internals._get_local_constants = _no_constants
    try:
        yield
    finally:
        internals._get_local_constants = known
        internals.CONSTANTS_CACHE.cache.clear()


def _no_constants() -> Any:
    from hypothesis.internal.constants_ast import Constants

    return Constants()
