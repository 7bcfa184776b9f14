"""Checks of chapter 5: vectorisation with vmap, and Swish."""

import jax
import jax.numpy as jnp
import numpy as np

from grader.checks import check, example, given, integers, matrices, sampled_from, scalars, vectors

# Up to 1000 in magnitude: either side of where exp overflows in float32 (88.7), and far beyond.
FAR = np.float32([-1000, -200, -89, -88, 88, 89, 200, 1000])
FARTHER = np.concatenate([FAR, np.float32([-10_000, 10_000])])
NEAR = np.float32([-6, -1.5, -0.25, 0, 0.5, 2, 7])
SLOPES = (
    "The plain values are right. Under vmap or grad they are not: does something there hide an "
    "argument from JAX (stop_gradient, a callback, NumPy, a case for one value)?"
)
UNSAFE = "A formula that divides by 1 + exp(-x) has NaN in its derivatives. Look at your sigmoid."


def samples(seed, *shape):
    """Return standard normals, rounded to halves: they read well."""
    normals = np.random.default_rng(seed).standard_normal(shape)
    return (np.rint(2 * normals) / 2).astype(np.float32)


# --- one sample, many samples ---------------------------------------------------------------------


@check("dot", "gives the dot product", hint="Multiply entry by entry and add up: one number.")
@given(wx=matrices(-4, 4, shapes=((2, 1), (2, 4))))
def test_dot_values(both, wx):
    w, x = wx
    both(lambda m, w, x: m.dot(w, x), w, x, compile=True).agree()


@check("dot", "maps over a batch and has the right slopes", kind="transform", hint=SLOPES)
def test_dot_transforms(matrix):
    w, x = np.float32([0.1, 0.7, 3.3]), np.float32([1.3, -2.7, 0.9])  # they need all 24 bits
    matrix(lambda m, w, x: m.dot(w, x), w, x)


@check(
    "batched_dot",
    "gives one dot product per row",
    hint="w is shared (None), xs has its samples along axis 0; then call what vmap returns.",
)
@given(shape=sampled_from([(1, 3), (3, 3), (4, 2)]), seed=integers(0, 1000), max_examples=8)
def test_batched_dot_values(both, shape, seed):
    xs, w = samples(seed, *shape), samples(seed + 1, shape[1])
    both(lambda m, w, xs: m.batched_dot(w, xs), w, xs, compile=True).agree()


@check("batched_dot", "maps over a batch and has the right slopes", kind="transform", hint=SLOPES)
def test_batched_dot_transforms(matrix):
    matrix(lambda m, w, xs: m.batched_dot(w, xs), samples(1, 3), samples(2, 4, 3))


@check(
    "batched_dot",
    "writes a program that does not grow with the batch",
    kind="structure",
    hint="A Python loop writes every row's work into the program. jax.vmap writes it once.",
)
def test_batched_dot_program(answer):
    w = np.float32([1, 2, 3, 4])
    few, many = (np.arange(4 * rows, dtype=np.float32).reshape(rows, 4) for rows in (3, 48))
    answer.constant_size(lambda m, w, xs: m.batched_dot(w, xs), (w, few), (w, many), "the batch")


@check(
    "batched_weighted",
    "pairs row i with column i",
    hint="Samples are the rows of xs, the columns of ys, and c is shared: one in_axes entry each.",
)
@given(
    shape=sampled_from([(1, 3), (4, 2)]),
    seed=integers(0, 1000),
    c=scalars(-4, 4),
    max_examples=8,
)
@example(shape=(3, 3), seed=0, c=np.float32(0))
def test_batched_weighted_values(both, shape, seed, c):
    xs, ys = samples(seed, *shape), samples(seed + 1, *shape[::-1])
    both(lambda m, xs, ys, c: m.batched_weighted(xs, ys, c), xs, ys, c, compile=True).agree()


@check(
    "batched_weighted", "maps over a batch and has the right slopes", kind="transform", hint=SLOPES
)
def test_batched_weighted_transforms(matrix, both):
    xs, ys, c = samples(1, 4, 3), samples(2, 3, 4), np.float32(1.5)
    matrix(lambda m, xs, ys, c: m.batched_weighted(xs, ys, c), xs, ys, c)
    square = samples(3, 3, 3), samples(4, 3, 3)  # where a wrong axis is as long as the right one
    both(lambda m, xs, ys, c: m.batched_weighted(xs, ys, c), *square, c).agree()


# --- columns in, columns out ----------------------------------------------------------------------


@check(
    "standardize_columns",
    "gives every column mean 0 and standard deviation 1",
    hint="Columns in, columns out (in_axes=1, out_axes=1), and divide by the population deviation.",
)
@given(shape=sampled_from([(3, 3), (5, 2)]), seed=integers(0, 1000), max_examples=6)
def test_standardize_columns_values(both, shape, seed):
    # No two entries are equal: constant columns are another check's.
    order = np.random.default_rng(seed).permutation(shape[0] * shape[1])
    x = order.reshape(shape).astype(np.float32)
    both(lambda m, x: m.standardize_columns(x), x, compile=True).agree()


