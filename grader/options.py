"""Options that several commands share, and the kinds of values that they take."""

from __future__ import annotations

import os
from typing import Any

import click


def cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Seconds(click.FloatRange):
    """A number of seconds; NaN is in no range, but would pass for it."""

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """The number, or a wrong request."""
        number = float(super().convert(value, param, ctx))
        if number != number:
            self.fail(f"{value} is no number of seconds.", param, ctx)
        return number


pack_option = click.option(
    "--pack", metavar="DIR", help="Another pack: its folder or installed name."
)
only_option = click.option(
    "--only", multiple=True, metavar="ID", help="A chapter or exercise; repeatable."
)
seed_option = click.option(
    "--seed", type=int, default=0, show_default=True, help="Seed of the drawn inputs."
)
timeout_option = click.option(
    "--timeout",
    type=Seconds(0.1, 3600),
    default=20.0,
    show_default=True,
    help="Seconds that one call may take.",
)
