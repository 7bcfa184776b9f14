"""Mistakes with traced values."""

from __future__ import annotations

from grader.misconceptions.evidence import Evidence
from grader.misconceptions.rule import misconception


@misconception(
    "a Python `if` on a traced value",
    "Choose with jnp.where or lax.cond, or make the argument static.",
    "ch03_jit",
    "https://docs.jax.dev/en/latest/errors.html#jax.errors.TracerBoolConversionError",
)
def branch_on_tracer(e: Evidence) -> str | None:
    if not e.raised("TracerBoolConversionError"):
        return None
    line = e.error.frames[-1].text if e.error and e.error.frames else ""
    return f"`{line}` asks for the truth of a value that is not known yet." if line else None
