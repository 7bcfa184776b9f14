"""The pytest plugin: check files become checks of exercises, verdicts become short reports.

It is loaded by the kit's conftest.py, by the grader's own runs and, where the kit is installed, by
every pytest; it touches nothing but test functions marked with `grader.checks.check`, and imports the
rest of the grader only when it meets one.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from grader import fixtures
from grader.fixtures import bound_key, clock_key, run_key, run_of, trial_key
from grader.text import EVIDENCE, MESSAGE, bounded, clean, continued, one_line, quoted

if TYPE_CHECKING:
    from grader.checks import Demand
    from grader.model import CheckResult
    from grader.pack import Pack
    from grader.run import Run

_LETTERS = {"todo": "t", "blocked": "b", "unavailable": "u", "error": "E"}
_MAX_PRINTED = 4000
_result_key: pytest.StashKey[CheckResult] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The plugin's options."""
    group = parser.getgroup("workshop", "exercises of a workshop pack")
    group.addoption(
        "--submission",
        type=Path,
        metavar="DIR",
        help="folder or .zip of the chapter files to check",
    )
    group.addoption(
        "--workshop-seed", type=int, default=0, metavar="N", help="seed of the inputs drawn"
    )
    group.addoption(
        "--workshop-timeout", type=float, default=20.0, metavar="S", help="seconds per call"
    )
    group.addoption(
        "--in-process", action="store_true", help="run answers in this process (to debug)"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Add the fixtures. Named in `pytest_plugins`, pytest could warn that they are imported already."""
    config.pluginmanager.register(fixtures, fixtures.__name__)


class Installer:
    """Hands a prepared `Run` to the plugin; passed to `pytest.main(plugins=[...])`."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """Put the run where the plugin looks for it."""
        config.stash[run_key] = self._run

    @pytest.fixture
    def benchmark(self) -> None:
        """In the place of pytest-benchmark's, whose table nobody sees in a graded run."""


# Collection.


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem(collector: Any, name: str, obj: Any) -> Generator[None, Any, Any]:
    """Recognise checks among the test functions."""
    items: Any = yield
    demand = getattr(obj, "workshop_demand", None)
    if demand is None:
        return items
    return [_bind(item, demand) for item in (items if isinstance(items, list) else [items])]


def _bind(found: Any, demand: Demand) -> pytest.Function:
    """The test function as a check: with its readable name, its exercise and its seed."""
    import cloudpickle
    import hypothesis

    from grader.replay import ReplayClock
    from grader.run import Bound

    pack = _pack_of(found.path)
    name = found.path.stem.removeprefix("test_")
    try:
        chapter, exercise = pack.chapter(name), pack.exercise(f"{name}.{demand.exercise}")
    except KeyError:
        raise pytest.Collector.CollectError(
            f"{found.path.name}: {found.name} checks {name}.{demand.exercise}, which is no exercise "
            "of workshop.toml."
        ) from None
    cloudpickle.register_pickle_by_value(sys.modules[found.function.__module__])
    title = f"{exercise.id}: {demand.name}"
    item: pytest.Function = pytest.Function.from_parent(
        found.parent,
        name=title + found.name.removeprefix(found.originalname),
        callspec=getattr(found, "callspec", None),
        callobj=found.obj,
        fixtureinfo=found._fixtureinfo,
        originalname=title,
    )
    item.stash[bound_key] = Bound(pack, chapter, exercise, demand)
    path, line, title = item.location
    item.location = path, line, f"{title} "  # so that -v does not take its first dot for a class
    item.extra_keyword_matches.add(found.name)
    if "speed" in item.fixturenames:
        item.stash[clock_key] = ReplayClock()
        item.add_marker(pytest.mark.benchmark(timer=item.stash[clock_key], group=exercise.id))
    if hasattr(item.obj, "hypothesis"):
        hypothesis.seed(run_of(item.config).seed_of(item.name))(item.obj)
    return item


_packs: dict[Path, Pack] = {}


def _pack_of(check_file: Path) -> Pack:
    from grader.errors import GraderError
    from grader.manifest import load_pack
    from grader.misconceptions.packs import pack_rules

    root = check_file.parents[2]
    try:
        if root not in _packs:
            pack = load_pack(root)
            pack_rules(pack)
            _packs[root] = pack
    except GraderError as error:
        raise pytest.Collector.CollectError(str(error)) from None
    return _packs[root]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the checks that nobody asked for; plan the others."""
    bound_items = [item for item in items if bound_key in item.stash]
    if not bound_items:
        return
    run = run_of(config)
    dropped = []
    for item in bound_items:
        bound = item.stash[bound_key]
        if run.wanted(bound.exercise, bound.demand):
            run.book(bound.pack).plan(bound.exercise, bound.demand)
        else:
            dropped.append(item)
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        gone = set(dropped)
        items[:] = [item for item in items if item not in gone]


class CollectionErrors:
    """Keeps what goes wrong while checks are collected; passed to `pytest.main(plugins=[...])`."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a file that could not be collected."""
        if report.failed:
            self.texts.append(f"{report.nodeid}: {report.longreprtext[-2000:]}")


# Running a check.


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Spare a check whose verdict is clear without running it."""
    bound = item.stash.get(bound_key, None)
    if bound is None:
        return
    from grader.errors import CheckFailed, Explanation

    run = run_of(item.config)
    obstacle = run.obstacle(bound)
    if obstacle is None and (known := run.recall(bound)):
        item.stash[_result_key] = known
        pytest.skip("the same code has been graded before")
    if obstacle is not None:
        status, reason = obstacle
        explanation = Explanation(reason, hint="The other chapters are graded all the same.")
        item.stash[_result_key] = run.note(bound, status, explanation, 0.0)
        if status == "failed":
            raise CheckFailed(explanation)
        pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Run a check and note its verdict."""
    bound = item.stash.get(bound_key, None)
    if bound is None:
        return (yield)
    from grader.drawing import same_for_everyone
    from grader.judge import judge

    run = run_of(item.config)
    start = time.perf_counter()
    try:
        with same_for_everyone():
            result = yield
        if trial_key in item.stash:
            item.stash[trial_key].demand_same_again()
            run.openings[bound.exercise.id] = item.stash[trial_key].opening
    except (KeyboardInterrupt, pytest.skip.Exception):
        raise
    except BaseException as error:
        trial = item.stash.get(trial_key, None)
        status, explanation = judge(item, trial, bound, error)
        seconds = time.perf_counter() - start
        item.stash[_result_key] = run.note(bound, status, explanation, seconds, trial)
        if status == "todo":  # nothing that a debugger should stop at
            raise pytest.skip.Exception(explanation.rationale) from None
        raise
    seconds, trial = time.perf_counter() - start, item.stash.get(trial_key, None)
    item.stash[_result_key] = run.note(bound, "passed", None, seconds, trial)
    return result


# Reporting.


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, Any]:
    """Put the verdict and its short message in the place of a traceback."""
    report: Any = yield
    result = item.stash.get(_result_key, None)
    if result is None or report.when == "teardown" or (report.when == "setup" and report.passed):
        return report
    report.workshop_status = result.status
    if result.status in ("todo", "blocked", "unavailable"):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), 0, one_line(result.rationale))
    elif result.status in ("failed", "error"):
        report.outcome = "failed"
        report.longrepr = message_text(result)
        trial = item.stash.get(trial_key, None)
        if trial is not None and trial.printed:
            report.sections.append(("what your code printed", quoted(trial.printed, _MAX_PRINTED)))
    return report


