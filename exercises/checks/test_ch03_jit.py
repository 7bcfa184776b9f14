"""Checks of chapter 3: compilation, branches, static arguments."""

import jax
import numpy as np

from grader.checks import check, example, given, integers, sampled_from, scalars, vectors

ONE_PROGRAM = (
    "Several mean that the operations run one by one, outside jit. Jit the function itself, once, at "
    "the top of the module.",
    "Is jax.jit called, or a def or lambda made, inside the function? Each new function object is "
    "compiled anew. And only what must be a Python value should be static.",
)
NEAR_AND_FAR = np.float32([-1e4, -90, -1, -0.25, 0.25, 1, 90, 1e4])


@check(
    "selu",
    "gives the reference's values",
    hint="Per entry: lmbda * x above 0, lmbda * (alpha * exp(x) - alpha) below; see jnp.where.",
)
@given(x=vectors(-20, 20, sizes=(4,)))
@example(x=np.float32([-1.0, -0.0, 0.0, 1.0]))
def test_selu_values(both, x):
    both(lambda m, x: m.selu(x), x).agree()


@check(
    "selu",
    "uses alpha and lmbda, by position or by name",
    hint="Both are parameters with defaults: the formula must use them, not 1.67 and 1.05.",
)
def test_selu_parameters(both):
    x = np.float32([-2.0, -0.5, 0.0, 1.5])
    both(lambda m, x, alpha, lmbda: m.selu(x, alpha, lmbda), x, 0.5, 3.0).agree()
    both(lambda m, x, lmbda: m.selu(x, lmbda=lmbda), x, -2.0).agree()
    both(lambda m, x, alpha: m.selu(x, alpha=alpha), x, 0.0).agree()


@check("selu", "works for every shape", hint="Elementwise: no axis and no length is special.")
def test_selu_shapes(both):
    both(lambda m, x: m.selu(x), np.float32(-1.0)).agree()
    both(lambda m, x: m.selu(x), np.float32([[[-1.0, 2.0]], [[0.5, -3.0]]])).agree()
    both(lambda m, x: m.selu(x), np.zeros((0, 2), np.float32)).agree()


@check(
    "selu",
    "stays finite far from zero",
    hint="exp(1e4) is inf in float32, and inf * 0 is NaN. Let exp see no large positive number.",
)
def test_selu_far(both):
    both(lambda m, x: m.selu(x), np.float32([-1e38, -1e4, -100, 100, 1e4, 1e38])).agree()


@check(
    "selu",
    "works inside jit, vmap and grad",
    kind="transform",
    hint="Here x is a tracer: no `if`, no NumPy, no indexing with a mask. jnp.where works, and "
    "nothing needs stop_gradient.",
)
def test_selu_transformed(matrix, both):
    matrix(lambda m, x: m.selu(x), np.float32([[-3.0, -0.5, 1.0], [0.25, 2.0, -1.0]]))
    both(lambda m, x: jax.vmap(m.selu)(x), np.float32([-3.0, -0.5, 0.25, 2.0])).agree()


@check(
    "selu",
    "keeps a finite gradient far from zero",
    kind="transform",
    hint="jnp.where differentiates both sides. Give exp a harmless number where x > 0.",
)
def test_selu_gradient(both):
    both(lambda m, x: jax.grad(lambda v: m.selu(v).sum())(x), NEAR_AND_FAR).agree()


@check(
    "selu_jit",
    "gives the values of selu",
    hint="Jit selu as it is: x traced, alpha and lmbda under their own names. No other option.",
)
def test_selu_jit_values(both):
    x = np.float32([[-1e4, -2.0, -0.5], [0.0, 1.5, 1e4]])
    both(lambda m, x: m.selu_jit(x), x).agree()
    both(lambda m, x, alpha, lmbda: m.selu_jit(x, alpha, lmbda), x, 0.5, 3.0).agree()
    both(lambda m, x, lmbda: m.selu_jit(x, lmbda=lmbda), x, 2.0).agree()
    both(lambda m, x, alpha: m.selu_jit(x, alpha=alpha), x, 1.0).agree()


@check(
    "selu_jit",
    "works inside jit, vmap and grad",
    kind="transform",
    hint="A jitted function may be called while JAX traces, unless NumPy or float() comes between.",
)
def test_selu_jit_transformed(matrix):
    matrix(lambda m, x: m.selu_jit(x), np.float32([-3.0, -0.5, 0.25, 2.0]))


@check(
    "selu_jit",
    "keeps a finite gradient far from zero",
    kind="transform",
    hint="jnp.where differentiates both sides. Jit selu, whose gradient is finite, as it is.",
)
def test_selu_jit_gradient(both):
    both(lambda m, x: jax.grad(lambda v: m.selu_jit(v).sum())(x), NEAR_AND_FAR).agree()


