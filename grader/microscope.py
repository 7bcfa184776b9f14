"""The parity microscope: the first step and the first leaf at which two trainings part, and why.

    @check("train_mnist_jax", "makes one update per batch")
    def test_training(training):
        training(lambda m, params, batches: [m.train(params, batches[:k]) for k in (1, 2, 3)], params, batches)

Two right float32 trainings part some day, by rounding. So where they do, both are run again in float64:
if they agree there, it was rounding, and nobody is blamed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader import compare
from grader.asking import Both
from grader.errors import CheckFailed, Explanation
from grader.results import Pair
from grader.trial import Clues, Probe, Trial
from grader.worker.wire import Array, Record

_EXACT = compare.Tolerance(1e-9, 1e-9)
_SAME_RATIO = 1e-3  # by which the quotients of two moves may differ and still count as one number
_LAYER = re.compile(r"\[(\d+)\]\[([01])\]")


@dataclass(frozen=True)
class Move:
    """How one leaf moves in one step, here and in the reference."""

    step: int
    leaf: str
    mine: np.ndarray
    theirs: np.ndarray
    before: np.ndarray | None  # the reference's move in the step before, if there is one


@dataclass
class Training:
    """The fixture `training`: compares two trainings step by step."""

    trial: Trial

    def __call__(
        self,
        probe: Probe,
        start: Any,
        *args: Any,
        rtol: float | None = None,
        atol: float | None = None,
    ) -> Pair:
        """Fails the check unless both trainings go through the same states.

        Args:
            probe: gives the list of states (pytrees) after each step; called with `start` and `args`.
            start: the state before the first step.
            rtol, atol: as in `Pair.agree`, for float32.
        """
        pair = Both(self.trial)(probe, start, *args)
        tolerance = compare.Tolerance(rtol, atol)
        move = first_parting(pair, start, tolerance)
        if move is None:
            return self._agree(pair, (start, *args), tolerance)
        exact = self._in_float64(probe, (start, *args))
        if exact is not None and first_parting(exact, _float64(start), _EXACT) is None:
            return pair
        raise self._parted(pair, (start, *args), move, exact is not None, tolerance)

    def _agree(self, pair: Pair, args: tuple[Any, ...], tolerance: compare.Tolerance) -> Pair:
        try:
            return pair.agree(tolerance.rtol, tolerance.atol)
        except CheckFailed:
            step = first_difference(pair, tolerance)
            if step is not None:
                self._take_clue(pair, args, step)
            raise

    def _take_clue(self, pair: Pair, args: tuple[Any, ...], step: int) -> None:
        """Show the rules that name misconceptions one pair of states, not the whole row."""
        outcome = replace(pair.answer.outcome, value=pair.answer.outcome.value[step])
        expected = pair.reference.outcome.value[step]
        self.trial.clues = Clues(args, False, outcome, expected)

    def _in_float64(self, probe: Probe, args: tuple[Any, ...]) -> Pair | None:
        """The same trainings in float64; None if the answer cannot do that."""
        trial = replace(self.trial, demand=replace(self.trial.demand, x64=True), failure=None)
        try:
            return Both(trial)(probe, *_float64(args), compile=False)
        except CheckFailed:
            return None

    def _parted(
        self,
        pair: Pair,
        args: tuple[Any, ...],
        move: Move,
        exactly: bool,
        tolerance: compare.Tolerance,
    ) -> CheckFailed:
        self._take_clue(pair, args, move.step - 1)
        states = pair.answer.outcome.value, pair.reference.outcome.value
        difference = next(compare.differences(*states, tolerance))
        evidence = [
            str(pair.answer.called),
            f"{'differs':<10}{difference}",
            f"{'moves':<10}by {_few(move.mine, move)}",
            f"{'should':<10}by {_few(move.theirs, move)}",
            *(["They part in float64 too, so it is no rounding."] if exactly else []),
        ]
        where = f"The two trainings part at step {move.step}, in {leaf_name(move.leaf)}"
        rationale = f"{where}: {why(move) or 'it does not move as it should.'}"
        return self.trial.fail(Explanation(rationale, "\n".join(evidence)))


def first_difference(pair: Pair, tolerance: compare.Tolerance) -> int | None:
    """The index of the first states that differ; None if none do, or these are not rows of as many."""
    mine, theirs = pair.answer.outcome.value, pair.reference.outcome.value
    if not isinstance(mine, list) or len(mine) != len(theirs):
        return None
    for step, (a, b) in enumerate(zip(mine, theirs, strict=True)):
        if list(compare.differences(a, b, tolerance)):
            return step
    return None


def first_parting(pair: Pair, start: Any, tolerance: compare.Tolerance) -> Move | None:
    """The first move after which the answer's state is not the reference's; None if there is none.

    States whose structure differs do not part: they are compared as values are.
    """
    step = first_difference(pair, tolerance)
    if step is None:
        return None
    try:
        mine, mine_before = _around(pair.answer.outcome.value, step, start)
        theirs, theirs_before = _around(pair.reference.outcome.value, step, start)
        for leaf, value in mine.items():
            if not compare.close(value, theirs[leaf], tolerance).all():
                move, right = value - mine_before[leaf], theirs[leaf] - theirs_before[leaf]
                earlier = _earlier_move(pair.reference.outcome.value, step, start, leaf)
                return Move(step + 1, leaf, move, right, earlier)
    except (LookupError, ValueError):  # not made of the same arrays
        return None
    return None


def _around(
    states: list[Any], step: int, start: Any
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The leaves of the state after `step`, and those before it."""
    return dict(_leaves(states[step])), dict(_leaves(states[step - 1] if step else start))


