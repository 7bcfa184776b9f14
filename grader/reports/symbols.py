"""The marks of verdicts, in characters that a console can show."""

from __future__ import annotations

from rich.console import Console

SYMBOLS = {
    "passed": ("✓", "+", "green"),
    "failed": ("✗", "x", "red"),
    "todo": ("·", ".", "bright_black"),
    "blocked": ("–", "-", "yellow"),
    "unavailable": ("○", "o", "bright_black"),
    "error": ("!", "!", "magenta"),
}


def symbol(console: Console, status: str) -> str:
    """The mark of a status, in characters that the console can show."""
    fine, plain, _ = SYMBOLS[status]
    return fine if (console.encoding or "").lower().startswith("utf") else plain
