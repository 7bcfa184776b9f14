"""A report with everything that a page can show, for the tests of the page."""

import numpy as np

from grader.gallery import Hung, Scene
from grader.model import (
    CheckResult,
    Diagnosis,
    ExerciseResult,
    Isolation,
    Report,
    Timing,
)
from grader.pictures import Curve, Digits, Mask, Picture

HOSTILE = "</pre><script>alert(1)</script><img src=x onerror=alert(1)> \x1b[31m\u202e& \"q\" 'q'"
PAGE = "https://docs.jax.dev/en/latest/errors.html"
DIAGNOSIS = Diagnosis("a sum for a mean", "it is 3 times as large", "Divide.", "ch01_sums", PAGE)
X = np.linspace(-2, 2, 21)


def failed(rationale, **options):
    return CheckResult("gives the mean", "value", "failed", 1.0, rationale, **options)


def make_report(**options):
    speed = Timing(2.5, 1.5, 12, "too slow", 2.5e-3, 1e-3, 0.1)
    message = failed(
        f"mean raised {HOSTILE}",
        evidence="called    mean(x)\n" + "x" * 300 + f"\n{HOSTILE}\nlikely    a sum for a mean",
        hint=f"Divide. (See {PAGE})",
        diagnosis=DIAGNOSIS,
        matrix={"jit": "passed", "vmap": "failed"},
    )
    slow = CheckResult("keeps up", "speed", "failed", 1.0, "too slow", timing=speed)
    gone = CheckResult("x", "value", "unavailable", 1.0, "needs torch, which is not installed")
    exercises = (
        ExerciseResult("ch01_sums.total", 2.0, (CheckResult("adds", "value", "passed", 1.0),)),
        ExerciseResult("ch01_sums.mean", 2.0, (message,)),
        ExerciseResult("ch01_sums.spread", 1.0, (failed(f"mean raised {HOSTILE}"),)),
        ExerciseResult("ch02_shapes.outer", 2.0, (gone,)),
        ExerciseResult("ch02_shapes.relu_jit", 2.0, (slow,)),
    )
    given = {
        "pack": "mini",
        "pack_version": "1.0",
        "submission": f"work of {HOSTILE}",
        "started": "2026-01-02T03:04:05Z",
        "duration": 12.34,
        "isolation": Isolation("FULL", ("bwrap",), 15, ()),
        "versions": {"python": "3.11.1", "jax": "0.10.0"},
        "exercises": exercises,
        "warnings": (f"It replaces {HOSTILE}.",),
        "seed": 5,
    }
    return Report(**given | options)


def make_scenes():
    """A picture of each kind, and one with a note."""
    curve = Curve("mean", "parabola", None, (), over=X, dots=X)
    digits = np.zeros((2, 28, 28), np.uint8)
    digits[:, 4:20, 10:14] = 200
    panels = {
        "Curves": (
            Hung(curve, X**2, X**2),
            Hung(curve, np.where(X > 0, X**2, np.nan), X**2),
            Hung(curve, note=f"No picture: {HOSTILE}"),
        ),
        "Masks": (Hung(Mask("mean", "rate", None, ()), np.eye(4), 2 * np.eye(4)),),
        "Digits": (
            Hung(
                Digits("mean", "digits", None, (), digits, np.uint8([1, 7])),
                np.array([1.0, 1.0]),
                np.array([1.0, 7.0]),
            ),
        ),
    }
    return tuple(
        Scene(Picture("ch01_sums", title, f"About {title}.", None), hung)
        for title, hung in panels.items()
    )
