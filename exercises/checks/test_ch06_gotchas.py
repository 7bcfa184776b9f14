"""Checks of chapter 6: updates, printing, purity, NaN."""

import inspect

import jax
import jax.numpy as jnp
import numpy as np

from grader.checks import check, example, given, matrices, sampled_from, scalars, vectors
from grader.worker import toolbox

TABLE = np.arange(12, dtype=np.float32).reshape(4, 3)
ROW = np.float32([-1.5, 0.25, 8])

# --- set_row and add_row ---------------------------------------------------------------------


@check("set_row", "puts the value into that row and no other")
@given(x=matrices(-8, 8), value=scalars(-8, 8))
@example(x=TABLE, value=ROW)
@example(x=np.float32([[1, 2], [np.nan, np.inf]]), value=np.float32([4097, -1]))
def test_set_row_values(both, x, value):
    i = len(x) // 2
    both(lambda m, x, i, value: m.set_row(x, i, value), x, i, value).agree()


@check(
    "set_row",
    "counts a negative row number from the end",
    hint="`x.at[i]` understands negative numbers; masks and slices need `i % len(x)` first.",
)
def test_set_row_negative(both):
    for i in (-1, -4):
        both(lambda m, x, i, value: m.set_row(x, i, value), TABLE, i, ROW).agree()


@check(
    "set_row",
    "works with a traced row number",
    kind="transform",
    hint="A traced `i` has no Python value: no `if`, no `int()`, no slice, no NumPy.",
)
def test_set_row_traced(both):
    for i in (2, -3):
        both(lambda m, x, i, value: jax.jit(m.set_row)(x, i, value), TABLE, i, ROW).agree()
    both(
        lambda m, x, rows, value: jax.vmap(m.set_row, (None, 0, None))(x, rows, value),
        TABLE,
        np.int32([1, 0, -1]),
        np.float32(7.5),
    ).agree()


@check("set_row", "lets gradients through", kind="transform")
def test_set_row_gradient(matrix):
    matrix(lambda m, x, i, value: m.set_row(x, i, value), TABLE, np.int32(1), ROW)


@check("add_row", "adds to that row and no other")
@given(x=matrices(-8, 8), value=scalars(-8, 8))
@example(x=TABLE, value=ROW)
@example(x=np.float32([[4097, 1], [2, 70_000]]), value=np.float32([0.25, -1]))
def test_add_row_values(both, x, value):
    i = len(x) // 2
    both(lambda m, x, i, value: m.add_row(x, i, value), x, i, value).agree()


@check(
    "add_row",
    "counts a negative row number from the end",
    hint="`x.at[i]` understands negative numbers; masks and slices need `i % len(x)` first.",
)
def test_add_row_negative(both):
    for i in (-1, -4):
        both(lambda m, x, i, value: m.add_row(x, i, value), TABLE, i, ROW).agree()


@check(
    "add_row",
    "works with a traced row number",
    kind="transform",
    hint="A traced `i` has no Python value: no `if`, no `int()`, no slice, no NumPy.",
)
def test_add_row_traced(both):
    for i in (2, -3):
        both(lambda m, x, i, value: jax.jit(m.add_row)(x, i, value), TABLE, i, ROW).agree()
    both(
        lambda m, x, rows, value: jax.vmap(m.add_row, (None, 0, None))(x, rows, value),
        TABLE,
        np.int32([1, 0, -1]),
        np.float32(7.5),
    ).agree()


@check("add_row", "lets gradients through", kind="transform")
def test_add_row_gradient(matrix):
    matrix(lambda m, x, i, value: m.add_row(x, i, value), TABLE, np.int32(1), ROW)


# --- add_at ----------------------------------------------------------------------------------


@check("add_at", "adds every value at its index")
def test_add_at_values(both):
    x = np.float32([10, 20, 30, 40])
    both(
        lambda m, x, idx, values: m.add_at(x, idx, values),
        x,
        np.int32([2, 0]),
        np.float32([0.5, -1]),
    ).agree()


@check(
    "add_at",
    "accumulates at repeated indices",
    hint="Reading, adding and then setting keeps one of the repeats. Let `.at[idx]` do the adding.",
)
@given(x=vectors(-8, 8, sizes=(4,)), values=vectors(-8, 8, sizes=(5,)), k=sampled_from([0, 1, 3]))
def test_add_at_repeats(both, x, values, k):
    idx = np.int32([k, 2, k, 0, k])
    both(lambda m, x, idx, values: m.add_at(x, idx, values), x, idx, values).agree()


