"""Where a learner stands between runs: kept in a file that may be broken, missing or read-only."""

import json
import threading

import pytest

from grader.manifest import load_pack
from grader.model import CheckResult, ExerciseResult, Isolation, Report
from grader.progress import FILENAME, answer_digests, load_progress, states
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


TEXT = "def total(x):\n    return x.sum()\n\n\ndef mean(x):\n    return x.mean()\n"
SUBMISSION = submission_of_texts("s", {"ch01_sums": TEXT})


def digests_of(pack, submission):
    return answer_digests(submission, (exercise.id for exercise in pack.exercises))


def test_what_was_kept_is_there_again(pack):
    progress = load_progress(pack)
    progress.record(report(total="passed", mean="failed"), SUBMISSION)
    progress.see_hint("ch01_sums.mean", 2)
    progress.save()
    again = load_progress(pack)
    assert again.hints_seen == {"ch01_sums.mean": 2}
    found = states(pack, again, digests_of(pack, SUBMISSION))
    assert [found[f"ch01_sums.{name}"] for name in ("total", "mean", "spread")] == [
        "passed",
        "failed",
        "todo",
    ]


def test_a_verdict_on_another_answer_is_no_verdict(pack):
    progress = load_progress(pack)
    progress.record(report(total="passed", mean="passed"), SUBMISSION)
    other = submission_of_texts("s", {"ch01_sums": TEXT.replace("x.sum()", "x.max()")})
    found = states(pack, progress, digests_of(pack, other))
    assert (found["ch01_sums.total"], found["ch01_sums.mean"]) == ("changed", "passed")


def test_two_terminals_add_what_each_has_found(pack):
    one, other = load_progress(pack), load_progress(pack)
    one.record(report(total="passed"), SUBMISSION)
    other.record(report(mean="failed"), SUBMISSION)
    other.see_hint("ch01_sums.mean", 1)
    one.save()
    other.save()
    for progress in (other, load_progress(pack)):
        assert {id: v["status"] for id, v in progress.verdicts.items()} == {
            "ch01_sums.total": "passed",
            "ch01_sums.mean": "failed",
        }
        assert progress.hints_seen == {"ch01_sums.mean": 1}


def test_many_writers_lose_nothing(pack):
    def write(number):
        progress = load_progress(pack)
        progress.see_hint(f"exercise {number}", number)
        progress.save()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(load_progress(pack).hints_seen) == 20


@pytest.mark.parametrize("text", ["", "{", '{"version": 99}', "[]"])
def test_a_file_that_cannot_be_used_is_set_aside(pack, text):
    path = pack.exercises_dir / FILENAME
    path.write_text(text)
    progress = load_progress(pack)
    assert progress.problem
    progress.see_hint("ch01_sums.mean", 1)
    progress.save()
    assert path.with_name(f"{FILENAME}.bak").read_text() == text
    assert load_progress(pack).hints_seen == {"ch01_sums.mean": 1}


def test_a_file_of_an_earlier_version_keeps_its_hints(pack):
    verdict = {"status": "passed", "chapter": "0123"}
    data = {"version": 1, "verdicts": {"ch01_sums.total": verdict}, "hints_seen": {"a": 2}}
    (pack.exercises_dir / FILENAME).write_text(json.dumps(data))
    progress = load_progress(pack)
    assert (progress.problem, progress.hints_seen) == ("", {"a": 2})
    assert states(pack, progress, digests_of(pack, SUBMISSION))["ch01_sums.total"] == "changed"


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
    progress.save()
    assert path.with_name(f"{FILENAME}.bak").is_dir()
    assert load_progress(pack).verdicts.keys() == {"ch01_sums.total"}


def test_the_file_is_written_whole(pack):
    progress = load_progress(pack)
    progress.record(report(total="passed"), SUBMISSION)
    progress.save()
    assert json.loads((pack.exercises_dir / FILENAME).read_text())["version"] == 2
    assert {p.name for p in pack.exercises_dir.glob(".progress*")} == {FILENAME, f"{FILENAME}.lock"}
