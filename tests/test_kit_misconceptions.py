"""The kit's own rules (`exercises/checks/misconceptions.py`): evidence that fires, and a near miss."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from grader.manifest import load_pack
from grader.misconceptions import Evidence
from grader.misconceptions.packs import pack_rules
from grader.model import Frame, Raised
from grader.worker.wire import Array

KIT = load_pack(Path(__file__).parents[1])
BY_NAME = {known.rule.__name__: known.rule for known in pack_rules(KIT)}
XS = np.float32([-1, 0.5, 2])
SIGMOID = 1 / (1 + np.exp(-XS))
SWISH = XS * SIGMOID
SLOPE = SIGMOID + XS * SIGMOID * (1 - SIGMOID)


def array(values):
    return Array("jax", np.asarray(values, np.float32))


def ev(exercise, got=None, expected=None, args=(), source="", check="gives the values"):
    chapter = next(e.chapter for e in KIT.exercises if e.name == exercise)
    return Evidence(
        chapter, exercise, check, "value", args=args, got=got, expected=expected, source=source
    )


def raised(types, line, message=""):
    return Raised(tuple(types.split()), message, (Frame(2, "f", line),))


def refused(exercise, line, types="TracerBoolConversionError ConcretizationTypeError", message=""):
    error, source = raised(types, line, message), f"def {exercise}(x, n): return 1"
    return dataclasses.replace(ev(exercise, source=source), error=error)


WHOLE = "def per_example_grads(w): return grad(loss)(w)"
COMPILES = "compiles at most 8 programs for lengths 1 to 64"
CASES = [
    ("other_derivative", ev("g", array(7), np.float32(21), (3.0, 1.0)), {"got": array(8)}),
    # At x = y the two derivatives are equal: nothing can be told.
    ("other_derivative", ev("g", array(7), np.float32(21), (3.0, 1.0)), {"args": (1.0, 1.0)}),
    ("other_order", ev("second_derv_swish", array(SLOPE), XS, (XS,)), {"got": array(SLOPE + 1)}),
    ("other_order", ev("first_derv_swish", array(SWISH), SLOPE, (XS,)), {"exercise": "swish"}),
    (
        "batch_gradient",
        ev("per_example_grads", array([5, 7]), np.float32([[1, 2], [4, 5]]), source=WHOLE),
        {"got": array([5, 8])},
    ),
    (
        "batch_gradient",
        ev("per_example_grads", array([2.5, 3.5]), np.float32([[1, 2], [4, 5]]), source=WHOLE),
        {"source": "def per_example_grads(w): return vmap(grad(loss))(w)"},
    ),
    ("not_static", refused("branch", "if x < 3:"), {"exercise": "branch_traced"}),
    ("not_static", refused("branch", "if x < 3:"), {"source": "branch = jit(f, static_argnums=1)"}),
    (
        "not_static",
        refused("sum_first_n", "return x[:n].sum()", "IndexError", "Slices must be static"),
        {"error": raised("IndexError", "return x[:n].sum()", "out of range")},
    ),
    (
        "not_static",
        refused("sum_first_n", "for i in range(n):", "TracerIntegerConversionError"),
        {"error": raised("TracerIntegerConversionError", "for i in range(k):")},
    ),
    (
        "branches_exchanged",
        ev("branch_traced", array(-8), np.float32(12), (1.0, 2.0), "branch_traced = lax.cond(1)"),
        {"args": (3.0, 2.0)},
    ),
    (
        "every_length",
        ev("bucketed_sum", source="def bucketed_sum(x): return jnp.sum(x)", check=COMPILES),
        {"source": "def bucketed_sum(x): return jnp.sum(np.pad(x, 1))"},
    ),
    (
        "every_length",
        ev("bucketed_sum", source="def bucketed_sum(x): return jnp.sum(x)", check=COMPILES),
        {"source": "def bucketed_sum(x):\n    'No jnp.sum(x) here.'\n    return g(x)"},
    ),
    (
        "array_for_tracer",
        ev("is_traced", True, False, source="def is_traced(x): return isinstance(x, jax.Array)"),
        {"source": "def is_traced(x): return isinstance(x, Tracer)"},
    ),
]


@pytest.mark.parametrize(("name", "evidence", "change"), CASES, ids=[c[0] for c in CASES])
def test_a_rule_knows_its_mistake_and_leaves_a_near_miss_alone(name, evidence, change):
    assert BY_NAME[name](evidence).endswith(".")
    assert not BY_NAME[name](dataclasses.replace(evidence, **change))


def test_every_rule_of_the_kit_has_a_case():
    assert {name for name, *_ in CASES} == set(BY_NAME)
