"""Statuses and scores: what a set of checks amounts to."""

import pytest

from grader.model import CheckResult, ExerciseResult, Isolation, Raised, Report


def exercise(*checks, points=4.0):
    """An exercise whose checks are written "kind status weight"."""
    made = []
    for index, text in enumerate(checks):
        kind, status, weight = text.split()
        made.append(CheckResult(f"check {index}", kind, status, float(weight)))
    return ExerciseResult("ch01.f", points, tuple(made))


def report(*exercises, interrupted=False):
    return Report(
        "p", "1", "s", "", 1.0, Isolation("FULL"), {}, tuple(exercises), interrupted=interrupted
    )


@pytest.mark.parametrize(
    ("checks", "status", "score"),
    [
        (["value passed 1"], "passed", 4),
        (["value passed 1", "transform passed 3"], "passed", 4),
        (["value passed 1", "transform failed 3"], "failed", 1),
        (["value passed 3", "speed failed 1"], "failed", 3),
        (["value failed 1", "transform passed 3"], "failed", 0),
        (["value failed 1", "transform blocked 3"], "failed", 0),
        (["value passed 1", "value failed 1", "speed passed 2"], "failed", 0),
        (["value passed 1", "value blocked 1", "speed passed 2"], "blocked", 0),
        (["transform blocked 1", "value failed 1"], "failed", 0),
        (["value blocked 1", "value blocked 1"], "blocked", 0),
        (["value todo 1", "value blocked 1"], "todo", 0),
        (["value error 1", "value blocked 1"], "error", 0),
        (["value passed 1", "structure error 1"], "error", 2),
        (["structure passed 1", "speed failed 1"], "failed", 2),
        ([], "error", 0),
    ],
)
def test_an_exercise_is_what_its_checks_are(checks, status, score):
    result = exercise(*checks)
    assert (result.status, result.score, result.max_score) == (status, score, 4.0)


def test_an_exercise_that_cannot_be_tried_does_not_count():
    result = exercise("value unavailable 1", "speed blocked 1")
    assert (result.status, result.score, result.max_score) == ("unavailable", 0, 0)


def test_the_failure_is_the_first_thing_to_read_about():
    result = exercise("value passed 1", "value failed 1", "speed error 1")
    assert result.failure is result.checks[1]
    assert exercise("value todo 1").failure is None


def test_an_exercise_knows_its_chapter():
    result = exercise("value passed 1")
    assert (result.id, result.chapter, result.name) == ("ch01.f", "ch01", "f")


def test_a_report_adds_up():
    whole = report(
        exercise("value passed 1"),
        exercise("value passed 1", "speed failed 1", points=2.0),
        exercise("value unavailable 1"),
    )
    assert (whole.score, whole.max_score) == (5, 6)
    assert (whole.count("passed"), whole.count("failed"), whole.count("todo")) == (1, 1, 0)


@pytest.mark.parametrize(
    ("statuses", "interrupted", "expected"),
    [
        (["passed", "passed"], False, True),
        (["passed", "unavailable"], False, True),
        (["passed"], True, False),
        (["passed", "todo"], False, False),
        (["passed", "error"], False, False),
        (["unavailable"], False, False),
        ([], False, False),
    ],
)
def test_all_passed_means_all_that_count(statuses, interrupted, expected):
    results = [exercise(f"value {status} 1") for status in statuses]
    assert report(*results, interrupted=interrupted).all_passed is expected


def test_the_type_of_an_exception_is_its_own_class():
    assert Raised(("KeyError", "LookupError"), "", ()).type == "KeyError"
