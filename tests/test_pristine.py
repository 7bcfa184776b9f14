"""What an answer replaces is put back, and said."""

import sys

import cloudpickle
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from grader.worker import toolbox
from grader.worker.child import ORIGINALS, Session


@pytest.mark.parametrize(
    ("owner", "name", "said"),
    [
        (jax, "jit", "jax.jit"),
        (jax, "make_jaxpr", "jax.make_jaxpr"),
        (jax.export, "export", "jax.export.export"),
        (jnp, "sum", "jax.numpy.sum"),
        (np, "asarray", "numpy.asarray"),
        (sys.modules["time"], "perf_counter", "time.perf_counter"),
        (toolbox, "primitives", "grader.worker.toolbox.primitives"),
        (type(jnp.ones(1)), "block_until_ready", "ArrayImpl.block_until_ready"),
    ],
)
def test_a_replaced_function_is_put_back(owner, name, said):
    original = owner.__dict__[name]
    setattr(owner, name, lambda *args: None)
    try:
        assert ORIGINALS.restore() == [said]
        assert owner.__dict__[name] is original
    finally:
        setattr(owner, name, original)


def test_a_replaced_module_is_put_back():
    original = sys.modules["jax.numpy"]
    sys.modules["jax.numpy"] = object()
    try:
        assert ORIGINALS.restore() == ["jax.numpy"]
    finally:
        sys.modules["jax.numpy"] = original


def test_what_the_libraries_do_themselves_is_left_alone():
    jax.jit(jax.vmap(jax.grad(lambda x: jnp.sin(x) ** 2)))(jnp.ones(3))
    jax.random.normal(jax.random.key(0), (2,))
    assert ORIGINALS.restore() == []


def test_compilations_are_counted_again_after_somebody_stopped_it():
    assert toolbox.listen()
    jax.monitoring.clear_event_listeners()
    assert not toolbox.listen()
    before = toolbox.compilations()
    jax.jit(lambda x: x * 3 + 1)(jnp.ones(11))
    assert toolbox.compilations() > before


PATCHED = """
import jax
jax.jit = lambda f, **settings: f
def total(x):
    return x.sum()
"""
LEAKS = """
seen = []
def total(x):
    seen.append(x)
    return x.sum()
"""
REMEMBERS = """
import jax
calls = []
def total(x):
    if not isinstance(x, jax.core.Tracer):
        calls.append(1)
    return x.sum() + max(0, len(calls) - 1)
"""


def test_a_patch_is_told_to_the_instructor(grader, pack, solutions):
    from grader.submission import submission_of_texts

    texts = solutions | {"ch01_sums": solutions["ch01_sums"] + PATCHED}
    report = grader.grade(submission_of_texts("a test", texts), pack.select(["ch01_sums.total"]))
    assert [result.status for result in report.exercises] == ["passed"]
    assert report.warnings == ("ch01_sums.py replaces jax.jit; it was put back before every call.",)


def test_a_traced_value_left_behind_is_named(grade):
    result = grade(only=["ch01_sums.total"], ch01_sums="+" + LEAKS)["total"]
    assert result.status == "failed"
    assert "left a tracer behind, in the global `seen`" in result.failure.rationale


def test_a_function_that_remembers_is_found_out(grade):
    result = grade(only=["ch01_sums.total"], ch01_sums="+" + REMEMBERS)["total"]
    assert result.status == "failed"
    assert "gave another result when the same call was made again" in result.failure.rationale
    assert "at first" in result.failure.evidence


def test_a_patch_by_a_call_that_raises_does_not_outlive_it():
    text = "import jax\ndef f():\n    jax.grad = None\n    raise ValueError\n"
    session, original = Session(), jax.grad
    session.load(
        {"chapter": "c", "texts": {"c": ("c.py", text)}, "stand_ins": (), "stand_in_code": b""}
    )
    probe, args = cloudpickle.dumps(lambda m: m.f()), cloudpickle.dumps(())
    try:
        reply = session.call({"probe": probe, "args": args, "compile": False})
        assert (reply["kind"], reply["replaced"]) == ("raised", ["jax.grad"])
        assert jax.grad is original
    finally:
        jax.grad = original