def _earlier_move(states: list[Any], step: int, start: Any, leaf: str) -> np.ndarray | None:
    """How `leaf` moved in the step before `step`, if there was one."""
    if not step:
        return None
    after, before = _around(states, step - 1, start)
    move: np.ndarray = after[leaf] - before[leaf]
    return move


def why(move: Move) -> str:
    """What the two moves of a leaf have to do with each other, in a sentence; "" if nothing is known."""
    if not move.mine.any():
        return "it does not move at all."
    factor = _factor(move.mine, move.theirs)
    if factor is not None and abs(factor + 1) < _SAME_RATIO:
        return "it moves as far as it should, but uphill."
    if factor is not None:
        inverse = f", 1/{1 / factor:.3g} of it" if abs(factor) < 1 else ""
        return f"it moves {factor:.4g} times as far as it should{inverse}."
    if move.before is not None:
        kept = _factor(move.mine - move.theirs, move.before)
        if kept is not None and abs(kept - 1) < _SAME_RATIO:
            return "the step before is still in this one, as if its gradient had not been cleared."
        if kept is not None:
            return f"it keeps {kept:.3g} of the step before, as momentum does."
    return ""


def _factor(mine: np.ndarray, theirs: np.ndarray) -> float | None:
    """The one number by which `theirs` must be multiplied to give `mine`; None if there is none."""
    if mine.shape != theirs.shape:
        return None
    large = np.abs(theirs) > 1e-2 * np.abs(theirs).max(initial=0.0)
    if large.sum() < 2:
        return None
    ratios = mine[large] / theirs[large]
    middle = float(np.median(ratios))
    same = np.abs(ratios - middle) <= _SAME_RATIO * abs(middle) + 1e-12
    return middle if middle and same.all() else None


def leaf_name(path: str) -> str:
    """`[1][0]` as "w of layer 1"; other paths as they are."""
    layer = _LAYER.fullmatch(path)
    return (
        f"{'wb'[int(layer[2])]} of layer {layer[1]}" if layer else f"leaf {path}" if path else "it"
    )


def _leaves(state: Any, path: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """Paths and float64 values of the arrays and floats in a state."""
    if isinstance(state, Record):
        state = state.values
    if isinstance(state, dict):
        for key, item in state.items():
            yield from _leaves(item, f"{path}[{key!r}]")
    elif isinstance(state, list | tuple):
        for index, item in enumerate(state):
            yield from _leaves(item, f"{path}[{index}]")
    else:
        values = state.values if isinstance(state, Array) else state
        if not isinstance(values, np.ndarray | np.generic | float):
            raise ValueError("no array")
        yield path, np.asarray(values, np.float64)


def _float64(tree: Any) -> Any:
    if isinstance(tree, list | tuple):
        return type(tree)(_float64(item) for item in tree)
    if isinstance(tree, dict):
        return {key: _float64(item) for key, item in tree.items()}
    if isinstance(tree, np.ndarray | np.generic) and tree.dtype == np.float32:
        return tree.astype(np.float64)
    return tree


def _few(values: np.ndarray, move: Move) -> str:
    """The first four of `values`, of those where the two moves part if they do."""
    shown = values.ravel()
    if move.mine.shape == move.theirs.shape:
        where = ~compare.close(move.mine, move.theirs, compare.Tolerance(1e-3, 0.0)).ravel()
        shown = shown[where] if where.any() else shown
    return compare.describe(shown[:4].astype(np.float32))
