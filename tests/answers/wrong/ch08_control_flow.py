# %% branch_traced
# caught by: works for a traced x
# idea: an if on a tracer
# misconception: a Python `if` on a traced value
def branch_traced(x, y):
    if x < 3:
        return 3 * y**2
    return -4 * y


# %% branch_traced
# caught by: works for a traced x
# idea: x is made static again
# misconception: a Python number made of a traced value
import jax


@jax.jit(static_argnums=0)
def _branch(x, y):
    return 3 * y**2 if x < 3 else -4 * y


def branch_traced(x, y):
    return _branch(float(x), y)


# %% branch_traced
# caught by: gives the values of branch
# idea: cond takes the function for False first
# misconception: the two branches exchanged
from jax import lax


def branch_traced(x, y):
    return lax.cond(x < 3, lambda y: -4 * y, lambda y: 3 * y**2, y)


# %% branch_traced
# caught by: gives the values of branch
# idea: cond takes values
# misconception: values where lax.cond takes functions
from jax import lax


def branch_traced(x, y):
    return lax.cond(x < 3, 3 * y**2, -4 * y)


# %% branch_traced
# caught by: gives the values of branch
# idea: wrong at the border only
# misconception: a comparison that is wrong at its border
from jax import lax


def branch_traced(x, y):
    return lax.cond(x <= 3, lambda y: 3 * y**2, lambda y: -4 * y, y)


# %% branch_traced
# caught by: gives the values of branch
# idea: an integer x is enough
import jax.numpy as jnp


def branch_traced(x, y):
    return jnp.where(jnp.round(x) < 3, 3 * y**2, -4 * y)


# %% branch_traced
# caught by: has a gradient in y
# idea: a while_loop can play the if
# misconception: a gradient through a loop that may turn any number of times
from jax import lax


def branch_traced(x, y):
    def body(state):
        return False, 3 * y**2

    return lax.while_loop(lambda state: state[0], body, (x < 3, -4 * y))[1]


# %% branch_traced
# caught by: has a gradient in y
# idea: the branch not taken is protected by stop_gradient on the wrong side
# misconception: a gradient that is stopped on its way
from jax import lax
import jax.numpy as jnp


def branch_traced(x, y):
    return jnp.where(x < 3, 3 * lax.stop_gradient(y) * y, -4 * y)


# %% branch_traced
# caught by: maps over both arguments with vmap
# idea: asks all of x at once
from jax import lax
import jax
import jax.numpy as jnp


@jax.custom_batching.custom_vmap
def _below(x):
    return x < 3


@_below.def_vmap
def _below_rule(axis_size, in_batched, x):
    return jnp.full((axis_size,), jnp.all(x < 3)), True


def branch_traced(x, y):
    return lax.cond(_below(jnp.asarray(x)), lambda y: 3 * y**2, lambda y: -4 * y, y)


# %% power
# caught by: works for a traced n
# idea: range of a tracer
# misconception: a Python `range` over a traced number
def power(x, n):
    product = 1.0 * x**0
    for _ in range(n):
        product = product * x
    return product


# %% power
# caught by: works for a traced n
# idea: n is made static
# misconception: a Python number made of a traced value
import jax
import jax.numpy as jnp


@jax.jit(static_argnums=1)
def _power(x, n):
    return jnp.prod(jnp.full(n, x))


def power(x, n):
    return _power(x, int(n))


# %% power
# caught by: gives the reference's values
# idea: starts with x and multiplies n times
import jax
from jax import lax


@jax.jit
def power(x, n):
    return lax.fori_loop(0, n, lambda i, product: product * x, x)


# %% power
# caught by: gives 1.0 for n = 0
# idea: starts with x and multiplies n - 1 times
import jax
from jax import lax


@jax.jit
def power(x, n):
    return lax.fori_loop(1, n, lambda i, product: product * x, x)


# %% power
# caught by: gives the reference's values
# idea: starts with the integer 1
# misconception: a loop whose state changes its type
import jax
from jax import lax


@jax.jit
def power(x, n):
    return lax.fori_loop(0, n, lambda i, product: product * x, jax.numpy.int32(1))


