"""A class with hostile names and texts, for the tests of exports."""

from page_report import HOSTILE, make_report

from grader.batch.entries import Entry, Graded, Learner, Verdict, summary
from grader.batch.store import Store
from grader.batch.terms import Terms
from grader.reports.json_report import as_dict
from grader.submission import submission_of_texts

FORMULA = '=HYPERLINK("http://example.org","x")'
TERMS = Terms("mini", "digest", 0, 20.0, ("jax 0.10.0",))


def graded(score, most=9.0, **statuses):
    """A verdict of so many points; `statuses` are those of exercises of the miniature pack."""
    verdicts = {
        f"ch01_sums.{name}": Verdict(status, 0.0, 1.0, "a sum for a mean")
        for name, status in statuses.items()
    }
    return Graded(score, most, 1.5, "FULL", "2026-01-02T03:04:05Z", verdicts)


def entry(name, score=None, most=9.0, source="", full_name="", id="", email="", login=""):
    """A submission; without a score it has not been graded."""
    found = None if score is None else graded(score, most, total="passed", mean="failed")
    return Entry(name, source, Learner(full_name, id, email, login), f"digest of {name}", found)


def report(name="ada", **options):
    """A report (schema 1) with hostile texts in every field that learners reach."""
    return as_dict(make_report(**{"submission": name} | options))


def make_store(folder, learners):
    """A real store: `learners` maps names to (learner, report or None)."""
    store = Store.create(folder)
    store.agree(TERMS)
    for name, (learner, found) in learners.items():
        submission = submission_of_texts(name, {"ch01_sums": f"# {name}\ndef mean(x):\n    pass\n"})
        digest = store.register(name, name, learner, submission)
        if found is not None:
            store.keep(digest, TERMS, found)
    return store


__all__ = ["FORMULA", "HOSTILE", "entry", "graded", "make_store", "report", "summary"]
