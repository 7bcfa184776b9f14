"""Checks of chapter 8: cond, while, fori, scan."""

import jax
import numpy as np

from grader.checks import check, example, given, integers, sampled_from, scalars, vectors
from grader.matrix import FORWARD


@check(
    "branch_traced",
    "gives the values of branch",
    hint="lax.cond takes a condition, the function for True, the function for False, and their "
    "arguments. 3 itself belongs to -4 * y.",
)
def test_branch_traced_values(both):
    for x, y in ((2.0, 4.0), (3.0, 4.0), (2.75, -0.5), (7.0, -2.0)):
        both(lambda m, x, y: m.branch_traced(x, y), np.float32(x), np.float32(y)).agree()
    y = np.float32([4.0, -0.5, 2.0])
    both(lambda m, x, y: m.branch_traced(x, y), np.float32(2.0), y).agree()


@check(
    "branch_traced",
    "works for a traced x",
    kind="transform",
    hint="A traced x has no value in Python: no `if`, no float(). Use lax.cond or jnp.where.",
)
@given(x=scalars(-5, 10), y=scalars(-20, 20))
@example(x=np.float32(2.0), y=np.float32(4.0))
@example(x=np.float32(3.0), y=np.float32(4.0))
def test_branch_traced_jit(both, x, y):
    both(lambda m, x, y: m.branch_traced(x, y), x, y, compile=True).agree()


@check("branch_traced", "maps over both arguments with vmap", kind="transform")
def test_branch_traced_vmap(both):
    x = np.float32([-1.0, 2.75, 3.0, 7.0])
    y = np.float32([4.0, -0.5, 4.0, -0.5])
    both(lambda m, x, y: jax.vmap(m.branch_traced)(x, y), x, y).agree()
    both(lambda m, x, y: jax.vmap(m.branch_traced, (None, 0))(x, y), x[0], y).agree()


@check("branch_traced", "has a gradient in y", kind="transform")
def test_branch_traced_gradient(matrix):
    matrix(
        lambda m, x, y: [m.branch_traced(x, y), m.branch_traced(2 * x, y)],
        *(np.float32(2.0), np.float32(4.0)),
    )


@check(
    "branch_traced",
    "has a gradient in y where y is 0",
    kind="transform",
    hint="3 * y ** 2 has one everywhere. What goes through a root, a logarithm or an absolute value "
    "on the way has none at 0.",
)
def test_branch_traced_gradient_at_zero(both):
    x, y = np.float32([2, 7]), np.float32([0, 0])
    both(lambda m, x, y: jax.vmap(jax.grad(m.branch_traced, 1))(x, y), x, y, compile=True).agree()


@check(
    "power",
    "gives the reference's values",
    hint="n multiplications by x, starting from a float 1 (the state of a loop keeps its dtype). "
    "fori_loop calls body(i, state), in this order.",
)
def test_power_values(both):
    for x, n in ((2.0, 3), (-1.5, 5), (0.75, 1), (0.0, 4)):
        both(lambda m, x, n: m.power(x, n), np.float32(x), np.int32(n)).agree(rtol=1e-4)


@check(
    "power",
    "gives 1.0 for n = 0",
    hint="Which value has the product before the first multiplication?",
)
def test_power_zero(both):
    for x in (3.0, 0.0):
        both(lambda m, x, n: m.power(x, n), np.float32(x), np.int32(0)).agree()


@check("power", "serves large n", hint="The number of turns is n, whatever it is: no fixed limit.")
def test_power_large(both):
    for x, n in ((2.0, 100), (-1.0, 1001), (0.5, 90), (1.01, 300)):
        both(lambda m, x, n: m.power(x, n), np.float32(x), np.int32(n)).agree(rtol=1e-4)


@check(
    "power",
    "works for a traced n",
    kind="transform",
    hint="A traced n has no value in Python: no range(n), no int(n), no static_argnames.",
)
@given(x=scalars(-2, 2), n=integers(0, 12).map(np.int32))
@example(x=np.float32(2.0), n=np.int32(3))
@example(x=np.float32(-1.5), n=np.int32(5))
def test_power_jit(both, x, n):
    both(lambda m, x, n: m.power(x, n), x, n, compile=True).agree(rtol=1e-4)


@check("power", "maps over x and n with vmap", kind="transform")
def test_power_vmap(matrix, both):
    # A loop whose end is traced has no reverse mode, and none is asked for.
    matrix(lambda m, x, n: m.power(x, n), np.float32(1.5), np.int32(3), rows=FORWARD)
    x = np.float32([2.0, -1.5, 0.0, 1.0])
    n = np.int32([10, 3, 2, 0])
    both(lambda m, x, n: jax.vmap(m.power)(x, n), x, n).agree(rtol=1e-4)


