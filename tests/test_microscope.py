"""Where two trainings part, and why."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from grader import microscope
from grader.compare import Tolerance
from grader.errors import CheckFailed
from grader.microscope import Move, first_parting, leaf_name, why
from grader.worker.wire import Array

START = [(np.zeros((2, 3), np.float32), np.zeros(2, np.float32))]
MOVES = [  # of w and b, in three steps
    (np.float32([[1, 2, 3], [4, 5, 7]]), np.float32([1, -2])),
    (np.float32([[2, -1, 0], [1, 3, 5]]), np.float32([3, 1])),
    (np.float32([[-1, 1, 2], [0, 2, 1]]), np.float32([0.5, 4])),
]


def trajectory(moves):
    """States after each step, as a worker's reply is decoded."""
    w, b = START[0]
    states = []
    for dw, db in moves:
        w, b = w + dw, b + db
        states.append([(Array("jax", w), Array("jax", b))])
    return states


def parting(moves):
    pair = SimpleNamespace(
        answer=SimpleNamespace(outcome=SimpleNamespace(value=trajectory(moves))),
        reference=SimpleNamespace(outcome=SimpleNamespace(value=trajectory(MOVES))),
    )
    return first_parting(pair, START, Tolerance())


def test_equal_trainings_do_not_part():
    assert parting(MOVES) is None


def test_the_first_step_and_leaf_are_found():
    wrong = [MOVES[0], (MOVES[1][0], MOVES[1][1] + 1), MOVES[2]]
    move = parting(wrong)
    assert (move.step, move.leaf) == (2, "[0][1]")
    np.testing.assert_allclose(move.mine, [4, 2])
    np.testing.assert_allclose(move.theirs, [3, 1])


def scaled(factor):
    return [tuple(factor * leaf for leaf in move) for move in MOVES]


def with_momentum(kept):
    moves, before = [], [np.zeros_like(leaf) for leaf in MOVES[0]]
    for move in MOVES:
        before = [leaf + kept * old for leaf, old in zip(move, before, strict=True)]
        moves.append(tuple(before))
    return moves


@pytest.mark.parametrize(
    ("moves", "words"),
    [
        (scaled(0), "does not move at all"),
        (scaled(2), "moves 2 times as far"),
        (scaled(0.125), "0.125 times as far as it should, 1/8 of it"),
        (scaled(-1), "uphill"),
        (with_momentum(1.0), "gradient had not been cleared"),
        (with_momentum(0.9), "keeps 0.9 of the step before"),
        ([(MOVES[0][0] ** 2, MOVES[0][1]), *MOVES[1:]], ""),
    ],
)
def test_the_reason_is_named(moves, words):
    reason = why(parting(moves))
    assert words in reason
    assert bool(words) == bool(reason)


def test_the_numbers_shown_are_those_that_part():
    mine, theirs = np.zeros(9), np.zeros(9)
    mine[[5, 7, 8]], theirs[[5, 7]] = 2, (1, 3)
    move = Move(1, "", mine, theirs, None)
    assert microscope._few(mine, move) == "float32[3] [2. 2. 2.]"
    assert microscope._few(theirs, move) == "float32[3] [1. 3. 0.]"
    other_shape = Move(1, "", mine, theirs[:2], None)
    assert microscope._few(theirs[:2], other_shape) == "float32[2] [0. 0.]"


def test_states_of_another_structure_do_not_part_but_differ():
    assert parting([]) is None
    pair = SimpleNamespace(
        answer=SimpleNamespace(outcome=SimpleNamespace(value=[["text"]] * 3)),
        reference=SimpleNamespace(outcome=SimpleNamespace(value=trajectory(MOVES))),
    )
    assert first_parting(pair, START, Tolerance()) is None


def test_leaves_have_the_names_of_the_lessons():
    assert leaf_name("[2][0]") == "w of layer 2"
    assert leaf_name("[0][1]") == "b of layer 0"
    assert leaf_name("['bias']") == "leaf ['bias']"


@dataclass
class FakeTrial:
    """As much of a trial as the microscope touches."""

    demand: Any
    failure: Any = None
    clues: Any = None

    def fail(self, explanation):
        return CheckFailed(explanation)


@dataclass
class FakeDemand:
    x64: bool = False


@pytest.mark.parametrize("apart", [0.0, 1e-3])
def test_what_float64_does_not_show_is_rounding(monkeypatch, apart):
    """The states are dictionaries; the answer is off by 1e-3 in float32, and by `apart` in float64."""

    class FakeBoth:
        def __init__(self, trial):
            self.x64 = trial.demand.x64

        def __call__(self, probe, start, **settings):
            assert start["w"].dtype == (np.float64 if self.x64 else np.float32)
            off = apart if self.x64 else 1e-3
            right = [{"w": Array("jax", start["w"] + 1)}]
            wrong = [{"w": Array("jax", start["w"] + 1 + start["w"].dtype.type(off))}]
            outcomes = (SimpleNamespace(value=value) for value in (wrong, right))
            answer, reference = (SimpleNamespace(outcome=o, called="called") for o in outcomes)
            return SimpleNamespace(answer=answer, reference=reference)

    monkeypatch.setattr(microscope, "Both", FakeBoth)
    monkeypatch.setattr(microscope, "replace", replaced)
    training = microscope.Training(FakeTrial(FakeDemand()))
    start = {"w": np.zeros(3, np.float32)}
    if apart:
        with pytest.raises(CheckFailed, match="They part in float64 too"):
            training(None, start)
    else:
        assert training(None, start).answer.called == "called"


def replaced(thing, **changes):
    """`dataclasses.replace`, for the fakes too."""
    return type(thing)(**(vars(thing) | changes))