@check(
    "standardize_columns",
    "turns a column of equal entries into zeros",
    hint="0 / 0 is NaN, and the mean of equal numbers may be off by a rounding. Ask all entries: "
    "they are exact.",
)
def test_standardize_columns_constant(both):
    probe = lambda m, x: jax.jit(m.standardize_columns)(x)  # noqa: E731
    both(probe, np.float32([[0.1, 7.0]])).agree()
    both(probe, np.tile(np.float32([0.1, 0.7, 1 / 3]), (10, 1))).agree()
    both(probe, np.float32([[0.1, 1], [0.1, 2], [0.1, 1]])).agree()


@check(
    "standardize_columns",
    "standardizes a column in which some entries are equal",
    hint="A column is constant when all of its entries are equal: compare every one of them.",
)
def test_standardize_columns_repeats(both):
    x = np.float32([[1, 1, 2, 1], [1, 3, 5, 2], [2, 3, 5, 1], [4, 1, 2, 4], [4, 1, 2, 1]])
    both(lambda m, x: jax.jit(m.standardize_columns)(x), x).agree()


@check(
    "standardize_columns",
    "standardizes a column far from zero",
    hint="The mean of the squares less the square of the mean loses every digit there: take the "
    "mean off first, and square then. And only equal entries make a column constant, not close ones.",
)
def test_standardize_columns_offset(both):
    x = np.float32([[-3, 1], [1, 2], [2, 6], [4, 3]]) + np.float32([2**18, -(2**20)])
    both(lambda m, x: jax.jit(m.standardize_columns)(x), x).agree()


@check(
    "standardize_columns",
    "standardizes a column of tiny spread too",
    hint="Only equal entries make a column constant: no tolerance, nothing added to the divisor.",
)
def test_standardize_columns_tiny(both):
    x = np.float32([[-3, 1], [1, 2], [2, 5]]) * np.float32(2**-40)
    both(lambda m, x: jax.jit(m.standardize_columns)(x), x).agree()


@check(
    "standardize_columns",
    "maps over a batch and has the right slopes",
    kind="transform",
    hint=SLOPES,
)
def test_standardize_columns_transforms(matrix):
    matrix(lambda m, x: m.standardize_columns(x), np.float32([[1, 5], [2, -1], [6, 0]]))


# --- Swish and its derivatives --------------------------------------------------------------------


@check("sigmoid", "gives 1 / (1 + exp(-x))", hint="It is 0.5 at 0, rises, and ends at 1.")
@given(x=scalars(-16, 16), max_examples=8)
@example(x=np.float32(-16))
def test_sigmoid_values(both, x):
    both(lambda m, x: m.sigmoid(x), x, compile=True).agree()


@check(
    "sigmoid",
    "stays finite far from zero",
    hint="exp of more than 88 is infinite in float32. Which of your two exponentials is it?",
)
def test_sigmoid_finite(both):
    both(lambda m, xs: jax.jit(jax.vmap(m.sigmoid))(xs), FARTHER).agree()


@check(
    "sigmoid",
    "keeps a finite gradient far from zero",
    kind="transform",
    hint="exp overflows beyond 88, and inf / inf in its slope is NaN, even in the branch that "
    "jnp.where does not take. tanh cannot overflow.",
)
def test_sigmoid_gradient(both):
    both(
        lambda m, xs: jax.jit(jax.grad(lambda xs: jnp.sum(jax.vmap(m.sigmoid)(xs))))(xs), FARTHER
    ).agree()


@check("sigmoid", "maps over a batch and has the right slopes", kind="transform", hint=SLOPES)
def test_sigmoid_slopes(matrix, both):
    matrix(lambda m, x: m.sigmoid(x), np.float32(1.5))
    both(lambda m, xs: jax.jit(jax.vmap(jax.grad(m.sigmoid)))(xs), NEAR).agree()
    both(lambda m, xs: jax.jit(jax.vmap(jax.grad(jax.grad(m.sigmoid))))(xs), NEAR).agree()


@check("swish", "gives x * sigmoid(x)", hint="It is x times your sigmoid of x.")
@given(x=scalars(-16, 16), max_examples=8)
@example(x=np.float32(-1))
def test_swish_values(both, x):
    both(lambda m, x: m.swish(x), x, compile=True).agree()


@check("swish", "works under every transformation", kind="transform", hint=SLOPES)
def test_swish_matrix(matrix):
    matrix(lambda m, x: m.swish(x), np.float32(1.5))


