"""The transformation matrix: one function under jit, vmap, grad, lax.scan and their compositions.

    @check("dot", "works under every transformation", kind="transform")
    def test_dot_matrix(matrix):
        matrix(lambda m, w, x: m.dot(w, x), np.float32([1, 2]), np.float32([3, -1]))

The rows are one program in each world. A row that is part of another (`jax.grad`, of `jax.vmap` of
`jax.grad`) is tried by itself only if the program does not agree; then all are. A plain call comes
first, unless an earlier check has passed: its shapes may be new, and new shapes are compiled.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from grader import explain
from grader.asking import Asker, Both
from grader.errors import CheckFailed, Explanation
from grader.model import Status
from grader.trial import Clues, Probe, Trial

FORWARD = ("jit", "vmap", "jit(vmap)", "scan")
REVERSE = ("grad", "jit(grad)", "vmap(grad)", "numerical gradient")
_PART_OF = {"jit": "vmap", "jit(vmap)": "vmap", "grad": "vmap(grad)", "jit(grad)": "vmap(grad)"}
_SAID = {
    "jit": "jax.jit",
    "vmap": "jax.vmap",
    "jit(vmap)": "jax.jit of jax.vmap",
    "scan": "jax.lax.scan",
    "grad": "jax.grad",
    "jit(grad)": "jax.jit of jax.grad",
    "vmap(grad)": "jax.vmap of jax.grad",
    "numerical gradient": "a comparison of jax.grad with numerical differences",
}


@dataclass
class Matrix:
    """The fixture `matrix`."""

    trial: Trial

    def __call__(
        self,
        probe: Probe,
        *args: Any,
        rows: tuple[str, ...] = (*FORWARD, *REVERSE),
        atol: float | None = None,
    ) -> None:
        """Fails the check unless `probe` at `args` agrees with the reference under all of `rows`.

        Args:
            args: pytrees of arrays. They are mapped over together with three more examples (floats
                halved, a step up, a step down); gradients are taken in all floats.
            rows: without `REVERSE` where there is no gradient, or none is asked for.
            atol: the absolute tolerance, where rounding asks for more than usual.
        """
        if not self.trial.answered:
            self._plainly(probe, args)
        joint = tuple(row for row in rows if _PART_OF.get(row) not in rows)
        try:
            Both(self.trial)(_table(probe, joint), *args, compile=True).agree(atol=atol)
        except CheckFailed:
            self.trial.failure = None
            self._plainly(probe, args)
            self._one_by_one(probe, args, rows, atol)
        self.trial.matrix = dict.fromkeys(rows, "passed")

    def _plainly(self, probe: Probe, args: tuple[Any, ...]) -> None:
        """Fails the check, or ends it for a stub, unless a plain call gives a value."""
        Asker(self.trial, "answer")(probe, *args)

    def _one_by_one(
        self, probe: Probe, args: tuple[Any, ...], rows: tuple[str, ...], atol: float | None
    ) -> None:
        failures: dict[str, tuple[Explanation, Clues | None]] = {}
        for row in rows:
            try:
                Both(self.trial)(_table(probe, (row,)), *args, compile=False).agree(atol=atol)
            except CheckFailed as failed:
                failures[row] = failed.explanation, self.trial.clues
        statuses: dict[str, Status] = {r: "failed" if r in failures else "passed" for r in rows}
        self.trial.matrix = statuses
        for row, (explanation, clues) in failures.items():
            self.trial.clues = clues  # of the row that is shown, not of the last one
            raise self._failed(probe, args, row, explanation)

    def _failed(
        self, probe: Probe, args: tuple[Any, ...], row: str, explanation: Explanation
    ) -> CheckFailed:
        name, statuses = self.trial.exercise.name, self.trial.matrix
        call = explain.call_text(probe, args)
        rest = explanation.evidence.splitlines()[len(call.splitlines()) :]
        overview = "  ".join(f"{r} {'✓' if s == 'passed' else '✗'}" for r, s in statuses.items())
        what = explanation.rationale.removeprefix(f"{name} ")
        return self.trial.fail(
            Explanation(
                f"Under {_SAID[row]}, {name} {what}",
                "\n".join([call, *rest, f"{'in all':<10}{overview}"]),
                explanation.hint,
                explanation.general,
            )
        )


def _table(probe: Probe, rows: tuple[str, ...]) -> Probe:
    def tabulated(m: Any, *args: Any) -> Any:
        from grader.worker import transformations

        values = transformations.table(functools.partial(probe, m), rows, args)
        return values if len(rows) > 1 else values[rows[0]]

    return tabulated
