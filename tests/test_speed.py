"""The rule that decides about speed."""

import numpy as np
import pytest

from grader.speed import decide, sample, summary, undisturbed


def ratios(middle, count, seed=0, noise=0.3):
    """Ratios around `middle`, with the long tail that a busy machine gives."""
    return list(middle * np.random.default_rng(seed).lognormal(0, noise, count))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], "undecided"),
        ([0.5], "undecided"),
        ([2.0] * 8, "undecided"),
        ([0.5] * 5, "undecided"),
        ([0.5] * 6, "fast enough"),
        ([0.5] * 9, "fast enough"),
        ([13.0] * 3, "undecided"),
        ([13.0] * 4, "too slow"),
        ([4.0] * 10, "undecided"),
        ([4.0] * 11, "too slow"),
        ([3.5] * 100, "fast enough"),
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


def test_the_stated_error_rates_hold_at_the_edges():
    rng, wrong = np.random.default_rng(1), {"blamed": 0, "passed": 0}
    for _ in range(2000):
        few = np.where(rng.random(120) < 0.3, 9.0, 1.0)
        many = np.where(rng.random(120) < 0.7, 9.0, 1.0)
        wrong["blamed"] += first_decision(list(few), 3.0) == "too slow"
        wrong["passed"] += first_decision(list(many), 3.0) == "fast enough"
    assert wrong["blamed"] <= 2  # 1 in 10,000
    assert wrong["passed"] <= 8  # 1 in 800


def test_pairs_that_the_machine_disturbed_do_not_count():
    assert undisturbed([(1.0, 1.0), (9.0, 9.0), (2.0, 3.9)]) == [(1.0, 1.0), (2.0, 3.9)]


def test_sampling_ends_with_a_decision():
    pairs, decision = sample(lambda index: (8.0, 1.0), 3.0)
    assert (len(pairs), decision) == (11, "too slow")
    pairs, decision = sample(lambda index: (1.0, 1.0 + index % 2), 3.0)
    assert (len(pairs), decision) == (6, "fast enough")
    pairs, decision = sample(lambda index: (3.0, 1.0), 3.0)
    assert (len(pairs), decision) == (9, "fast enough")
    pairs, decision = sample(lambda index: (3.0 + 2 * (index % 2), 1.0), 3.0)
    assert (len(pairs), decision) == (120, "undecided")


def test_a_summary_holds_medians_and_the_time_to_compile():
    timing = summary([(2.0, 1.0), (4.0, 1.0), (9.0, 3.0)], 3.0, "fast enough", 10.0)
    assert (timing.ratio, timing.answer, timing.reference) == (3.0, 4.0, 1.0)
    assert (timing.compiling, timing.pairs, timing.decision) == (6.0, 3, "fast enough")