@check("power", "needs one compilation for all n", kind="structure")
def test_power_once(answer):
    two, three, seven = np.float32(2), np.int32(3), np.int32(7)
    program = answer.program(lambda m, x, n: m.power(x, n), two, three)
    program.agrees_with(np.float32(128), two, seven)


@check(
    "collatz_steps",
    "counts the steps",
    hint="3 goes 10, 5, 16, 8, 4, 2, 1: seven steps. From 1 there is none. Count in integers.",
)
def test_collatz_values(both):
    for n in (1, 2, 3, 27):
        both(lambda m, n: m.collatz_steps(n), np.int32(n)).agree()


@check(
    "collatz_steps",
    "follows long and high paths",
    hint="106239 takes 353 steps, and from 77671 the path climbs to 1570824736. No fixed number of "
    "turns, and no float32, which holds whole numbers exactly only up to 2 ** 24.",
)
def test_collatz_far(both):
    for n in (106239, 77671, 113382):
        both(lambda m, n: m.collatz_steps(n), np.int32(n)).agree()


@check(
    "collatz_steps",
    "works for a traced n",
    kind="transform",
    hint="A traced n has no value in Python: no `while`, no `if`, no int() of it.",
)
@given(n=integers(1, 3000).map(np.int32))
def test_collatz_jit(both, n):
    both(lambda m, n: jax.jit(m.collatz_steps)(n), n).agree()


@check("collatz_steps", "maps over n with vmap", kind="transform")
def test_collatz_vmap(matrix, both):
    matrix(lambda m, n: m.collatz_steps(n), np.int32(27), rows=FORWARD)
    n = np.int32([1, 2, 3, 97, 871])
    both(lambda m, n: jax.vmap(m.collatz_steps)(n), n).agree()


def demand_roots(result, a):
    """The roots of `a` are exact to 1e-6, in the worst case."""
    exact = np.sqrt(a.astype(np.float64))
    error = np.abs(np.asarray(result.value, np.float64) / exact - 1)
    worst = np.argmax(np.where(np.isnan(error), np.inf, error))
    result.demand(
        error.flat[worst] <= 1e-6,
        "The relative error must be at most 1e-6.",
        f"The root of {a.flat[worst]:.4g} came out as {np.ravel(result.value)[worst]:.8g}, "
        f"expected {exact.flat[worst]:.8g}: relative error {error.flat[worst]:.1e}.",
        hint="Small and large roots need the same number of right digits: measure the change "
        "relative to x, and let the loop run as long as it takes.",
    )


@check("newton_sqrt", "finds the root of ordinary numbers")
def test_newton_values(both):
    for a in (2.0, 9.0, 0.25):
        demand_roots(both(lambda m, a: m.newton_sqrt(a), np.float32(a)).answer, np.float32(a))


@check("newton_sqrt", "is right to 1e-6 from 1e-12 to 1e12")
def test_newton_range(answer):
    for a in np.float32([1e-12, 3e-7, 5e-3, 777, 8e5, 1e12]):
        demand_roots(answer(lambda m, a: m.newton_sqrt(a), a), a)


@check(
    "newton_sqrt",
    "gives 0 for 0, and ends",
    hint="For a = 0 the step divides 0 by a smaller and smaller x. Let the loop work on another "
    "number and put the 0 in afterwards.",
)
def test_newton_zero(both):
    both(lambda m, a: m.newton_sqrt(a), np.float32(0.0)).agree()


@check(
    "newton_sqrt",
    "works inside jit and vmap",
    kind="transform",
    hint="A traced a has no value in Python: no `if`, no `while`, no float(). Under vmap lax.cond "
    "computes both sides, and a loop runs until its last element is done: its condition must "
    "become False for a = 0, too.",
)
def test_newton_vmap(matrix, answer):
    # A while_loop has no reverse mode, and none is asked for.
    matrix(lambda m, a: m.newton_sqrt(a), np.float32(2.0), rows=FORWARD)
    a = np.logspace(-11.9, 11.9, 200, dtype=np.float32)
    demand_roots(answer(lambda m, a: jax.jit(m.newton_sqrt)(a), a[7]), a[7])
    demand_roots(answer(lambda m, a: jax.vmap(m.newton_sqrt)(a), a), a)
    beside_zero = np.float32([0.0, 4.0, 1e12])
    roots = answer(lambda m, a: jax.vmap(m.newton_sqrt)(a), beside_zero)
    roots.equals(np.float32([0.0, 2.0, 1e6]), rtol=1e-6)


