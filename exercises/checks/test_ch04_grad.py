"""Checks of chapter 4: automatic differentiation."""

from functools import partial
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np

from grader.checks import check, example, given, integers, matrices, sampled_from, scalars

# Points of the plane for the maps over a batch: both signs, no symmetry. No zeros, where a third
# derivative of x**2.0 (a float exponent) is NaN in JAX.
XS = np.float32([0.5, -2.0, 1.5, 3.0])
YS = np.float32([1.0, 0.25, -1.5, -3.0])
SLOPES = (
    "The plain values are right. Under vmap or grad they are not: does something there hide an "
    "argument from JAX (stop_gradient, a callback, NumPy, a special case)?"
)


def network(seed, *sizes):
    """Return random parameters `[(W, b), ...]` for layers of the given sizes."""
    return [
        (samples(seed + i, n_in, n_out) / 2, samples(seed + i + 50, n_out) / 2)
        for i, (n_in, n_out) in enumerate(pairwise(sizes))
    ]


def samples(seed, *shape):
    """Return standard normals, rounded to halves: they read well."""
    normals = np.random.default_rng(seed).standard_normal(shape)
    return (np.rint(2 * normals) / 2).astype(np.float32)


# --- test_fun and its derivatives -----------------------------------------------------------------


@check("test_fun", "gives x**2 + x*y + y**2", hint="Work out x = 2, y = -1 by hand: 4 - 2 + 1.")
@given(x=scalars(-8, 8), y=scalars(-8, 8), max_examples=8)
@example(x=np.float32(3), y=np.float32(5))
def test_test_fun_values(both, x, y):
    both(lambda m, x, y: m.test_fun(x, y), x, y, compile=True).agree()


@check("test_fun", "maps over a batch and has the right slopes", kind="transform", hint=SLOPES)
def test_test_fun_transforms(matrix, both):
    matrix(lambda m, x, y: m.test_fun(x, y), np.float32(1.5), np.float32(-2.0))
    # First derivatives are safe at zero in every right form: 2 * x**1.0 is 0 there.
    xs, ys = np.append(XS, np.float32([0, 0])), np.append(YS, np.float32([2, 0]))
    both(lambda m, xs, ys: jax.jit(jax.vmap(jax.grad(m.test_fun, (0, 1))))(xs, ys), xs, ys).agree()


@check("grad_x_test_fun", "gives 2x + y", hint="Check argnums, and that the gradient is called.")
@given(x=scalars(-8, 8), y=scalars(-8, 8), max_examples=8)
@example(x=np.float32(3), y=np.float32(5))
def test_grad_x_values(both, x, y):
    both(lambda m, x, y: m.grad_x_test_fun(x, y), x, y, compile=True).agree()


@check(
    "grad_x_test_fun", "maps over a batch and has the right slopes", kind="transform", hint=SLOPES
)
def test_grad_x_transforms(matrix):
    matrix(lambda m, x, y: m.grad_x_test_fun(x, y), np.float32(1.5), np.float32(-2.0))


@check("grad_y_test_fun", "gives x + 2y", hint="argnums counts the arguments from 0.")
@given(x=scalars(-8, 8), y=scalars(-8, 8), max_examples=8)
@example(x=np.float32(3), y=np.float32(5))
def test_grad_y_values(both, x, y):
    both(lambda m, x, y: m.grad_y_test_fun(x, y), x, y, compile=True).agree()


@check(
    "grad_y_test_fun", "maps over a batch and has the right slopes", kind="transform", hint=SLOPES
)
def test_grad_y_transforms(matrix):
    matrix(lambda m, x, y: m.grad_y_test_fun(x, y), np.float32(1.5), np.float32(-2.0))


@check("d2x_test_fun", "is 2.0 everywhere", hint="Two derivatives, and both of them in x.")
@given(x=scalars(-8, 8), y=scalars(-8, 8), max_examples=8)
def test_d2x_values(both, x, y):
    both(lambda m, x, y: m.d2x_test_fun(x, y), x, y, compile=True).agree()


@check("d2x_test_fun", "maps over a batch and has the right slopes", kind="transform", hint=SLOPES)
def test_d2x_transforms(matrix):
    matrix(lambda m, x, y: m.d2x_test_fun(x, y), np.float32(1.5), np.float32(-2.0))


