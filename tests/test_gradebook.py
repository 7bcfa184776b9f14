"""The verdicts of a run, and what they mean for the checks that follow."""

import pytest

from grader.checks import check
from grader.gradebook import GradeBook
from grader.model import CheckResult


def demand(exercise, name):
    """The demand of a check made for the test."""
    return check(exercise, name)(lambda: None).workshop_demand


def result(name, status):
    return CheckResult(name, "value", status, 1.0)


@pytest.fixture
def book(pack):
    book = GradeBook(pack)
    for name in ("first", "second"):
        for exercise in ("total", "mean"):
            book.plan(pack.exercise(f"ch01_sums.{exercise}"), demand(exercise, name))
    return book


def test_the_verdict_is_the_first_that_did_not_pass(book, pack):
    total = pack.exercise("ch01_sums.total")
    assert book.verdict(total.id) is None
    book.add(total, result("first", "passed"))
    assert book.verdict(total.id) is None
    assert book.has_passed_checks(total.id)
    book.add(total, result("second", "failed"))
    assert book.verdict(total.id) == "failed"


@pytest.mark.parametrize(
    ("status", "names"),
    [("passed", ()), ("failed", ("total",)), ("todo", ("total",)), ("error", ()), (None, ())],
)
def test_needs_that_are_not_solved_are_known(book, pack, status, names):
    if status:
        book.add(pack.exercise("ch01_sums.total"), result("first", status))
    assert book.unsolved_needs(pack.exercise("ch01_sums.spread")) == names


def test_checks_that_did_not_run_are_blocked_and_keep_their_order(book, pack):
    mean = pack.exercise("ch01_sums.mean")
    book.add(mean, result("second", "passed"))
    (only,) = book.results([mean])
    assert [(c.name, c.status) for c in only.checks] == [("first", "blocked"), ("second", "passed")]


def test_an_exercise_without_a_plan_has_no_checks(book, pack):
    (only,) = book.results([pack.exercise("ch02_shapes.outer")])
    assert only.checks == ()