@check(
    "add_at",
    "works under jit and vmap",
    kind="transform",
    hint="The indices may be traced: they have no Python values to loop over or hand to NumPy.",
)
def test_add_at_transforms(both):
    x, values = np.float32([10, 20, 30, 40]), np.float32([0.5, -1, 2])
    idx = np.int32([[3, 0, 3], [1, 1, 1]])
    both(lambda m, x, idx, v: jax.jit(m.add_at)(x, idx, v), x, idx[0], values).agree()
    both(
        lambda m, x, idx, v: jax.vmap(m.add_at, (None, 0, None))(x, idx, v), x, idx, values
    ).agree()


@check("add_at", "lets gradients through", kind="transform")
def test_add_at_gradient(matrix):
    matrix(
        lambda m, x, idx, values: m.add_at(x, idx, values),
        np.float32([10, 20, 30, 40]),
        np.int32([3, 0, 3]),
        np.float32([0.5, -1, 2]),
    )


# --- cube ------------------------------------------------------------------------------------


def shown(result):
    """The lines that start with [cube], sorted: the order of the two is free."""
    return sorted(line for line in result.printed.splitlines() if line.startswith("[cube]"))


def lines(*pairs):
    """The lines that calls with these (input, result) pairs ought to print, sorted."""
    return sorted(
        line
        for given_value, cubed in pairs
        for line in (f"[cube] input: {given_value}", f"[cube] result: {cubed}")
    )


def demand_lines(result, wanted, hint):
    result.demand(
        shown(result) == wanted,
        "The lines that it printed are not the ones of these calls.",
        evidence="printed:\n{}\nwanted, in any order:\n{}".format(
            "\n".join(f"| {line}" for line in result.printed.splitlines()) or "(nothing)",
            "\n".join(wanted),
        ),
        hint=hint,
    )


@check("cube", "returns the cube", hint="Return x ** 3; what is printed is no part of the result.")
@given(x=scalars(-8, 8))
@example(x=np.float32([[-2, 0.5], [0, 3]]))
def test_cube_values(both, x):
    both(lambda m, x: m.cube(x), x).agree()


@check("cube", "prints the input and the result at every call")
def test_cube_prints(answer):
    hint = "`jax.debug.print` takes the text with {} in it and the array apart from it."
    for x, wanted in ((1.5, ("1.5", "3.375")), ([1, -2], ("[ 1. -2.]", "[ 1. -8.]"))):
        result = answer(lambda m, x: m.cube(x), np.float32(x))
        demand_lines(result, lines(wanted), hint)
    thrice = answer(lambda m, x, y: [m.cube(v) for v in (x, y, y, x)], np.float32(2), np.float32(3))
    demand_lines(thrice, lines(*[("2.0", "8.0"), ("3.0", "27.0")] * 2), hint)


@check("cube", "prints run-time values inside another jitted function", kind="transform")
def test_cube_prints_under_jit(answer):
    def twice(m, x, y):
        """Calls jit(cube) with x, then the same program with y."""
        f = jax.jit(lambda v: m.cube(v))
        return f(x), f(y)

    result = answer(twice, np.float32(2), np.float32(3))
    demand_lines(
        result,
        lines(("2.0", "8.0"), ("3.0", "27.0")),
        "A Python `print` around the jitted function runs while the outer function is traced. "
        "Print from inside the program.",
    )


@check("cube", "works under vmap and grad", kind="transform")
def test_cube_transforms(both):
    x = np.float32([-2, 0, 1.5])
    both(lambda m, x: jax.vmap(m.cube)(x), x).agree()
    both(lambda m, x: jax.grad(m.cube)(x), np.float32(1.5)).agree()


@check("cube", "is compiled", kind="structure")
def test_cube_is_jitted(answer):
    result = answer(
        lambda m, x: hasattr(m.cube, "lower") or "jit" in toolbox.primitives(m.cube, x),
        np.float32(2),
    )
    result.demand(
        result.value,
        "No jit in it: every operation of cube is sent to the device on its own.",
        hint="Decorate the function with `@jax.jit`, or call a jitted function from it.",
    )


# --- running_mean ----------------------------------------------------------------------------


