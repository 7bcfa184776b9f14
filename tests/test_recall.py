"""The same code has the same verdict: what is used again, and what is not."""

import dataclasses
import sqlite3
from contextlib import closing

import pytest

from grader.model import CheckResult, Diagnosis, ExerciseResult, Timing
from grader.recall import Recall
from grader.session import Grader
from grader.submission import Submission, submission_of_texts
from grader.table import Table
from grader.worlds import Worlds

WRONG_MEAN = "\n\ndef mean(x):\n    return x.max()\n"
RAISING_MEAN = "\n\ndef mean(x):\n    return x.no_such_thing\n"
TODO_MEAN = "\n\ndef mean(x):\n    raise NotImplementedError\n"
OTHER_SPREAD = "\n\ndef spread(x):\n    return ((x - mean(x)) ** 2).mean()\n"
COMMENT = "\n# nothing that counts\n"
REMEMBERS = "\n\nseen = []\n\n\ndef remember(x):\n    seen.append(x)\n"
FAILS_TO_LOAD = "\n\n@no_such_decorator\ndef helper(x):\n    return x\n"
SPOILS = "\n\nimport jax.numpy\njax.numpy.maximum = None\n"


@pytest.fixture
def recalling(pack, launcher):
    """A grader that remembers verdicts."""
    return Grader(pack, timeout=60.0, recall=Recall(), launcher=launcher)


@pytest.fixture
def calls(monkeypatch):
    """The calls on answers, as (chapter, stand-ins)."""
    made = []
    start = Worlds.start

    def counted(self, world, call):
        if world.role == "answer":
            made.append((world.chapter, world.stand_ins))
        return start(self, world, call)

    monkeypatch.setattr(Worlds, "start", counted)
    return made


def verdicts(report):
    """Everything that a report says of the answers but the times."""
    return [
        (result.id, result.score, c.name, c.status, c.rationale, c.evidence, c.hint, c.diagnosis)
        for result in report.exercises
        for c in result.checks
    ]


def changed(solutions, **more):
    """The solutions with more text at the end of chapters."""
    texts = {name: text + more.get(name, "") for name, text in solutions.items()}
    return submission_of_texts("a test", texts)


def test_an_equal_submission_costs_no_call(recalling, pack, solutions, calls):
    first = recalling.grade(changed(solutions), pack.exercises)
    assert first.all_passed
    assert calls
    calls.clear()
    again = recalling.grade(changed(solutions), pack.exercises)
    assert verdicts(again) == verdicts(first)
    assert not calls


def test_an_equal_definition_costs_no_call(recalling, pack, solutions, calls):
    recalling.grade(changed(solutions), pack.exercises)
    calls.clear()
    report = recalling.grade(changed(solutions, ch01_sums=OTHER_SPREAD), pack.exercises)
    assert report.all_passed
    assert {chapter for chapter, _ in calls} == {"ch01_sums"}  # of spread, that is
    assert len(calls) < 6


def test_names_of_local_variables_do_not_count_where_it_passed(recalling, pack, solutions, calls):
    named = "\n\ndef mean(x):\n    {0} = x.sum()\n    return {0} / x.size\n"
    first = recalling.grade(changed(solutions, ch01_sums=named.format("whole")), pack.exercises)
    assert first.all_passed
    calls.clear()
    again = recalling.grade(changed(solutions, ch01_sums=named.format("all_of_it")), pack.exercises)
    assert verdicts(again) == verdicts(first)
    assert not calls
    wrong = named.replace(".size", ".ndim")
    recalling.grade(changed(solutions, ch01_sums=wrong.format("whole")), pack.exercises)
    calls.clear()
    recalling.grade(changed(solutions, ch01_sums=wrong.format("all_of_it")), pack.exercises)
    assert calls


def test_an_equal_failure_costs_no_call(recalling, pack, solutions, calls):
    first = recalling.grade(changed(solutions, ch01_sums=WRONG_MEAN), pack.exercises)
    calls.clear()
    again = recalling.grade(changed(solutions, ch01_sums=COMMENT + WRONG_MEAN), pack.exercises)
    assert verdicts(again) == verdicts(first)
    assert not calls


def test_a_failure_that_names_a_line_is_found_again(recalling, pack, solutions, calls):
    for text in (RAISING_MEAN, COMMENT + RAISING_MEAN):
        calls.clear()
        report = recalling.grade(changed(solutions, ch01_sums=text), pack.exercises)
        (failed,) = (c for e in report.exercises for c in e.checks if c.status == "failed")
        line = (solutions["ch01_sums"] + text).count("\n")
        assert f"ch01_sums.py, line {line}, in mean" in failed.evidence
        assert calls


MIXED = {
    "a comment": {"ch01_sums": COMMENT},
    "a wrong answer": {"ch01_sums": WRONG_MEAN},
    "a wrong answer lower down": {"ch01_sums": COMMENT + WRONG_MEAN},
    "one that raises": {"ch01_sums": RAISING_MEAN},
    "one that raises lower down": {"ch01_sums": COMMENT + RAISING_MEAN},
    "a stub": {"ch01_sums": TODO_MEAN},
    "a memory": {"ch01_sums": REMEMBERS},
    "what fails to load": {"ch01_sums": FAILS_TO_LOAD},
    "a replaced function": {"ch02_shapes": SPOILS},
}