@check(
    "ema",
    "gives the reference's values",
    hint="Before the first input the average is 0. decay weighs the old average, 1 - decay the new "
    "input, and what comes out at t is the average after x_t, for every t.",
)
@given(xs=vectors(-4, 4), decay=sampled_from([0.0, 0.25, 0.5, 0.9375, 1.0]))
@example(xs=np.float32([1, 2, 3]), decay=0.75)
def test_ema_values(both, xs, decay):
    both(lambda m, xs, decay: m.ema(xs, decay), xs, decay, compile=True).agree()


@check(
    "ema",
    "gives an empty array for an empty one",
    hint="xs[0] does not exist here: the carry starts at 0.0, whatever xs holds.",
)
def test_ema_empty(both):
    both(lambda m, xs: m.ema(xs, 0.5), np.zeros(0, np.float32)).agree()


@check("ema", "works under vmap", kind="transform")
def test_ema_vmap(both):
    xs = np.float32([[1, 2, 3], [-4, 0, 4]])
    decay = np.float32([0.25, 0.5])
    both(lambda m, xs, decay: jax.vmap(m.ema)(xs, decay), xs, decay).agree()
    both(lambda m, xs, decay: jax.vmap(m.ema, (0, None))(xs, decay), xs, 0.75).agree()


@check(
    "ema",
    "has gradients in xs and decay",
    kind="transform",
    hint="lax.scan can be differentiated backwards, a lax.while_loop cannot.",
)
def test_ema_gradient(matrix):
    xs, decay = np.float32([1, -2, 3, 0.5]), np.float32(0.75)
    matrix(lambda m, xs, decay: m.ema(xs, decay), xs, decay)


@check("ema", "has a program that does not grow with the length", kind="structure")
def test_ema_size(answer):
    short, long = (np.ones(length, np.float32) for length in (64, 256))
    # 0.5 has long died away after 256 steps, as a power of decay underflows; 0.98 has not.
    answer.constant_size(
        lambda m, xs: [m.ema(xs, 0.5), m.ema(xs, 0.98)],
        (short,),
        (long,),
        "the length",
        hint=ONE_BODY,
    )


ONE_BODY = "A Python loop leaves a copy of its body for every step. lax.scan has it once."


def rnn_inputs(length, hidden=2, features=3):
    """Parameters, first state and inputs of a small network, always the same."""
    rng = np.random.default_rng(length)

    def dyadic(*shape):
        return (rng.integers(-16, 17, shape) / 16).astype(np.float32)

    params = (dyadic(hidden, hidden), dyadic(hidden, features), dyadic(hidden))
    return params, dyadic(hidden), dyadic(length, features)


@check(
    "rnn",
    "gives the reference's values",
    hint="One step: h = tanh(W_h @ h + W_x @ x + b), h being both the carry and the output.",
)
def test_rnn_values(both):
    both(lambda m, params, h0, xs: m.rnn(params, h0, xs), *rnn_inputs(4)).agree()
    both(lambda m, params, h0, xs: m.rnn(params, h0, xs), *rnn_inputs(1)).agree()
    both(lambda m, params, h0, xs: m.rnn(params, h0, xs), *rnn_inputs(3, 1, 1)).agree()


@check("rnn", "works inside jit and vmap", kind="transform")
def test_rnn_transformed(both):
    params, h0, xs = rnn_inputs(4)
    both(lambda m, params, h0, xs: jax.jit(m.rnn)(params, h0, xs), params, h0, xs).agree()
    h0s, batch = np.stack([h0, -h0]), np.stack([xs, 1 - xs])
    both(
        lambda m, params, h0s, batch: jax.vmap(m.rnn, (None, 0, 0))(params, h0s, batch),
        params,
        h0s,
        batch,
    ).agree()


@check("rnn", "has gradients in the parameters, h0 and xs", kind="transform")
def test_rnn_gradient(matrix):
    matrix(lambda m, params, h0, xs: m.rnn(params, h0, xs), *rnn_inputs(4))


@check("rnn", "has a program that does not grow with the length", kind="structure")
def test_rnn_size(answer):
    answer.constant_size(
        lambda m, params, h0, xs: m.rnn(params, h0, xs),
        rnn_inputs(64),
        rnn_inputs(256),
        "the length",
        hint=ONE_BODY,
    )