@check("g", "gives three times 2x + y", hint="Call the gradient at (x, y), then multiply by 3.")
@given(x=scalars(-8, 8), y=scalars(-8, 8), max_examples=8)
@example(x=np.float32(3), y=np.float32(5))
def test_g_values(both, x, y):
    both(lambda m, x, y: m.g(x, y), x, y, compile=True).agree()


@check("g", "maps over a batch and has the right slopes", kind="transform", hint=SLOPES)
def test_g_transforms(matrix):
    matrix(lambda m, x, y: m.g(x, y), np.float32(1.5), np.float32(-2.0))


@check("dg_dx", "is 6.0 everywhere", hint="g is 3 * (2x + y): one derivative of it, in x.")
@given(x=scalars(-8, 8), y=scalars(-8, 8), max_examples=8)
def test_dg_dx_values(both, x, y):
    both(lambda m, x, y: m.dg_dx(x, y), x, y, compile=True).agree()


@check("dg_dx", "maps over a batch and has the right slopes", kind="transform", hint=SLOPES)
def test_dg_dx_transforms(matrix):
    matrix(lambda m, x, y: m.dg_dx(x, y), np.float32(1.5), np.float32(-2.0))


# --- a network, its loss and the gradient ---------------------------------------------------------


@check(
    "mlp_predict",
    "is inputs @ W + b for a single layer",
    hint="With one layer there is nothing between layers: no tanh. Samples are the rows of inputs.",
)
@given(shape=sampled_from([(4, 2), (4, 3)]), seed=integers(0, 1000), max_examples=3)
@example(shape=(4, 1), seed=2)
@example(shape=(1, 2), seed=0)
def test_mlp_predict_one_layer(both, shape, seed):
    params, inputs = network(seed, 3, shape[1]), samples(seed + 1, shape[0], 3)
    both(lambda m, params, inputs: m.mlp_predict(params, inputs), params, inputs).agree()


@check(
    "mlp_predict",
    "puts a tanh between the layers and none after the last",
    hint="Return the outputs of the last layer, not what went through tanh.",
)
@given(seed=integers(0, 1000), max_examples=5)
def test_mlp_predict_layers(both, seed):
    params, inputs = network(seed, 3, 4, 3, 2), samples(seed + 1, 4, 3)
    both(
        lambda m, params, inputs: m.mlp_predict(params, inputs), params, inputs, compile=True
    ).agree()


@check(
    "mlp_predict",
    "takes any number of layers, and a single sample",
    hint="Loop over params as it comes. The result keeps its two axes, (batch, n_out).",
)
def test_mlp_predict_many_layers(both):
    params, inputs = network(3, 3, 4, 3, 4, 3, 1), samples(4, 1, 3)
    both(
        lambda m, params, inputs: m.mlp_predict(params, inputs), params, inputs, compile=True
    ).agree()


@check(
    "mlp_predict",
    "is right far from zero too",
    hint="In a tanh by hand exp overflows above 88, and inf / inf is NaN: jnp.tanh has no such limit. "
    "The outputs themselves have no bound: clip nothing.",
)
def test_mlp_predict_far(both):
    inputs = np.float32([[500, -1, 2], [-500, 3, 500]])
    for params in (network(1, 3, 2), network(1, 3, 4, 2)):
        both(lambda m, params, inputs: m.mlp_predict(params, inputs), params, inputs).agree()


@check("mlp_predict", "maps over a batch and has the right slopes", kind="transform", hint=SLOPES)
def test_mlp_predict_transforms(matrix):
    matrix(
        lambda m, params, inputs: m.mlp_predict(params, inputs),
        *(network(1, 3, 4, 2), samples(2, 2, 3)),
    )


@check(
    "mlp_loss",
    "is the sum of squared errors",
    hint="Square every error, then add up samples and outputs; no mean, no half.",
)
@given(rows=sampled_from([4]), size=sampled_from([2]), seed=integers(0, 1000), max_examples=6)
@example(rows=9, size=1, seed=0)
def test_mlp_loss_values(both, rows, size, seed):
    params = network(seed, 3, 4, size)
    batch = samples(seed + 1, rows, 3), samples(seed + 2, rows, size)
    both(lambda m, params, batch: m.mlp_loss(params, batch), params, batch, compile=True).agree()