def message_text(result: CheckResult) -> str:
    """A failed check's message: what happened, what shows it, the next step."""
    evidence = bounded(clean(result.evidence), EVIDENCE).splitlines()
    lines = [continued(result.rationale), *(f"    {line}" for line in evidence)]
    if result.hint:
        lines.append(f"    next      {one_line(result.hint, MESSAGE)}")
    return "\n".join(lines)


def pytest_report_teststatus(report: Any) -> tuple[str, str, str] | None:
    """Show verdicts under their own names."""
    status = getattr(report, "workshop_status", None)
    if status == "failed":
        return "failed", "F", "FAILED"
    if status in _LETTERS:
        return status, _LETTERS[status], status.upper()
    return None


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The score, and what comes next."""
    run = config.stash.get(run_key, None)
    for book in run.books.values() if run else ():
        results = book.results(e for e in book.pack.exercises if e.id in book.planned)
        if not results:
            continue
        score, most = sum(r.score for r in results), sum(r.max_score for r in results)
        passed = sum(r.status == "passed" for r in results)
        terminalreporter.write_sep("=", book.pack.title)
        terminalreporter.write_line(
            f"Score {round(score, 2):g} of {most:g}: {passed} of {len(results)} exercises passed."
        )
        following = next((r for r in results if r.status in ("failed", "todo")), None)
        if following is not None:
            terminalreporter.write_line(
                f"Next: {following.id} ({following.status}). "
                f"A hint: python -m grader hint {following.id}"
            )


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A run with exercises to do has not passed, although none of its tests failed."""
    run = session.config.stash.get(run_key, None)
    books = run.books.values() if run else ()
    unfinished = any(book.verdict(id) == "todo" for book in books for id in book.planned)
    if unfinished and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