@check("selu_jit", "is compiled once per shape", kind="structure", fresh=True)
def test_selu_jit_once(answer):
    x = np.linspace(-2, 2, 37, dtype=np.float32)
    answer.compiles_once(lambda m, x: m.selu_jit(x), (x[:5],), (x,), (x - 3,), hints=ONE_PROGRAM)


@check(
    "selu_jit",
    "keeps up with the reference on a million numbers",
    kind="speed",
    hint="Work on the whole array at once: no loop over its entries, no detour through NumPy.",
)
def test_selu_jit_speed(speed):
    speed(
        lambda m, x: m.selu_jit(x),
        inputs=lambda rng: (rng.standard_normal(1_000_000, np.float32),),
        right=lambda m, x: m._selu_piecewise(x),
    ).at_most(3.0)


@check(
    "scaled_square",
    "gives the reference's values",
    hint="Only the square is divided, by jnp.sqrt(5) or 5 ** 0.5; NumPy cannot work on tracers.",
)
@given(inputs=vectors(-20, 20))
@example(inputs=np.float32([[0.5, -1.0, 2.0], [3.0, -4.0, 0.0]]))
@example(inputs=np.float32(3.0))
def test_scaled_square_values(both, inputs):
    both(lambda m, inputs: m.scaled_square(inputs), inputs).agree()


@check(
    "scaled_square",
    "turns integers into float32",
    hint="A division by a float makes floats of integers: leave the result as it comes.",
)
def test_scaled_square_integers(both):
    both(lambda m, inputs: m.scaled_square(inputs), np.arange(4, dtype=np.int32)).agree()
    both(lambda m, inputs: m.scaled_square(inputs), np.int32([[-7, 30_000]])).agree()
    both(lambda m, inputs: m.scaled_square(inputs), np.int32(3)).agree()


@check(
    "scaled_square",
    "works inside jit, vmap and grad",
    kind="transform",
    hint="Let the input be what it is: np.asarray, float() and .item() need a concrete array.",
)
def test_scaled_square_transformed(matrix):
    matrix(lambda m, inputs: m.scaled_square(inputs), np.float32([-2.0, 0.0, 3.0]))


@check("scaled_square", "is compiled once per shape and dtype", kind="structure", fresh=True)
def test_scaled_square_once(answer):
    for dtype in (np.float32, np.int32):
        x = np.arange(37, dtype=dtype)
        answer.compiles_once(
            lambda m, x: m.scaled_square(x), (x[:5],), (x,), (x + 1,), hints=ONE_PROGRAM
        )


@check(
    "branch",
    "takes the right formula on each side of 3",
    hint="3 itself belongs to -4 * y. An `if` works where x is static (see static_argnames of "
    "jax.jit); y stays traced.",
)
@given(x=sampled_from([-5, 0, 2, 2.75, 3, 3.0, 3.25, 1e9]), y=scalars(-20, 20))
@example(x=2, y=np.float32(4.0))
@example(x=3, y=np.float32(4.0))
@example(x=2.75, y=np.float32(-0.5))
def test_branch_values(both, x, y):
    both(lambda m, x, y: m.branch(x, y), x, y).agree()


@check(
    "branch",
    "works inside jit, vmap and grad",
    kind="transform",
    hint="Only x is a Python number. y may be a tracer: no NumPy, float() or `if` on it.",
)
def test_branch_transformed(matrix):
    matrix(lambda m, y: [m.branch(2, y), m.branch(3, y)], np.float32([-1.0, 0.5, 4.0]))


@check("branch", "compiles once for each x, whatever y is", kind="structure", fresh=True)
def test_branch_once(answer):
    y = np.arange(37, dtype=np.float32)
    answer.compiles_once(
        lambda m, x, y: m.branch(x, y), (2, y[:5]), (2, y), (2, y + 1), hints=ONE_PROGRAM
    )


@check("branch", "takes x as a static argument", kind="structure")
def test_branch_static(answer):
    y = np.arange(37, dtype=np.float32)
    answer(lambda m, x, y: m.branch(x, y), 2, y)
    other = answer(lambda m, x, y: m.branch(x, y), 4, y)
    other.demand(
        other.compilations > 0,
        "One program served x on both sides of 3: then x is traced, and both formulas are in it.",
        hint="Write the choice as a Python `if` and name x as static in jax.jit.",
    )
    back = answer(lambda m, x, y: m.branch(x, y), 2, y + 1)
    back.demand(
        back.compilations == 0,
        "After a call with another x, an x that was served before was compiled again.",
        hint="jax.jit keeps a program for every static value that it has seen: jit the function "
        "once, at the top of the module, and keep no store of your own.",
    )


@check(
    "sum_first_n",
    "sums the first n entries",
    hint="x[0] to x[n - 1], and no entry after them, not even one that is subtracted again. The end "
    "of a slice must be a Python int: name n as static in jax.jit.",
)
@given(x=vectors(-4, 4, sizes=(8,)), n=integers(1, 7))
@example(x=np.float32([1, 2, 4, 8, 16, 32, 64, 128]), n=3)
@example(x=np.float32([1, 2, 4, 2**30, 0, 0, 0, 0]), n=3)
def test_sum_first_n_values(both, x, n):
    both(lambda m, x, n: m.sum_first_n(x, n), x, n).agree()


