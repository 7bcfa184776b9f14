"""The pytest plugin: check files become checks of exercises, verdicts become short reports.

It is loaded by the kit's conftest.py, by the grader's own runs and, where the kit is installed, by
every pytest; it touches nothing but test functions marked with `grader.checks.check`.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from grader.checks import Demand
    from grader.errors import Explanation
    from grader.model import CheckResult, Status
    from grader.pack import Chapter, Exercise, Pack

_LETTERS = {"todo": "t", "blocked": "b", "unavailable": "u", "error": "E"}
DEFAULT_TIMEOUT = 20.0


@dataclass
class Run:
    """The settings of one pytest session over one submission, and what it found."""

    submission: Any = None  # grader.submission.Submission; None: the pack's own exercises
    launcher: Any = None  # grader.worker.host.Launcher
    memory: Any = None  # grader.worlds.ReferenceMemory
    seed: int = 0
    timeout: float = DEFAULT_TIMEOUT
    in_process: bool = False
    wanted: Callable[[Exercise, Demand], bool] = lambda exercise, demand: True
    on_plan: Callable[[int], None] = lambda checks: None
    on_check: Callable[[Exercise, CheckResult], None] = lambda exercise, result: None
    books: dict[Path, Any] = field(default_factory=dict)
    collection_errors: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Bound:
    """A pytest item that is a check: its pack, chapter, exercise and demand."""

    pack: Pack
    chapter: Chapter
    exercise: Exercise
    demand: Demand


_bound_key = pytest.StashKey[_Bound]()
_result_key = pytest.StashKey["CheckResult"]()
_trial_key = pytest.StashKey[Any]()
_worlds_key = pytest.StashKey[dict[Path, Any]]()
_run_key = pytest.StashKey[Run]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("workshop", "exercises of a workshop pack")
    group.addoption(
        "--submission", metavar="DIR", help="the folder with the chapter files to check"
    )
    group.addoption(
        "--workshop-seed", type=int, default=0, metavar="N", help="seed of the drawn inputs"
    )
    group.addoption(
        "--workshop-timeout",
        type=float,
        default=DEFAULT_TIMEOUT,
        metavar="S",
        help="seconds per call",
    )
    group.addoption(
        "--in-process", action="store_true", help="run answers in this process, to debug them"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash.setdefault(_run_key, _run_from_options(config))
    config.stash[_worlds_key] = {}


def _run_from_options(config: pytest.Config) -> Run:
    option = config.option
    return Run(
        submission=Path(option.submission) if option.submission else None,
        seed=option.workshop_seed,
        timeout=option.workshop_timeout,
        in_process=option.in_process or bool(option.usepdb),
    )


class Installer:
    """Hands a prepared `Run` to the plugin; passed to `pytest.main(plugins=[...])`."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[_run_key] = self._run


# Collection.


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem(collector: Any, name: str, obj: Any) -> Iterator[Any]:
    items = yield
    demand = getattr(obj, "workshop_demand", None)
    if demand is not None:
        for item in items if isinstance(items, list) else [items]:
            _bind(item, demand)
    return items


def _bind(item: pytest.Function, demand: Demand) -> None:
    """Give a check its readable name, its exercise and its seed."""
    import cloudpickle
    import hypothesis

    pack = _pack_of(item.path)
    chapter_name = item.path.stem.removeprefix("test_")
    try:
        chapter = pack.chapter(chapter_name)
        exercise = pack.exercise(f"{chapter_name}.{demand.exercise}")
    except KeyError:
        raise pytest.Collector.CollectError(
            f"{item.path.name}: {item.name} checks {chapter_name}.{demand.exercise}, which is no "
            "exercise of workshop.toml."
        ) from None
    cloudpickle.register_pickle_by_value(sys.modules[item.function.__module__])
    item.stash[_bound_key] = _Bound(pack, chapter, exercise, demand)
    item.extra_keyword_matches.add(item.name)
    case = item.name.removeprefix(item.originalname or item.name)
    item.name = f"{exercise.id}: {demand.name}{case}"
    parent = item.parent.nodeid if item.parent else ""
    item._nodeid = f"{parent}::{item.name}"
    if "speed" in item.fixturenames:
        from grader.speed import ReplayClock

        item.stash[_clock_key] = ReplayClock()
        item.add_marker(pytest.mark.benchmark(timer=item.stash[_clock_key], group=exercise.id))
    if hasattr(item.obj, "hypothesis"):
        hypothesis.seed(_seed(item))(item.obj)


def _seed(item: pytest.Item) -> int:
    run = item.config.stash[_run_key]
    digest = hashlib.sha256(f"{run.seed}:{item.name}".encode()).digest()
    return int.from_bytes(digest[:6], "big")