@check("running_mean", "gives the new state and the mean")
@given(total=scalars(-8, 8), count=sampled_from([1, 3, 7]), x=scalars(-8, 8))
@example(total=np.float32(0), count=0, x=np.float32(2.5))
@example(total=np.float32(1), count=2, x=np.float32(3))
def test_running_mean_values(both, count, total, x):
    # Numbers of any kind will do for the count, so all three are compared as float32.
    both(
        lambda m, state, x: jax.tree.map(jnp.float32, m.running_mean(state, x)), (count, total), x
    ).agree()


@check(
    "running_mean",
    "works under scan",
    kind="transform",
    hint="Under scan the state is a tracer, and it must come out in the form in which it came in.",
)
def test_running_mean_scan(both):
    xs = np.tile(np.float32([4, -2, 1, 0.5]), 75)
    both(lambda m, xs: jax.lax.scan(m.running_mean, (0, 0.0), xs)[1], xs).agree()


@check("running_mean", "works under jit, vmap and grad", kind="transform")
def test_running_mean_transforms(matrix):
    state = (np.int32(3), np.float32(6))
    # Twice, so that the slope of the state counts; its count may be a number of any kind.
    matrix(
        lambda m, state, x: m.running_mean(m.running_mean(state, x)[0], x)[1], state, np.float32(4)
    )


@check("running_mean", "touches no global", kind="structure")
def test_running_mean_is_pure(answer):
    def changed_globals(m, state, x):
        """The names at the top of the chapter that two calls of running_mean change."""

        def shown(value):
            return repr(value) + repr(vars(value) if inspect.isfunction(value) else "")

        before = {name: shown(value) for name, value in vars(m).items()}
        m.running_mean(state, x)
        m.running_mean(state, x)
        return [name for name, value in vars(m).items() if before.get(name) != shown(value)]

    result = answer(changed_globals, (3, np.float32(6)), np.float32(4))
    result.demand(
        not result.value,
        "Calling it changes something outside: {}.".format(", ".join(result.value)),
        hint="All it may remember is in the state: take it in, give the next one back.",
    )


# --- safe_norm -------------------------------------------------------------------------------

DIRECTION = np.float32([0.48, -0.6, 0.64])
SCALES = np.float32([1e-15, 1e-12, 1e-7, 1e-3, 1e6, 1e12, 1e18])


@check(
    "safe_norm",
    "gives the Euclidean norm",
    hint="The square root of the sum of the squares of all entries: one number, 0 for zeros.",
)
@given(x=vectors(-4, 4))
@example(x=np.float32([0, 0, 0]))
@example(x=np.float32([-3, 4]))
def test_safe_norm_values(both, x):
    both(lambda m, x: m.safe_norm(x), x).agree()


@check(
    "safe_norm",
    "is exact for the smallest and the largest norms",
    hint="A number added under the root, or a threshold, swallows small norms: ask for exactly 0.",
)
def test_safe_norm_extremes(both):
    for scale in SCALES:
        # The absolute tolerance is 0: these norms are exact relative to their own size.
        both(lambda m, x: m.safe_norm(x), scale * DIRECTION).agree(rtol=1e-4, atol=0)


@check(
    "safe_norm",
    "has gradient 0 at the zero vector",
    kind="transform",
    hint="The root has an infinite slope at 0, and 0 * inf is NaN. Let it see another number.",
)
def test_safe_norm_gradient_at_zero(both):
    for size in (1, 3):
        # Plain calls: what jit makes of the function is a check of its own.
        zeros = np.zeros(size, np.float32)
        both(lambda m, x: jax.grad(m.safe_norm)(x), zeros, compile=False).agree()


@check("safe_norm", "has the gradient x / norm elsewhere", kind="transform")
def test_safe_norm_gradient(both):
    sparse = np.float32([0, -3, 0, 4])
    both(lambda m, x: jax.grad(lambda x: 2 * m.safe_norm(x))(x), sparse, compile=False).agree()
    for scale in (SCALES[0], SCALES[-1]):
        both(lambda m, x: jax.grad(m.safe_norm)(x), scale * DIRECTION, compile=False).agree()


@check("safe_norm", "works under jit and vmap", kind="transform")
def test_safe_norm_transforms(matrix):
    x, zeros = np.float32([2, -1, 2]), np.float32([0, 0, 0])
    matrix(lambda m, x, zeros: [m.safe_norm(x), m.safe_norm(zeros)], x, zeros)
