"""The transformation matrix: its rows by hand, and what an answer is told that passes some of them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from grader.manifest import load_pack
from grader.matrix import FORWARD, REVERSE
from grader.session import Grader
from grader.submission import submission_of_texts
from grader.worker.transformations import ROWS, Tried, table

X, STEP = np.float32(0.5), 2.0**-7
EXAMPLES = np.array([0.5, 0.25, 0.5 + STEP, 0.5 - STEP])


def wave(x):
    return x * jnp.sin(x)


def heights(x):
    return x * np.sin(x)


def slopes(x):
    return np.sin(x) + x * np.cos(x)


# --- the rows -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("jit", heights(X)),
        ("vmap", heights(EXAMPLES)),
        ("jit(vmap)", heights(EXAMPLES)),
        ("scan", heights(EXAMPLES)),
        ("grad", [slopes(X)]),
        ("jit(grad)", [slopes(X)]),
        ("vmap(grad)", [slopes(EXAMPLES)]),
        ("numerical gradient", True),
    ],
)
def test_a_row_is_what_the_transformation_gives(row, expected):
    value = ROWS[row](Tried(wave, (X,)))
    assert jax.tree.structure(value) == jax.tree.structure(expected)
    np.testing.assert_allclose(np.float32(value), np.float32(expected), rtol=1e-5)


def test_every_row_is_known_and_a_table_has_the_rows_asked_for():
    assert tuple(ROWS) == (*FORWARD, *REVERSE)
    assert list(table(wave, ("scan", "grad"), (X,))) == ["scan", "grad"]


def test_a_gradient_that_is_not_the_slope_is_found():
    frozen = lambda x: x * jax.lax.stop_gradient(jnp.sin(x))  # noqa: E731
    assert not ROWS["numerical gradient"](Tried(frozen, (X,)))


def test_gradients_are_those_of_all_floats_with_unequal_weights():
    def products(pair, n):
        return [pair["a"] * n, pair["b"] * pair["b"]], n

    pair = {"a": np.float32([1, 2, 3, 4]), "b": np.float32([3, 5])}
    a, b = ROWS["grad"](Tried(products, (pair, np.int32(7))))
    np.testing.assert_array_equal(a, [7, 14, 21, 7])  # weights 1, 2, 3, 1
    np.testing.assert_array_equal(b, [6, 20])


def test_integers_are_the_same_in_every_example():
    np.testing.assert_array_equal(
        ROWS["vmap"](Tried(lambda n: 2 * n, (np.int32(3),))), [6, 6, 6, 6]
    )


# --- verdicts -------------------------------------------------------------------------------------

NAME = "works inside grad"  # the check of the miniature pack that is a matrix
CONSTANT = "+import jax\n\n\ndef total(x):\n    return jax.lax.stop_gradient(x).sum()\n"
ODD_BATCH = """+

def total(x):
    return x.sum() + 1 if type(x).__name__ == "BatchTracer" else x.sum()
"""
INTEGERS = """

@check("total", "adds integers everywhere", kind="transform")
def test_total_integers(matrix):
    matrix(lambda m, x: m.total(x), np.int32([1, 2, 3]), rows=ROWS)
"""
ONLY_OUTSIDE_JIT = """+import jax.numpy as jnp
import numpy as np


def total(x):
    return x.sum() + (np.asarray(jnp.array([0]))[0] if x.dtype == "int32" else 0)
"""
ONLY_CONCRETE = """+import numpy as np


def total(x):
    if x.dtype == "int32":
        return np.asarray(x).sum(dtype="int32") + 0 * x[0]
    return x.sum()
"""
ONLY_TRACED = """+import jax


def total(x):
    if x.dtype == "int32" and not isinstance(x, jax.core.Tracer):
        raise ValueError("called plainly")
    return x.sum()
"""


def split(check):
    """The rows that failed, and those that passed."""
    named = {"passed": [], "failed": []}
    for row, status in check.matrix.items():
        named[status].append(row)
    return named["failed"], named["passed"]


def the_matrix(results):
    (check,) = [c for c in results["total"].checks if c.name == NAME]
    return check


def test_a_right_answer_passes_every_row(grade, solutions):
    check = the_matrix(grade(only=["ch01_sums.total"], ch01_sums=solutions["ch01_sums"]))
    assert check.status == "passed"
    assert split(check) == ([], [*FORWARD, *REVERSE])


def test_a_hidden_argument_fails_all_gradients(grade):
    check = the_matrix(grade(only=["ch01_sums.total"], ch01_sums=CONSTANT))
    assert check.status == "failed"
    assert split(check) == ([*REVERSE], [*FORWARD])
    assert check.rationale.startswith("Under jax.grad, total ")
    (overview,) = [line for line in check.evidence.splitlines() if line.startswith("in all")]
    assert overview.split()[2:6] == ["jit", "✓", "vmap", "✓"]
    assert "vmap(grad) ✗" in overview


def test_a_batch_that_is_treated_differently_fails_under_vmap_alone(grade):
    check = the_matrix(grade(only=["ch01_sums.total"], ch01_sums=ODD_BATCH))
    assert check.status == "failed"
    assert split(check)[0] == ["vmap", "jit(vmap)"]
    assert check.rationale.startswith("Under jax.vmap, total ")


@pytest.fixture
def counting(mini, launcher, solutions):
    """`counting(text)`: the result of a matrix over integers, for an answer to chapter 1."""
    path = mini / "exercises" / "checks" / "test_ch01_sums.py"
    pack = load_pack(mini)
    grader = Grader(pack, launcher=launcher)

    def counting(text="", rows=FORWARD):
        path.write_text(path.read_text() + INTEGERS.replace("ROWS", repr(rows)))
        texts = solutions | {"ch01_sums": solutions["ch01_sums"] + text.removeprefix("+")}
        report = grader.grade(
            submission_of_texts("a test", texts), pack.select(["ch01_sums.total"])
        )
        return report.exercises[0].checks[-1]

    return counting


def test_integers_have_the_forward_rows(counting):
    check = counting()
    assert (check.name, check.status) == ("adds integers everywhere", "passed")
    assert split(check) == ([], [*FORWARD])


def test_numpy_on_integers_fails_the_forward_rows(counting):
    check = counting(ONLY_CONCRETE)
    assert check.status == "failed"
    assert split(check) == ([*FORWARD], [])
    assert check.rationale.startswith("Under jax.jit, total ")


def test_a_plain_call_is_not_made_again_for_the_matrix(counting):
    assert counting(ONLY_TRACED).status == "passed"  # plain calls are tried by the checks of values


def test_the_first_row_that_fails_is_the_one_explained(counting):
    check = counting(ONLY_OUTSIDE_JIT, rows=("jit", "vmap"))
    assert split(check) == (["jit"], ["vmap"])
    assert check.diagnosis.name == "NumPy inside a function that JAX traces"