@check(
    "sum_first_n",
    "gives 0.0 for n = 0 and the whole sum for a large n",
    hint="A slice may end beyond the array; an index may not: x[9] of 5 entries is the last one. "
    "And a sum of nothing must still be a float.",
)
def test_sum_first_n_ends(both):
    x = np.float32([1, 2, 4, 8, 16])
    both(lambda m, x, n: m.sum_first_n(x, n), x, 0).agree()
    both(lambda m, x, n: m.sum_first_n(x, n), x, 5).agree()
    both(lambda m, x, n: m.sum_first_n(x, n), x, 9).agree()


@check(
    "sum_first_n",
    "works inside jit, vmap and grad",
    kind="transform",
    hint="Only n is a Python number. x may be a tracer: no NumPy on it.",
)
def test_sum_first_n_transformed(matrix):
    matrix(lambda m, x: m.sum_first_n(x, 3), np.float32([1, 2, 4, 8, 16]))


@check("sum_first_n", "compiles once for each n", kind="structure", fresh=True)
def test_sum_first_n_once(answer):
    x = np.arange(37, dtype=np.float32)
    answer.compiles_once(
        lambda m, x, n: m.sum_first_n(x, n), (x[:5], 2), (x, 7), (x + 1, 7), hints=ONE_PROGRAM
    )


@check("sum_first_n", "takes n as a static argument", kind="structure")
def test_sum_first_n_static(answer):
    x = np.arange(37, dtype=np.float32)
    answer(lambda m, x, n: m.sum_first_n(x, n), x, 3)
    other = answer(lambda m, x, n: m.sum_first_n(x, n), x, 4)
    other.demand(
        other.compilations > 0,
        "One program served two values of n: then n is traced.",
        hint="Here n is static (that one program serves all n is the next exercise).",
    )


@check(
    "sum_first_n_traced",
    "sums the first n entries",
    hint="Which of the positions jnp.arange(len(x)) count? A slice cannot end at a traced n.",
)
@given(x=vectors(-4, 4, sizes=(8,)), n=integers(1, 7).map(np.int32))
@example(x=np.float32([1, 2, 4, 8, 16, 32, 64, 128]), n=np.int32(3))
@example(x=np.float32([1, 2, 4, 2**30, 0, 0, 0, 0]), n=np.int32(3))
def test_sum_first_n_traced_values(both, x, n):
    both(lambda m, x, n: m.sum_first_n_traced(x, n), x, n).agree()


@check(
    "sum_first_n_traced",
    "gives 0.0 for n = 0 and the whole sum for a large n",
    hint="An index -1 is the last entry, and an index beyond the end is moved to the last one: "
    "neither raises.",
)
def test_sum_first_n_traced_ends(both):
    x = np.float32([1, 2, 4, 8, 16])
    both(lambda m, x, n: m.sum_first_n_traced(x, n), x, np.int32(0)).agree()
    both(lambda m, x, n: m.sum_first_n_traced(x, n), x, np.int32(5)).agree()
    both(lambda m, x, n: m.sum_first_n_traced(x, n), x, np.int32(9)).agree()


@check(
    "sum_first_n_traced",
    "maps over n with vmap",
    kind="transform",
    hint="A traced n has no value in Python: no int(n), no slice, no static_argnames.",
)
def test_sum_first_n_traced_vmap(both):
    x = np.float32([1, 2, 4, 8, 16])
    n = np.int32([0, 1, 4, 5, 9])
    both(lambda m, x, n: jax.vmap(m.sum_first_n_traced, in_axes=(None, 0))(x, n), x, n).agree()
    both(lambda m, x, n: jax.jit(m.sum_first_n_traced)(x, n), x, n[2]).agree()


@check(
    "sum_first_n_traced",
    "has a gradient in x",
    kind="transform",
    hint="A loop with a traced end becomes a while_loop, which has no reverse mode. A mask has.",
)
def test_sum_first_n_traced_gradient(matrix):
    x = np.float32([1, 2, 4, 8, 16])
    matrix(lambda m, x, n: m.sum_first_n_traced(x, n), x, np.int32(3))


@check("sum_first_n_traced", "compiles once for every n", kind="structure", fresh=True)
def test_sum_first_n_traced_once(answer):
    x = np.arange(37, dtype=np.float32)
    three, nine = np.int32(3), np.int32(9)
    probe = lambda m, x, n: m.sum_first_n_traced(x, n)  # noqa: E731
    answer.compiles_once(probe, (x[:5], three), (x, three), (x, nine), hints=ONE_PROGRAM)
    answer.program(probe, x, three).agrees_with(np.float32(36), x, nine)