@check(
    "swish",
    "keeps the right slope, near zero and far from it",
    kind="transform",
    hint="Build it from your sigmoid, whose gradient is finite everywhere.",
)
def test_swish_slopes(both):
    both(lambda m, xs: jax.jit(jax.vmap(jax.grad(m.swish)))(xs), NEAR).agree()
    both(lambda m, xs: jax.jit(jax.vmap(jax.grad(m.swish)))(xs), FAR).agree()


@check(
    "batch_swish",
    "gives swish of every entry",
    hint="A vector in, a vector as long out: call what vmap returns.",
)
@given(x=vectors(-16, 16, sizes=(1, 4)), max_examples=10)
def test_batch_swish_values(both, x):
    both(lambda m, x: m.batch_swish(x), x, compile=True).agree()


@check("batch_swish", "stays finite up to 1000", hint="Map your swish; then look at your sigmoid.")
def test_batch_swish_finite(both):
    both(lambda m, x: jax.jit(m.batch_swish)(x), FAR).agree()


@check("batch_swish", "maps over a batch and has the right slopes", kind="transform", hint=SLOPES)
def test_batch_swish_transforms(matrix):
    matrix(lambda m, x: m.batch_swish(x), NEAR)


@check(
    "first_derv_swish",
    "gives the first derivative at every entry",
    hint="One grad of the function of one number, then vmap around it.",
)
@given(x=vectors(-16, 16, sizes=(1, 4)), max_examples=10)
@example(x=np.float32([-1.0, 0.0, 2.0]))
def test_first_derv_swish_values(both, x):
    both(lambda m, x: m.first_derv_swish(x), x, compile=True).agree()


@check("first_derv_swish", "stays finite up to 1000", hint=UNSAFE)
def test_first_derv_swish_finite(both):
    both(lambda m, x: jax.jit(m.first_derv_swish)(x), FAR).agree()


@check(
    "first_derv_swish", "maps over a batch and has the right slopes", kind="transform", hint=SLOPES
)
def test_first_derv_swish_transforms(matrix):
    matrix(lambda m, x: m.first_derv_swish(x), NEAR)


@check(
    "second_derv_swish",
    "gives the second derivative at every entry",
    hint="Two grads inside, one vmap outside.",
)
@given(x=vectors(-16, 16, sizes=(1, 4)), max_examples=10)
@example(x=np.float32([-1.0, 0.0, 2.0]))
def test_second_derv_swish_values(both, x):
    both(lambda m, x: m.second_derv_swish(x), x, compile=True).agree()


@check("second_derv_swish", "stays finite up to 1000", hint=UNSAFE)
def test_second_derv_swish_finite(both):
    both(lambda m, x: jax.jit(m.second_derv_swish)(x), FAR).agree()


@check(
    "second_derv_swish", "maps over a batch and has the right slopes", kind="transform", hint=SLOPES
)
def test_second_derv_swish_transforms(matrix):
    matrix(lambda m, x: m.second_derv_swish(x), NEAR)


@check(
    "third_derv_swish",
    "gives the third derivative at every entry",
    hint="Three grads inside, one vmap outside.",
)
@given(x=vectors(-16, 16, sizes=(1, 4)), max_examples=10)
@example(x=np.float32([-1.0, 0.0, 2.0]))
def test_third_derv_swish_values(both, x):
    both(lambda m, x: m.third_derv_swish(x), x, compile=True).agree()


@check("third_derv_swish", "stays finite up to 1000", hint=UNSAFE)
def test_third_derv_swish_finite(both):
    both(lambda m, x: jax.jit(m.third_derv_swish)(x), FAR).agree()


@check(
    "third_derv_swish", "maps over a batch and has the right slopes", kind="transform", hint=SLOPES
)
def test_third_derv_swish_transforms(matrix):
    # Slopes of a third derivative: what float32 loses in four derivatives, each in its own way.
    matrix(lambda m, x: m.third_derv_swish(x), NEAR, atol=1e-3)


# --- a gradient for every sample ------------------------------------------------------------------


@check(
    "per_example_grads",
    "gives one gradient per sample",
    hint="Write the loss of one (w, x, y), take grad in w, then map over xs and ys.",
)
# A batch of one comes last: there the gradient of the whole batch has the right numbers.
@given(shape=sampled_from([(3, 3), (4, 2), (1, 3)]), seed=integers(0, 1000), max_examples=8)
def test_per_example_grads_values(both, shape, seed):
    w, xs, ys = samples(seed, shape[1]), samples(seed + 1, *shape), samples(seed + 2, shape[0])
    both(lambda m, w, xs, ys: m.per_example_grads(w, xs, ys), w, xs, ys, compile=True).agree()


@check(
    "per_example_grads", "maps over a batch and has the right slopes", kind="transform", hint=SLOPES
)
def test_per_example_grads_transforms(matrix):
    w, xs, ys = samples(1, 3), samples(2, 4, 3), samples(3, 4)
    matrix(lambda m, w, xs, ys: m.per_example_grads(w, xs, ys), w, xs, ys)
