"""The fixtures of checks, and what is kept with a session and its items for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from grader.asking import Asker, Both
    from grader.matrix import Matrix
    from grader.microscope import Training
    from grader.replay import ReplayClock
    from grader.run import Bound, Run
    from grader.speed import Speed
    from grader.trial import Trial

run_key: pytest.StashKey[Run] = pytest.StashKey()
bound_key: pytest.StashKey[Bound] = pytest.StashKey()
trial_key: pytest.StashKey[Trial] = pytest.StashKey()
clock_key: pytest.StashKey[ReplayClock] = pytest.StashKey()


def run_of(config: pytest.Config) -> Run:
    """The session's run; made of the options when the first check is met."""
    if run_key not in config.stash:
        from grader.run import Run

        option = config.option
        config.stash[run_key] = Run(
            submission=option.submission,
            seed=option.workshop_seed,
            timeout=option.workshop_timeout,
            in_process=option.in_process or bool(option.usepdb),
            debug=bool(option.usepdb),
        )
        config.add_cleanup(config.stash[run_key].close)
    return config.stash[run_key]


@pytest.fixture
def _trial(request: pytest.FixtureRequest) -> Trial:
    """The trial of the running check."""
    bound = request.node.stash.get(bound_key, None)
    if bound is None:
        pytest.fail("this fixture is for functions marked with grader.checks.check", pytrace=False)
    trial = run_of(request.config).trial(bound, shrinks=hasattr(request.node.obj, "hypothesis"))
    request.node.stash[trial_key] = trial
    if bound.demand.fresh:
        trial.renew_workers()
    return trial


@pytest.fixture
def both(_trial: Trial) -> Both:
    """Runs a probe on the answer and on the reference; see `grader.asking.Both`."""
    from grader.asking import Both

    return Both(_trial)


@pytest.fixture
def answer(_trial: Trial) -> Asker:
    """Runs a probe on the learner's module; see `grader.asking.Asker`."""
    from grader.asking import Asker

    return Asker(_trial, "answer")


@pytest.fixture
def reference(_trial: Trial) -> Asker:
    """Runs a probe on the reference; see `grader.asking.Asker`."""
    from grader.asking import Asker

    return Asker(_trial, "reference")


@pytest.fixture
def matrix(_trial: Trial) -> Matrix:
    """Tries a probe under every transformation; see `grader.matrix.Matrix`."""
    from grader.matrix import Matrix

    return Matrix(_trial)


@pytest.fixture
def training(_trial: Trial) -> Training:
    """Compares two trainings step by step; see `grader.microscope.Training`."""
    from grader.microscope import Training

    return Training(_trial)


@pytest.fixture
def speed(_trial: Trial, request: pytest.FixtureRequest, benchmark: Any) -> Speed:
    """Measures a probe against the reference; see `grader.speed.Speed`."""
    from grader.replay import replay
    from grader.speed import Speed

    node = request.node
    clock = node.stash[clock_key]
    seed = run_of(request.config).seed_of(node.name)
    return Speed(_trial, seed, lambda seconds: replay(benchmark, clock, seconds))