_packs: dict[Path, Pack] = {}


def _pack_of(check_file: Path) -> Pack:
    from grader.errors import GraderError
    from grader.pack import load_pack

    root = check_file.parents[2]
    try:
        return _packs.setdefault(root, _packs.get(root) or load_pack(root))
    except GraderError as error:
        raise pytest.Collector.CollectError(str(error)) from None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    run = config.stash[_run_key]
    kept, dropped = [], []
    for item in items:
        bound = item.stash.get(_bound_key, None)
        wanted = bound is None or run.wanted(bound.exercise, bound.demand)
        (kept if wanted else dropped).append(item)
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept
    planned = [item.stash[_bound_key] for item in items if _bound_key in item.stash]
    for bound in planned:
        _book(run, bound.pack).plan(bound.exercise, bound.demand)
    run.on_plan(len(planned))


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.failed and _active is not None:
        _active.collection_errors.append(f"{report.nodeid}: {report.longreprtext[-2000:]}")


_active: Run | None = None


def pytest_sessionstart(session: pytest.Session) -> None:
    global _active
    _active = session.config.stash[_run_key]


def _book(run: Run, pack: Pack) -> Any:
    from grader.gradebook import GradeBook

    if pack.root not in run.books:
        run.books[pack.root] = GradeBook(pack)
    return run.books[pack.root]


# Running a check.


