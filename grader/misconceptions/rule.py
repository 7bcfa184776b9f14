"""The registry of misconceptions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from grader.misconceptions.evidence import Evidence
from grader.registry import Registry

DOCS = "https://docs.jax.dev/en/latest/"
ERRORS = DOCS + "errors.html#jax.errors."
GOTCHAS = DOCS + "notebooks/Common_Gotchas_in_JAX.html"
TORCH = "https://docs.pytorch.org/docs/stable/"

Rule = Callable[[Evidence], str | None]
Found = TypeVar("Found", bound=Rule)


@dataclass(frozen=True)
class Misconception:
    """A mistake with a name.

    Args:
        name: the mistake in a few words, as it completes "This looks like ...".
        advice: one next step.
        lesson: the chapter whose lesson explains it; "" means the chapter of the failed check.
        page: the page of JAX's (or PyTorch's) documentation.
        rule: finds it.
    """

    name: str
    advice: str
    lesson: str
    page: str
    rule: Rule


REGISTRY: Registry[Misconception] = Registry()
RULES = REGISTRY.items  # the general ones


def misconception(name: str, advice: str, lesson: str, page: str) -> Callable[[Found], Found]:
    """Register the decorated rule under `name`; earlier rules win.

    Raises:
        ValueError: the name is taken.
    """

    def register(rule: Found) -> Found:
        if any(known.name == name for known in REGISTRY.known):
            raise ValueError(f"there is a misconception called {name!r} already")
        REGISTRY.add(Misconception(name, advice, lesson, page, rule))
        return rule

    return register
