"""Where a learner stands between runs: kept in a file that may be broken, missing or read-only."""

import json

import pytest

from grader.manifest import load_pack
from grader.model import CheckResult, ExerciseResult, Isolation, Report
from grader.progress import FILENAME, load_progress, text_digest
from grader.submission import submission_of_texts


def report(interrupted=False, **statuses):
    """A report with these statuses of exercises of chapter 1."""
    results = tuple(
        ExerciseResult(f"ch01_sums.{name}", 1.0, (CheckResult("c", "value", status, 1.0),))
        for name, status in statuses.items()
    )
    return Report(
        "mini", "1", "s", "", 1.0, Isolation("FULL"), {}, results, interrupted=interrupted
    )


@pytest.fixture
def pack(mini):
    return load_pack(mini)


SUBMISSION = submission_of_texts("s", {"ch01_sums": "text"})


def test_what_was_kept_is_there_again(pack):
    progress = load_progress(pack)
    progress.record(report(total="passed", mean="failed"), SUBMISSION)
    progress.hints_seen["ch01_sums.mean"] = 2
    progress.save()
    again = load_progress(pack)
    assert again.hints_seen == {"ch01_sums.mean": 2}
    statuses = {
        e.name: again.status(e, text_digest("text")) for e in pack.chapter("ch01_sums").exercises
    }
    assert statuses == {"total": "passed", "mean": "failed", "spread": "todo"}


def test_a_verdict_on_another_text_is_no_verdict(pack):
    progress = load_progress(pack)
    progress.record(report(total="passed"), SUBMISSION)
    assert progress.status(pack.exercise("ch01_sums.total"), text_digest("other")) == "changed"


def test_a_run_over_a_part_keeps_the_rest(pack):
    progress = load_progress(pack)
    progress.record(report(total="passed", mean="passed"), SUBMISSION)
    progress.record(report(mean="failed"), SUBMISSION)
    verdicts = {id: verdict["status"] for id, verdict in progress.verdicts.items()}
    assert verdicts == {"ch01_sums.total": "passed", "ch01_sums.mean": "failed"}


def test_an_interrupted_run_forgets_nothing(pack):
    progress = load_progress(pack)
    progress.record(report(total="passed", mean="passed"), SUBMISSION)
    progress.record(report(interrupted=True, total="failed", mean="blocked"), SUBMISSION)
    verdicts = {id: verdict["status"] for id, verdict in progress.verdicts.items()}
    assert verdicts == {"ch01_sums.total": "failed", "ch01_sums.mean": "passed"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"version": 99}',
        '{"version": 1}',
        '{"version": 1, "verdicts": [], "hints_seen": []}',
        '{"version": 1, "verdicts": {"ch01_sums.total": 5}, "hints_seen": {"a": "b"}}',
        '{"version": 1, "verdicts": {"ch01_sums.total": {"status": []}}}',
        '{"version": 1, "hints_seen": {"a": true}}',
        '{"version": 1, "verdicts": {"ch01_sums.total": {}}, "hints_seen": {"a": 1.5}}',
        "[" * 100_000,
    ],
)
def test_a_file_that_is_broken_counts_as_none(pack, text):
    (pack.exercises_dir / FILENAME).write_text(text)
    progress = load_progress(pack)
    assert progress.status(pack.exercise("ch01_sums.total"), "") == "todo"
    assert progress.hints_seen == {}


def test_a_file_that_is_no_text_or_a_folder_counts_as_none(pack):
    path = pack.exercises_dir / FILENAME
    path.write_bytes(b"\xff\xfe")
    assert load_progress(pack).verdicts == {}
    path.unlink()
    path.mkdir()
    progress = load_progress(pack)
    progress.record(report(total="passed"), SUBMISSION)
    progress.save()  # cannot be written: no tragedy
    assert path.is_dir()


def test_the_file_is_written_whole(pack):
    progress = load_progress(pack)
    progress.record(report(total="passed"), SUBMISSION)
    progress.save()
    assert json.loads((pack.exercises_dir / FILENAME).read_text())["version"] == 1
    assert [p.name for p in pack.exercises_dir.glob(".progress*")] == [FILENAME]