@pytest.fixture
def _trial(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The trial of the running check."""
    bound = request.node.stash.get(_bound_key, None)
    if bound is None:
        pytest.fail("this fixture is for functions marked with grader.checks.check", pytrace=False)
    trial = _make_trial(request.node, bound)
    request.node.stash[_trial_key] = trial
    if bound.demand.fresh:
        _renew(trial)
    yield trial
    if bound.demand.fresh:
        _renew(trial)


def _renew(trial: Any) -> None:
    for role in ("answer", "reference"):
        trial.worlds.renew(trial.world(role))


def _make_trial(item: pytest.Function, bound: _Bound) -> Any:
    from grader.trial import Trial

    run = item.config.stash[_run_key]
    book = _book(run, bound.pack)
    return Trial(
        worlds=_worlds(item.config, run, bound.pack),
        chapter=bound.chapter,
        exercise=bound.exercise,
        demand=bound.demand,
        stand_ins=book.unsolved_needs(bound.exercise),
        shrinks=hasattr(item.obj, "hypothesis") and not run.in_process,
        answered=book.has_passed_checks(bound.exercise.id),
    )


def _worlds(config: pytest.Config, run: Run, pack: Pack) -> Any:
    from grader.submission import Submission, read_submission
    from grader.worker.host import Launcher
    from grader.worlds import InProcessWorlds, ReferenceMemory, Worlds

    worlds = config.stash[_worlds_key]
    if pack.root not in worlds:
        submission = run.submission
        if not isinstance(submission, Submission):
            submission = read_submission(submission or pack.exercises_dir, pack)
        run.launcher = run.launcher or Launcher()
        run.memory = run.memory or ReferenceMemory()
        kind = InProcessWorlds if run.in_process else Worlds
        worlds[pack.root] = kind(pack, submission, run.launcher, run.memory, run.timeout)
        if run.launcher not in _shared_launchers:
            config.add_cleanup(run.launcher.close)
        config.add_cleanup(worlds[pack.root].close)
    return worlds[pack.root]


_shared_launchers: list[Any] = []  # launchers that outlive a session; closed by whoever made them


def keep_open(launcher: Any) -> None:
    """Leave `launcher` running at the end of a session: its owner closes it."""
    _shared_launchers.append(launcher)


@pytest.fixture
def both(_trial: Any) -> Any:
    """Runs a probe on the answer and on the reference; see `grader.trial.Both`."""
    from grader.trial import Both

    return Both(_trial)


@pytest.fixture
def answer(_trial: Any) -> Any:
    """Runs a probe on the learner's module; see `grader.trial.Asker`."""
    from grader.trial import Asker

    return Asker(_trial, "answer")


@pytest.fixture
def reference(_trial: Any) -> Any:
    """Runs a probe on the reference; see `grader.trial.Asker`."""
    from grader.trial import Asker

    return Asker(_trial, "reference")


@pytest.fixture
def speed(_trial: Any, request: pytest.FixtureRequest, benchmark: Any) -> Any:
    """Measures a probe against the reference; see `grader.speed.Speed`."""
    from grader.speed import Speed, replay

    clock = request.node.stash[_clock_key]
    return Speed(_trial, _seed(request.node), lambda seconds: replay(benchmark, clock, seconds))


_clock_key = pytest.StashKey[Any]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    bound = item.stash.get(_bound_key, None)
    if bound is None:
        return
    missing = bound.chapter.missing_extras
    if missing:
        command = f'pip install -e ".[{bound.chapter.requires[0]}]"'
        _skip(item, "unavailable", f"needs {', '.join(missing)}, which is not installed: {command}")
    book = _book(item.config.stash[_run_key], bound.pack)
    verdict = book.verdict(bound.exercise.id)
    if verdict is not None:
        _skip(item, "blocked", f"an earlier check of {bound.exercise.name} is {verdict}")
    file = _worlds(item.config, item.config.stash[_run_key], bound.pack).submission.files.get(
        bound.chapter.name
    )
    if file is None:
        _skip(item, "todo", f"{bound.chapter.filename} is not there yet")


def _skip(item: pytest.Item, status: Status, reason: str) -> None:
    from grader.errors import Explanation

    _note(item, status, Explanation(reason), 0.0)
    pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[Any]:
    bound = item.stash.get(_bound_key, None)
    if bound is None:
        return (yield)
    from grader.judge import judge

    start = time.perf_counter()
    try:
        problem = _worlds(item.config, item.config.stash[_run_key], bound.pack).submission
        file = problem.files[bound.chapter.name]
        if file.problem:
            from grader.errors import CheckFailed, Explanation

            raise CheckFailed(Explanation(file.problem))
        result = yield
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        status, explanation = judge(item, item.stash.get(_trial_key, None), bound, error)
        _note(item, status, explanation, time.perf_counter() - start)
        raise
    _note(item, "passed", None, time.perf_counter() - start)
    return result


def _note(
    item: pytest.Item, status: Status, explanation: Explanation | None, seconds: float
) -> None:
    from grader.model import CheckResult

    bound = item.stash[_bound_key]
    demand = bound.demand
    result = CheckResult(
        name=demand.name,
        kind=demand.kind,
        status=status,
        weight=demand.weight,
        rationale=explanation.rationale if explanation else "",
        evidence=explanation.evidence if explanation else "",
        hint=_hint(bound, status, explanation),
        duration=seconds,
    )
    item.stash[_result_key] = result
    run = item.config.stash[_run_key]
    _book(run, bound.pack).add(bound.exercise, result)
    run.on_check(bound.exercise, result)


def _hint(bound: _Bound, status: Status, explanation: Explanation | None) -> str:
    if status != "failed" or explanation is None:
        return ""
    return bound.demand.hint or explanation.hint or bound.exercise.hints[0]


# Reporting.


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
    report = yield
    result = item.stash.get(_result_key, None)
    if result is None or not (call.when == "call" or report.skipped):
        return report
    report.workshop_status = result.status
    if result.status in ("todo", "blocked", "unavailable"):
        report.outcome = "skipped"
        report.longrepr = (str(item.path), 0, result.rationale)
    elif result.status in ("failed", "error"):
        report.outcome = "failed"
        report.longrepr = message_text(result)
        printed = getattr(item.stash.get(_trial_key, None), "printed", "")
        if printed:
            from grader.text import clean

            report.sections.append(("what your code printed", clean(printed)[:4000]))
    return report


def message_text(result: CheckResult) -> str:
    """A failed check's message: what happened, what shows it, the next step."""
    parts = [result.rationale, *("    " + line for line in result.evidence.splitlines())]
    if result.hint:
        parts.append(f"    next      {result.hint}")
    return "\n".join(parts)


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    status = getattr(report, "workshop_status", None)
    if status in _LETTERS and (report.when == "call" or report.skipped):
        return status, _LETTERS[status], status.upper()
    return None


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for book in config.stash[_run_key].books.values():
        exercises = [e for e in book.pack.exercises if e.id in book.planned]
        results = book.results(exercises)
        if not results:
            continue
        score, most = sum(r.score for r in results), sum(r.max_score for r in results)
        passed = sum(r.status == "passed" for r in results)
        terminalreporter.write_sep("=", f"{book.pack.title}")
        terminalreporter.write_line(
            f"Score {score:g} of {most:g}: {passed} of {len(results)} exercises passed."
        )
        following = next((r for r in results if r.status in ("failed", "todo")), None)
        if following is not None:
            terminalreporter.write_line(
                f"Next: {following.id} ({following.status}). "
                f"A hint: python -m grader hint {following.id}"
            )


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A run with exercises to do has not passed, although none of its tests failed."""
    books = session.config.stash[_run_key].books.values()
    unfinished = any(book.verdict(id) == "todo" for book in books for id in book.planned)
    if unfinished and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