# %% power
# caught by: gives the reference's values
# idea: exp of n log x knows no negative numbers
# misconception: the logarithm of a number that is not positive
import jax
import jax.numpy as jnp


@jax.jit
def power(x, n):
    return jnp.exp(n * jnp.log(x))


# %% power
# caught by: serves large n
# idea: a fixed number of turns with a mask
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def power(x, n):
    return lax.fori_loop(0, 64, lambda i, p: jnp.where(i < n, p * x, p), jnp.ones_like(x))


# %% power
# caught by: gives the reference's values
# idea: squares the product instead of multiplying by x
import jax
from jax import lax


@jax.jit
def power(x, n):
    return lax.fori_loop(1, n, lambda i, product: product * product, x)


# %% collatz_steps
# caught by: works for a traced n
# idea: a Python while on a tracer
# misconception: a Python `while` on a traced value
import jax.numpy as jnp


def collatz_steps(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return jnp.int32(steps)


# %% collatz_steps
# caught by: counts the steps
# idea: halving gives a float
# misconception: a division that makes floats of whole numbers
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def collatz_steps(n):
    def body(state):
        n, steps = state
        return jnp.where(n % 2 == 0, n / 2, 3 * n + 1), steps + 1

    return lax.while_loop(lambda state: state[0] != 1, body, (n, 0))[1]


# %% collatz_steps
# caught by: counts the steps
# idea: counts the numbers on the way, not the steps
# misconception: an entry too many or too few: off by one
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def collatz_steps(n):
    def body(state):
        n, steps = state
        return jnp.where(n % 2 == 0, n // 2, 3 * n + 1), steps + 1

    return lax.while_loop(lambda state: state[0] != 1, body, (n, 1))[1]


# %% collatz_steps
# caught by: counts the steps
# idea: the short cut (3 n + 1) / 2 is one step
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def collatz_steps(n):
    def body(state):
        n, steps = state
        return jnp.where(n % 2 == 0, n // 2, (3 * n + 1) // 2), steps + 1

    return lax.while_loop(lambda state: state[0] != 1, body, (n, 0))[1]


# %% collatz_steps
# caught by: counts the steps
# idea: a first step is always taken
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def collatz_steps(n):
    def rule(n):
        return jnp.where(n % 2 == 0, n // 2, 3 * n + 1)

    def body(state):
        return rule(state[0]), state[1] + 1

    return lax.while_loop(lambda state: state[0] != 1, body, (rule(n), 1))[1]


# %% collatz_steps
# caught by: follows long and high paths
# idea: a hundred turns or two are enough
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def collatz_steps(n):
    def body(i, state):
        n, steps = state
        following = jnp.where(n % 2 == 0, n // 2, 3 * n + 1)
        return jnp.where(n == 1, 1, following), steps + (n != 1)

    return lax.fori_loop(0, 200, body, (n, 0))[1]


# %% collatz_steps
# caught by: follows long and high paths
# idea: whole numbers are safe in float32
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def collatz_steps(n):
    def body(state):
        n, steps = state
        half = jnp.floor(n / 2)
        return jnp.where(n == 2 * half, half, 3 * n + 1), steps + 1

    start = (jnp.asarray(n, jnp.float32), 0)
    return lax.while_loop(lambda state: (state[0] != 1) & (state[1] < 9999), body, start)[1]


# %% collatz_steps
# caught by: counts the steps
# idea: the count is a float
# misconception: floats where whole numbers are asked for
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def collatz_steps(n):
    def body(state):
        n, steps = state
        return jnp.where(n % 2 == 0, n // 2, 3 * n + 1), steps + 1

    return lax.while_loop(lambda state: state[0] != 1, body, (n, 0.0))[1]


# %% newton_sqrt
# caught by: is right to 1e-6 from 1e-12 to 1e12
# idea: an absolute tolerance fits every size
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def newton_sqrt(a):
    def body(state):
        i, x = state
        return i + 1, 0.5 * (x + a / x)

    def keep_going(state):
        i, x = state
        return (jnp.abs(x * x - a) > 1e-6) & (i < 200)

    return jnp.where(a > 0, lax.while_loop(keep_going, body, (0, jnp.maximum(a, 1.0)))[1], 0.0)


# %% newton_sqrt
# caught by: is right to 1e-6 from 1e-12 to 1e12
# idea: ten turns are always enough
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def newton_sqrt(a):
    safe = jnp.where(a > 0, a, 1.0)
    root = lax.fori_loop(0, 10, lambda i, x: 0.5 * (x + safe / x), jnp.maximum(safe, 1.0))
    return jnp.where(a > 0, root, 0.0)


# %% newton_sqrt
# caught by: gives 0 for 0, and ends
# idea: starts at a, which is 0 / 0 for a = 0
# misconception: a division by zero
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def newton_sqrt(a):
    def keep_going(state):
        old, new = state
        return jnp.abs(new - old) > 1e-6 * new

    def body(state):
        _, x = state
        return x, 0.5 * (x + a / x)

    return lax.while_loop(keep_going, body, (a, 0.5 * (a + 1.0)))[1]


# %% newton_sqrt
# caught by: works inside jit and vmap
# idea: a Python while on a tracer
# misconception: a Python `while` on a traced value
import jax.numpy as jnp


def newton_sqrt(a):
    x = jnp.maximum(a, 1.0)
    better = 0.5 * (x + a / x)
    while better < x:
        x, better = better, 0.5 * (better + a / better)
    return jnp.where(a > 0, x, 0.0)


# %% newton_sqrt
# caught by: finds the root of ordinary numbers
# idea: stops as soon as it is roughly right
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def newton_sqrt(a):
    safe = jnp.where(a > 0, a, 1.0)
    root = lax.while_loop(
        lambda x: jnp.abs(x * x - safe) > 1e-2 * safe,
        lambda x: 0.5 * (x + safe / x),
        jnp.maximum(safe, 1.0),
    )
    return jnp.where(a > 0, root, 0.0)


# %% newton_sqrt
# caught by: is right to 1e-6 from 1e-12 to 1e12
# idea: bisection with an absolute width is Newton's method
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def newton_sqrt(a):
    def body(state):
        low, high = state
        middle = 0.5 * (low + high)
        small = middle * middle < a
        return jnp.where(small, middle, low), jnp.where(small, high, middle)

    start = (jnp.zeros_like(a), jnp.maximum(a, 1.0))
    low, high = lax.fori_loop(0, 30, lambda i, state: body(state), start)
    return jnp.where(a > 0, 0.5 * (low + high), 0.0)


# %% ema
# caught by: gives the reference's values
# idea: starts at the first input
import jax
from jax import lax


@jax.jit
def ema(xs, decay):
    def step(y, x):
        y = decay * y + (1 - decay) * x
        return y, y

    return xs if xs.size == 0 else lax.scan(step, xs[0], xs)[1]


# %% ema
# caught by: gives the reference's values
# idea: a body that returns the new carry alone
# misconception: a scan body that does not return a pair
import jax
from jax import lax


@jax.jit
def ema(xs, decay):
    return lax.scan(lambda y, x: decay * y + (1 - decay) * x, 0.0, xs)[1]


# %% ema
# caught by: gives the reference's values
# idea: decay weighs the new input
# misconception: an average that weighs old and new the other way round
import jax
from jax import lax


@jax.jit
def ema(xs, decay):
    def step(y, x):
        y = decay * x + (1 - decay) * y
        return y, y

    return lax.scan(step, 0.0, xs)[1]


# %% ema
# caught by: gives the reference's values
# idea: the carry, not the outputs, is the result
# misconception: the last value in place of all
import jax
from jax import lax


@jax.jit
def ema(xs, decay):
    def step(y, x):
        y = decay * y + (1 - decay) * x
        return y, y

    return lax.scan(step, 0.0, xs)[0]


# %% ema
# caught by: gives the reference's values
# idea: puts out the average before the step
# misconception: the value before the step in place of the one after
import jax
from jax import lax


@jax.jit
def ema(xs, decay):
    def step(y, x):
        return decay * y + (1 - decay) * x, y

    return lax.scan(step, 0.0, xs)[1]


# %% ema
# caught by: gives the reference's values
# idea: the start is the integer 0, and so is every average
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def ema(xs, decay):
    def step(y, x):
        y = (decay * y + (1 - decay) * x).astype(jnp.int32)
        return y, y

    return lax.scan(step, 0, xs)[1]


# %% ema
# caught by: has a program that does not grow with the length
# idea: a Python loop is as good
# misconception: a Python loop that tracing unrolls
import jax
import jax.numpy as jnp


@jax.jit
def ema(xs, decay):
    y, ys = 0.0, []
    for x in xs:
        y = decay * y + (1 - decay) * x
        ys.append(y)
    return jnp.stack(ys) if ys else xs


# %% ema
# caught by: gives an empty array for an empty one
# idea: there is always a first input
# misconception: an empty input forgotten
import jax
from jax import lax


@jax.jit
def ema(xs, decay):
    def step(y, x):
        y = decay * y + (1 - decay) * x
        return y, y

    return lax.scan(step, 0 * xs[0], xs)[1]


# %% ema
# caught by: has gradients in xs and decay
# idea: a while_loop is a scan
# misconception: a gradient through a loop that may turn any number of times
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def ema(xs, decay):
    def body(state):
        t, y, ys = state
        y = decay * y + (1 - decay) * xs[t]
        return t + 1, y, ys.at[t].set(y)

    if xs.size == 0:
        return xs
    return lax.while_loop(lambda s: s[0] < len(xs), body, (0, 0.0, jnp.zeros_like(xs)))[2]


# %% ema
# caught by: gives the reference's values
# idea: dividing by a power of decay does no harm
# misconception: a division by zero
import jax
import jax.numpy as jnp


@jax.jit
def ema(xs, decay):
    powers = jnp.float32(decay) ** jnp.arange(len(xs))
    return (1 - decay) * powers * jnp.cumsum(xs / powers)


# %% rnn
# caught by: gives the reference's values
# idea: h @ W is W @ h
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def rnn(params, h0, xs):
    w_h, w_x, b = params

    def step(h, x):
        h = jnp.tanh(h @ w_h + w_x @ x + b)
        return h, h

    return lax.scan(step, h0, xs)


# %% rnn
# caught by: gives the reference's values
# idea: puts out the state before the step
# misconception: the value before the step in place of the one after
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def rnn(params, h0, xs):
    w_h, w_x, b = params

    def step(h, x):
        return jnp.tanh(w_h @ h + w_x @ x + b), h

    return lax.scan(step, h0, xs)


# %% rnn
# caught by: gives the reference's values
# idea: the stack comes first
# misconception: the parts of the result in another order
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def rnn(params, h0, xs):
    w_h, w_x, b = params

    def step(h, x):
        h = jnp.tanh(w_h @ h + w_x @ x + b)
        return h, h

    last, states = lax.scan(step, h0, xs)
    return states, last


# %% rnn
# caught by: gives the reference's values
# idea: only the states are asked for
# misconception: one part of the result in place of all
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def rnn(params, h0, xs):
    w_h, w_x, b = params

    def step(h, x):
        h = jnp.tanh(w_h @ h + w_x @ x + b)
        return h, h

    return lax.scan(step, h0, xs)[1]


# %% rnn
# caught by: gives the reference's values
# idea: the network starts at rest, h0 is ignored
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def rnn(params, h0, xs):
    w_h, w_x, b = params

    def step(h, x):
        h = jnp.tanh(w_h @ h + w_x @ x + b)
        return h, h

    return lax.scan(step, jnp.zeros_like(h0), xs)


# %% rnn
# caught by: gives the reference's values
# idea: the bias is added after tanh
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def rnn(params, h0, xs):
    w_h, w_x, b = params

    def step(h, x):
        h = jnp.tanh(w_h @ h + w_x @ x) + b
        return h, h

    return lax.scan(step, h0, xs)


# %% rnn
# caught by: has a program that does not grow with the length
# idea: a Python loop is as good
# misconception: a Python loop that tracing unrolls
import jax
import jax.numpy as jnp


@jax.jit
def rnn(params, h0, xs):
    w_h, w_x, b = params
    h, states = h0, []
    for x in xs:
        h = jnp.tanh(w_h @ h + w_x @ x + b)
        states.append(h)
    return h, jnp.stack(states)


# %% rnn
# caught by: has gradients in the parameters, h0 and xs
# idea: gradients need not flow through the states
# misconception: a gradient that is stopped on its way
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def rnn(params, h0, xs):
    w_h, w_x, b = params

    def step(h, x):
        h = jnp.tanh(w_h @ lax.stop_gradient(h) + w_x @ x + b)
        return h, h

    return lax.scan(step, h0, xs)


# %% rnn
# caught by: has gradients in the parameters, h0 and xs
# idea: a fori_loop with a traced bound is a scan
# misconception: a gradient through a loop that may turn any number of times
import jax
import jax.numpy as jnp
from jax import lax


@jax.jit
def _run(params, h0, xs, length):
    w_h, w_x, b = params

    def body(t, state):
        h, states = state
        h = jnp.tanh(w_h @ h + w_x @ xs[t] + b)
        return h, states.at[t].set(h)

    return lax.fori_loop(0, length, body, (h0, jnp.zeros((len(xs), len(h0)))))


def rnn(params, h0, xs):
    return _run(params, h0, xs, len(xs))


# %% newton_sqrt
# caught by: works inside jit and vmap
# idea: 0 can be sorted out before JAX traces
# misconception: a division by zero
import jax
import jax.numpy as jnp
from jax import lax


def newton_sqrt(a):
    if not isinstance(a, jax.core.Tracer) and a == 0:
        return jnp.zeros_like(a)

    def step(state):
        i, x = state
        return i + 1, 0.5 * (x + a / x)

    return lax.while_loop(lambda state: state[0] < 300, step, (0, jnp.maximum(a, 1.0)))[1]


# %% ema
# caught by: has a program that does not grow with the length
# idea: what lies twenty steps back no longer counts
import jax.numpy as jnp


def ema(xs, decay):
    weights = (1 - decay) * decay ** jnp.arange(20)
    return jnp.convolve(xs, weights)[: xs.shape[0]] if xs.shape[0] else xs


# %% ema
# caught by: has a program that does not grow with the length
# idea: a sum weighted by powers of decay, which underflow
import jax.numpy as jnp


def ema(xs, decay):
    steps = jnp.arange(xs.shape[0])
    base = jnp.where(decay == 0, 1.0, decay)
    averages = (1 - decay) * base**steps * jnp.cumsum(xs / base**steps)
    return jnp.where(decay == 0, xs, averages)


# %% power
# caught by: serves large n
# idea: eight bits are enough for n
import jax.numpy as jnp
from jax import lax


def power(x, n):
    def turn(state):
        i, result, base, rest = state
        return i + 1, jnp.where(rest & 1, result * base, result), base * base, rest >> 1

    start = (0, jnp.float32(1), jnp.float32(x), jnp.asarray(n))
    return lax.while_loop(lambda state: state[0] < 8, turn, start)[1]


# %% branch_traced
# caught by: gives the values of branch
# idea: y is one number
import jax.numpy as jnp
from jax import lax


def branch_traced(x, y):
    y = jnp.float32(y).reshape(())
    return lax.cond(x < 3, lambda y: 3.0 * y**2, lambda y: -4.0 * y, y)


# %% branch_traced
# caught by: has a gradient in y where y is 0
# idea: the square goes through a root, which has no slope at 0
import jax.numpy as jnp


def branch_traced(x, y):
    return jnp.where(x < 3, 3 * jnp.sqrt(jnp.square(jnp.square(y))), -4 * y)


# %% collatz_steps
# caught by: follows long and high paths
# idea: a fixed number of turns, one too few for the longest path
import jax
import jax.numpy as jnp


def collatz_steps(n):
    def turn(_, state):
        n, steps = state
        following = jnp.where(n % 2 == 0, n // 2, 3 * n + 1)
        return jnp.where(n == 1, n, following), steps + (n != 1)

    return jax.lax.fori_loop(0, 352, turn, (n, jnp.int32(0)))[1]