@check(
    "mlp_loss",
    "keeps small errors of large outputs",
    hint="Take the difference first, and square it then: (a - b)**2 written out as a**2 - 2*a*b + "
    "b**2 loses its digits.",
)
def test_mlp_loss_small_errors(both):
    params = [(np.zeros((3, 2), np.float32), np.float32([3000, -2000]))]
    batch = (samples(1, 4, 3), np.tile(np.float32([3000.25, -2000.5]), (4, 1)))
    both(lambda m, params, batch: m.mlp_loss(params, batch), params, batch).agree()


@check(
    "mlp_loss",
    "has the right slopes, also at a perfect fit",
    kind="transform",
    hint="At a perfect fit, NaN comes from a square root: it has no slope at zero. Elsewhere, does "
    "something hide the parameters, the inputs or the targets from JAX (stop_gradient, NumPy)?",
)
def test_mlp_loss_transforms(matrix, both):
    matrix(
        lambda m, params, batch: m.mlp_loss(params, batch),
        *(network(1, 3, 2), (samples(2, 2, 3), samples(3, 2, 2))),
    )
    both(
        lambda m, inputs: jax.jit(
            jax.grad(lambda params: m.mlp_loss(params, (inputs, jnp.zeros((4, 2)))))
        )([(jnp.zeros((3, 2)), jnp.zeros(2))]),
        samples(2, 4, 3),
    ).agree()


@check("gradient_fun", "gives the gradient of every leaf")
@given(seed=integers(0, 1000), max_examples=5)
def test_gradient_fun_values(both, seed):
    params, batch = network(seed, 3, 4, 2), (samples(seed + 1, 9, 3), samples(seed + 2, 9, 2))
    both(lambda m, params, batch: m.gradient_fun(params, batch), params, batch).agree()


@check(
    "gradient_fun",
    "keeps the pytree of the parameters",
    hint="jax.grad gives back the structure of its argument: pass it on as it is.",
)
def test_gradient_fun_structure(both):
    params, batch = network(1, 3, 4, 2), (samples(2, 4, 3), samples(3, 4, 2))
    for given_params in (tuple(params), [list(layer) for layer in params]):
        both(lambda m, params, batch: m.gradient_fun(params, batch), given_params, batch).agree()


@check("gradient_fun", "maps over a batch and has the right slopes", kind="transform", hint=SLOPES)
def test_gradient_fun_transforms(matrix):
    matrix(
        lambda m, params, batch: m.gradient_fun(params, batch),
        *(network(1, 3, 2), (samples(2, 2, 3), samples(3, 2, 2))),
    )


@check(
    "gradient_fun",
    "is compiled once per shape",
    kind="structure",
    fresh=True,
    hint="jax.jit remembers the programs of one function object. Make that object once, when the "
    "module is loaded.",
)
def test_gradient_fun_compilations(answer):
    params = network(1, 3, 4, 2)
    probe = lambda m, params, batch: m.gradient_fun(params, batch)  # noqa: E731
    answer.compiles_once(
        probe,
        (network(1, 2, 4, 2), (samples(2, 5, 2), samples(3, 5, 2))),
        (params, (samples(2, 6, 3), samples(3, 6, 2))),
        (network(4, 3, 4, 2), (samples(5, 6, 3), samples(6, 6, 2))),
    )


# --- forward mode, reverse mode, both -------------------------------------------------------------

# Of one name and one shape: what is kept of the first must not serve the second.
TWO_FUNCTIONS = (lambda x: jnp.sin(40 * x), lambda x: x**3)


@check(
    "directional_derivative",
    "gives f(x) and Df(x) v",
    hint="jax.jvp takes the points and the directions as tuples, and returns the pair.",
)
@given(xv=matrices(-3, 3, shapes=((2, 3),)), max_examples=8)
@example(xv=np.float32([[1, -2, 0.5], [1, 2, -1]]))
def test_directional_derivative_values(both, xv):
    x, v = xv
    both(
        lambda m, x, v: m.directional_derivative(lambda x: jnp.cumsum(x**3), x, v),
        x,
        v,
        compile=True,
    ).agree()


@check(
    "directional_derivative",
    "takes arrays of any rank",
    hint="jax.jvp knows nothing of ranks: hand it f, x and v as they are.",
)
def test_directional_derivative_ranks(both):
    both(
        lambda m, x, v: [m.directional_derivative(f, x, v) for f in TWO_FUNCTIONS],
        *(np.float32(0.5), np.float32(1.5)),
    ).agree()
    both(
        lambda m, x, v: m.directional_derivative(lambda x: jnp.tensordot(x, x, (0, 0)), x, v),
        samples(1, 2, 3, 2),
        samples(2, 2, 3, 2),
    ).agree()
    both(
        lambda m, x, v: m.directional_derivative(partial(jnp.multiply, jnp.ones((2, 3, 1))), x, v),
        samples(3, 1, 3),
        samples(4, 1, 3),
    ).agree()


