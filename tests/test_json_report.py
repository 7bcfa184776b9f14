"""A report as JSON, and back."""

import json
from dataclasses import replace

import pytest
from page_report import PAGE, make_report

from grader.errors import UsageError
from grader.model import CheckResult, ExerciseResult, Isolation, Times
from grader.reports.json_report import as_dict, report_of
from grader.reports.page import make_page


def there_and_back(report):
    return json.loads(json.dumps(as_dict(report)))


def test_a_report_survives_the_way():
    options = {
        "times": Times(1.5, 2.5, 3.5),
        "isolation": Isolation("PARTIAL", ("landlock-7",), 15, ("kill", "ptrace")),
    }
    data = there_and_back(make_report(**options))
    report = report_of(data)
    assert as_dict(report) == data
    assert (report.seed, report.times, report.submission) == (
        *(5, Times(1.5, 2.5, 3.5), data["submission"]),
    )
    assert (report.isolation.stopped, report.isolation.tried) == (13, 15)
    assert [e.status for e in report.exercises] == [e.status for e in make_report().exercises]
    assert report.exercises[4].checks[0].timing == make_report().exercises[4].checks[0].timing


def diagnosed():
    """A report whose evidence ends with what was found, as the grader writes it."""
    whole = make_report()
    told = replace(
        whole.exercises[1].checks[0],
        evidence="called    f(1)\nlikely    a sum for a mean: it is 3 times as large",
        hint=f"Divide. (See the lesson of ch02_shapes, {PAGE})",
    )
    mean = replace(whole.exercises[1], checks=(told,))
    return replace(whole, exercises=(whole.exercises[0], mean, *whole.exercises[2:]))


def test_the_page_of_what_comes_back_says_the_same(pack):
    report = diagnosed()
    assert make_page(report_of(there_and_back(report)), pack) == make_page(report, pack)


def test_a_diagnosis_comes_back_with_what_was_found_and_its_page():
    found = report_of(there_and_back(diagnosed())).exercises[1].failure.diagnosis
    assert (found.name, found.found, found.page) == (
        *("a sum for a mean", "it is 3 times as large", PAGE),
    )
    found = report_of(there_and_back(make_report())).exercises[1].failure.diagnosis
    assert (found.found, found.page) == ("", PAGE)


@pytest.mark.parametrize("weights", [(1, 1, 1), (1, 2, 4), (3, 0.5)])
def test_scores_survive_to_six_digits(weights):
    statuses = ["passed", "failed", "passed"]
    checks = tuple(
        CheckResult(f"c{i}", "transform", statuses[i], weight) for i, weight in enumerate(weights)
    )
    report = make_report(exercises=(ExerciseResult("ch01_sums.mean", 2.0, checks),))
    back = report_of(there_and_back(report))
    assert back.score == pytest.approx(report.score, abs=2e-6)
    assert back.exercises[0].score > 0


def test_an_interrupted_run_stays_one():
    report = make_report(interrupted=True, exercises=(ExerciseResult("ch01_sums.mean", 2.0, ()),))
    back = report_of(there_and_back(report))
    assert back.interrupted
    assert back.exercises[0].status == "error"


@pytest.mark.parametrize(
    "change",
    [{"schema_version": 2}, {"exercises": [{}]}, {"isolation": "FULL"}, {"exercises": None}],
)
def test_what_is_no_report_is_a_wrong_request(change):
    with pytest.raises(UsageError, match="no report of schema 1"):
        report_of(as_dict(make_report()) | change)
    with pytest.raises(UsageError, match="no report of schema 1"):
        report_of([])