def test_verdicts_are_those_of_grading_alone(recalling, grader, pack, solutions):
    submissions = {what: changed(solutions, **more) for what, more in MIXED.items()}
    alone = {w: verdicts(grader.grade(s, pack.exercises)) for w, s in submissions.items()}
    for _ in range(2):
        for what, submission in submissions.items():
            assert verdicts(recalling.grade(submission, pack.exercises)) == alone[what], what


def test_missing_and_broken_chapters_are_told_apart(recalling, grader, pack, solutions):
    whole = changed(solutions)
    missing = {n: f for n, f in whole.files.items() if n != "ch01_sums"}
    broken = dataclasses.replace(whole.files["ch01_sums"], text="", problem="It is a folder.")
    comment = dataclasses.replace(whole.files["ch01_sums"], text=COMMENT)
    for files in (missing, missing | {"ch01_sums": broken}, missing | {"ch01_sums": comment}):
        submission = Submission("a test", files)
        alone = grader.grade(submission, pack.exercises)
        for _ in range(2):
            assert verdicts(recalling.grade(submission, pack.exercises)) == verdicts(alone)


def test_unsolved_needs_count(recalling, pack, solutions, calls):
    """`spread` is the same code in both, but one of them rests on a wrong `mean`."""
    recalling.grade(changed(solutions, ch01_sums=WRONG_MEAN), pack.exercises)
    calls.clear()
    recalling.grade(changed(solutions), pack.exercises)
    assert ("ch01_sums", ()) in calls


def test_a_lost_process_is_forgotten(recalling, pack, solutions, calls):
    kills = "\n\ndef total(x):\n    import os\n    os._exit(1)\n"
    for _ in range(2):
        calls.clear()
        report = recalling.grade(changed(solutions, ch01_sums=kills), pack.exercises)
        assert report.exercises[0].status == "failed"
        assert calls


def test_a_run_over_some_exercises_is_not_remembered(recalling, pack, solutions, calls):
    for _ in range(2):
        calls.clear()
        recalling.grade(changed(solutions), pack.select(["ch01"]))
        assert calls


def test_a_chapter_that_names_another_counts_with_it(recalling, grader, pack, solutions):
    """What a chapter imports from another may change while its own text stays the same."""
    imports = "\n\nfrom ch01_sums import total\n\n\ndef outer(x, y):\n    return x[:, None] * y + total(x) * 0\n"
    right = changed(solutions, ch02_shapes=imports)
    wrong = changed(
        solutions, ch02_shapes=imports, ch01_sums="\n\ndef total(x):\n    return 1 / 0\n"
    )
    for submission in (right, wrong, right):
        alone = grader.grade(submission, pack.exercises)
        assert verdicts(recalling.grade(submission, pack.exercises)) == verdicts(alone)


def result(**changes):
    """The result of an exercise of one check, with `changes` to that."""
    return ExerciseResult(
        "ch01.f", 2.0, (CheckResult("is right", "value", "passed", 1.0, **changes),)
    )


RESULTS = {
    "passed": result(duration=0.5),
    "measured": result(timing=Timing(1.0, 2.0, 6, "fast enough", 0.1, 0.1, 0.5)),
    "tried": result(matrix={"jit": "passed", "vmap": "failed"}),
    "explained": result(
        rationale="\ud83d \u00e4", diagnosis=Diagnosis("a name", "found", "advice", "ch01", "page")
    ),
}


@pytest.mark.parametrize("kept", RESULTS.values(), ids=RESULTS)
def test_processes_share_what_they_know(tmp_path, kept):
    first, other = (Recall(Table(tmp_path / "recall.sqlite"), "terms") for _ in range(2))
    first.keep((kept,), "ch01.f", "d1g35t", ("g",))
    first.table.save()
    assert other.get("ch01.f", "d1g35t", ("g",)) == (kept,)
    assert other.get("ch01.f", "d1g35t", ()) is None
    assert (
        Recall(Table(tmp_path / "recall.sqlite"), "others").get("ch01.f", "d1g35t", ("g",)) is None
    )


@pytest.mark.parametrize(
    "value", ["x'00'", "NULL", "'[1]'", "CAST('[1]' AS BLOB)", "CAST('[{}]' AS BLOB)"]
)
def test_what_is_spoilt_is_not_known(tmp_path, value):
    recall = Recall(Table(tmp_path / "recall.sqlite"))
    recall.keep((result(),), "ch01.f")
    recall.table.save()
    with closing(sqlite3.connect(tmp_path / "recall.sqlite")) as connection, connection:
        connection.execute(f"UPDATE entries SET value = {value}")
    assert Recall(Table(tmp_path / "recall.sqlite")).get("ch01.f") is None


def test_a_verdict_on_speed_is_for_one_file_alone(pack, solutions):
    whole = changed(solutions)
    below = changed(solutions, ch01_sums=COMMENT)
    chapter = pack.chapters[0]
    for kind, known in (("value", True), ("speed", False)):
        recall = Recall()
        found = [
            ExerciseResult(e.id, e.points, (CheckResult("c", kind, "failed", 1.0),))
            for e in chapter.exercises
        ]
        nothing = {e.id: () for e in chapter.exercises}
        recall.of(whole, pack).keep(chapter, found, nothing)
        assert recall.of(whole, pack).chapter(chapter.name) == tuple(found)
        again = recall.of(below, pack).exercise(chapter.exercises[0], ())
        assert (again == found[0]) == known