@check(
    "directional_derivative",
    "maps over a batch and has the right slopes",
    kind="transform",
    hint=SLOPES,
)
def test_directional_derivative_transforms(matrix):
    x, v = samples(1, 3), samples(2, 3)
    matrix(lambda m, x, v: m.directional_derivative(jnp.sin, x, v), x, v)


@check(
    "pullback",
    "gives f(x) and the pulled-back weights",
    hint="jax.vjp gives f(x) and a function. Call that with ct, and take the only entry of the "
    "tuple which it returns.",
)
@given(xct=matrices(-3, 3, shapes=((2, 3),)), max_examples=8)
@example(xct=np.float32([[1, -2, 0.5], [1, 2, -1]]))
def test_pullback_values(both, xct):
    x, ct = xct
    both(
        lambda m, x, ct: m.pullback(lambda x: jnp.cumsum(x**3), x, ct), x, ct, compile=True
    ).agree()


@check(
    "pullback",
    "takes arrays of any rank",
    hint="jax.vjp knows nothing of ranks: ct has the shape of f(x), the result that of x.",
)
def test_pullback_ranks(both):
    both(
        lambda m, x, ct: [m.pullback(f, x, ct) for f in TWO_FUNCTIONS],
        *(np.float32(0.5), np.float32(1.5)),
    ).agree()
    both(
        lambda m, x, ct: m.pullback(lambda x: x @ x.T, x, ct), samples(1, 2, 3), samples(2, 2, 2)
    ).agree()
    both(
        lambda m, x, ct: m.pullback(partial(jnp.multiply, jnp.ones((2, 3, 1))), x, ct),
        samples(3, 2, 1, 3),
        samples(4, 2, 3, 3),
    ).agree()


@check("pullback", "maps over a batch and has the right slopes", kind="transform", hint=SLOPES)
def test_pullback_transforms(matrix):
    x, ct = samples(1, 3), samples(2, 3)
    matrix(lambda m, x, ct: m.pullback(jnp.sin, x, ct), x, ct)


@check(
    "hvp",
    "gives the Hessian times v",
    hint="The Hessian is the derivative of the gradient: differentiate grad(f) in the direction v.",
)
@given(xv=matrices(-2, 2, shapes=((2, 1), (2, 3))), max_examples=10)
@example(xv=np.float32([[1, -2, 0.5], [1, 2, -1]]))
def test_hvp_values(both, xv):
    x, v = xv
    both(
        lambda m, x, v: m.hvp(lambda x: jnp.sum(x**3) + x[0] * x[-1] ** 2, x, v), x, v, compile=True
    ).agree()


@check(
    "hvp",
    "is right for a function that is no polynomial",
    hint="A difference of two gradients is exact for a cubic only: differentiate the gradient.",
)
def test_hvp_waves(both):
    both(
        lambda m, x, v: [
            m.hvp(f, x, v) for f in (lambda x: jnp.sum(jnp.sin(9 * x)), lambda x: jnp.sum(x**4))
        ],
        *(np.float32([0.5, -1.25]), np.float32([2, 1])),
    ).agree()


@check("hvp", "maps over a batch and has the right slopes", kind="transform", hint=SLOPES)
def test_hvp_transforms(matrix):
    x, v = samples(1, 3), samples(2, 3)
    matrix(lambda m, x, v: m.hvp(lambda x: jnp.sum(x**3), x, v), x, v)


@check(
    "hvp",
    "never forms the Hessian",
    kind="structure",
    hint="For n = 512 the Hessian has 262144 entries. A jvp of the gradient needs only vectors.",
)
def test_hvp_memory(answer):
    program = answer.program(
        lambda m, x, v: m.hvp(lambda x: jnp.sum(x[1:] * x[:-1] ** 2), x, v),
        *(samples(1, 512), samples(2, 512)),
    )
    program.demand(
        program.largest_value < 512 * 512,
        f"With vectors of 512 entries, an array of {program.largest_value} entries is made on the way.",
    )
