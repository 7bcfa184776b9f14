"""The rule that decides about speed."""

import numpy as np
import pytest

from grader.speed import decide


def ratios(middle, count, seed=0, noise=0.3):
    """Ratios around `middle`, with the long tail that a busy machine gives."""
    return list(middle * np.random.default_rng(seed).lognormal(0, noise, count))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], "undecided"),
        ([0.5], "undecided"),
        ([0.5] * 5, "fast enough"),
        ([9.0] * 3, "undecided"),
        ([9.0] * 4, "too slow"),
        ([4.0] * 9, "undecided"),
        ([4.0] * 10, "too slow"),
        ([0.5, 4.0] * 20, "undecided"),
    ],
)
def test_the_rule_at_a_threshold_of_three(found, expected):
    assert decide(found, 3.0) == expected


def first_decision(values, limit):
    for count in range(1, len(values) + 1):
        verdict = decide(values[:count], limit)
        if verdict != "undecided":
            return verdict
    return "undecided"


def test_an_answer_at_twice_the_threshold_is_caught_and_an_equal_one_passes():
    for seed in range(300):
        assert first_decision(ratios(6.0, 60, seed), 3.0) == "too slow"
        assert first_decision(ratios(1.0, 60, seed), 3.0) == "fast enough"


def test_a_fast_answer_survives_hiccups():
    for seed in range(300):
        values = ratios(1.0, 60, seed)
        values[seed % 5] *= 50
        assert first_decision(values, 3.0) == "fast enough"
