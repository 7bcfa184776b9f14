# Right answers to chapter 5 in styles unlike the reference: every one must pass.

# %% dot
# style: a product and a sum
def dot(w, x):
    return (w * x).sum()


# %% dot
# style: einsum
import jax.numpy as jnp


def dot(w, x):
    return jnp.einsum("i,i->", w, x)


# %% dot
# style: a Python loop over one sample
def dot(w, x):
    total = 0.0
    for i in range(len(w)):
        total = total + w[i] * x[i]
    return total


# %% dot
# style: the function of the library itself
import jax.numpy as jnp

dot = jnp.vdot


# %% batched_dot
# style: a matrix product
def batched_dot(w, xs):
    return xs @ w


# %% batched_dot
# style: an assignment, compiled
import jax

batched_dot = jax.jit(jax.vmap(dot, in_axes=(None, 0)))


# %% batched_dot
# style: lax.map over the rows
import jax


def batched_dot(w, xs):
    return jax.lax.map(lambda x: dot(w, x), xs)


# %% batched_dot
# style: fori_loop that fills the result
import jax
import jax.numpy as jnp


def batched_dot(w, xs):
    def fill(i, result):
        return result.at[i].set(jnp.sum(w * xs[i]))

    return jax.lax.fori_loop(0, xs.shape[0], fill, jnp.zeros(xs.shape[0], xs.dtype))


# %% batched_dot
# style: jnp.vectorize with a signature
import jax.numpy as jnp


def batched_dot(w, xs):
    return jnp.vectorize(dot, signature="(d),(d)->()")(w, xs)


# %% batched_weighted
# style: einsum
import jax.numpy as jnp


def batched_weighted(xs, ys, c):
    return c * jnp.einsum("ij,ji->i", xs, ys)


# %% batched_weighted
# style: the diagonal of the whole product
import jax.numpy as jnp


def batched_weighted(xs, ys, c):
    return c * jnp.diag(xs @ ys)


# %% batched_weighted
# style: dot mapped, the factor outside, keywords in vmap's options only
import jax


def batched_weighted(xs, ys, c):
    return jax.vmap(dot, in_axes=(0, -1), out_axes=-1)(xs, ys) * c


# %% batched_weighted
# style: transposed by hand, scan over the rows
import jax


def batched_weighted(xs, ys, c):
    def step(_, pair):
        x, y = pair
        return None, c * x @ y

    return jax.lax.scan(step, None, (xs, ys.T))[1]


# %% standardize_columns
# style: whole matrix, no vmap; constancy by comparing with the first row
import jax.numpy as jnp


def standardize_columns(x):
    constant = jnp.all(x == x[:1], axis=0)
    safe_std = jnp.where(constant, 1.0, jnp.std(x, axis=0))
    return jnp.where(constant, 0.0, (x - x.mean(axis=0)) / safe_std)


# %% standardize_columns
# style: constancy by max == min, vmap over transposed columns
import jax
import jax.numpy as jnp


def standardize_columns(x):
    def one(column):
        spread = jnp.where(column.max() == column.min(), jnp.inf, column.std())
        return (column - column.mean()) / spread

    return jax.vmap(one)(x.T).T


# %% standardize_columns
# style: shift by the last entry, then the textbook formula
import jax
import jax.numpy as jnp


@jax.jit
def standardize_columns(x):
    def one(column):
        shifted = column - column[-1]
        std = jnp.std(shifted)
        return jnp.where(std > 0, (shifted - shifted.mean()) / jnp.where(std > 0, std, 1), 0.0)

    return jax.vmap(one, in_axes=1, out_axes=1)(x)


# %% standardize_columns
# style: lax.cond on one column
import jax
import jax.numpy as jnp


def standardize_columns(x):
    def one(column):
        return jax.lax.cond(
            jnp.ptp(column) == 0,
            jnp.zeros_like,
            lambda c: (c - jnp.mean(c)) / jnp.sqrt(jnp.var(c, ddof=0)),
            column,
        )

    return jax.vmap(one, in_axes=-1, out_axes=-1)(x)


# %% sigmoid
# style: a shifted and scaled tanh
import jax.numpy as jnp


def sigmoid(x):
    return 0.5 + 0.5 * jnp.tanh(0.5 * x)


# %% sigmoid
# style: through the logarithm
import jax
import jax.numpy as jnp


def sigmoid(x):
    return jnp.exp(-jax.nn.softplus(-x))


# %% sigmoid
# style: two stable halves, each with a safe argument
import jax.numpy as jnp


def sigmoid(x):
    small_right = jnp.exp(-jnp.where(x >= 0, x, 0.0))
    small_left = jnp.exp(jnp.where(x >= 0, 0.0, x))
    return jnp.where(x >= 0, 1 / (1 + small_right), small_left / (1 + small_left))


# %% sigmoid
# style: naive formula with its derivative told to JAX
import jax
import jax.numpy as jnp


@jax.custom_jvp
def sigmoid(x):
    return 1 / (1 + jnp.exp(-x))


@sigmoid.defjvp
def _sigmoid_jvp(primals, tangents):
    s = sigmoid(primals[0])
    return s, s * (1 - s) * tangents[0]


# %% sigmoid
# style: softmax of two logits
import jax
import jax.numpy as jnp


def sigmoid(x):
    return jax.nn.softmax(jnp.stack([x, jnp.zeros_like(x)]), axis=0)[0]


# %% sigmoid
# style: the naive formula on a clipped argument
import jax.numpy as jnp


def sigmoid(x):
    return 1.0 / (1.0 + jnp.exp(-jnp.clip(x, -40.0, 40.0)))


# %% sigmoid
# style: exp of minus abs, in two halves (the slope of abs at 0 is 1 in JAX)
import jax.numpy as jnp


def sigmoid(x):
    e = jnp.exp(-jnp.abs(x))
    return jnp.where(x >= 0, 1, e) / (1 + e)


# %% sigmoid
# style: cond on one number (mapped, it stops the gradient of the branch that is not taken)
import jax
import jax.numpy as jnp


def sigmoid(x):
    return jax.lax.cond(
        x >= 0, lambda x: 1 / (1 + jnp.exp(-x)), lambda x: jnp.exp(x) / (1 + jnp.exp(x)), x
    )


# %% swish
# style: the library's own
import jax

swish = jax.nn.silu


# %% swish
# style: with tanh, not calling sigmoid
import jax.numpy as jnp


def swish(x):
    half = x / 2
    return half + half * jnp.tanh(half)


# %% batch_swish
# style: elementwise without vmap
import jax


def batch_swish(x):
    return x * jax.nn.sigmoid(x)


# %% batch_swish
# style: lax.map, compiled
import jax


@jax.jit
def batch_swish(x):
    return jax.lax.map(swish, x)


# %% batch_swish
# style: a Python loop, stacked
import jax.numpy as jnp


def batch_swish(x):
    return jnp.stack([swish(entry) for entry in x])


# %% first_derv_swish
# style: the closed form
import jax


def first_derv_swish(x):
    s = jax.nn.sigmoid(x)
    return s + x * s * (1 - s)


# %% first_derv_swish
# style: the gradient of a sum of independent terms
import jax
import jax.numpy as jnp


def first_derv_swish(x):
    return jax.grad(lambda v: jnp.sum(batch_swish(v)))(x)


# %% first_derv_swish
# style: forward mode along ones
import jax
import jax.numpy as jnp


def first_derv_swish(x):
    return jax.jvp(batch_swish, (x,), (jnp.ones_like(x),))[1]


# %% first_derv_swish
# style: the diagonal of the Jacobian
import jax
import jax.numpy as jnp


def first_derv_swish(x):
    return jnp.diagonal(jax.jacobian(batch_swish)(x))


# %% second_derv_swish
# style: the closed form
import jax


def second_derv_swish(x):
    s = jax.nn.sigmoid(x)
    return s * (1 - s) * (2 + x * (1 - 2 * s))


# %% second_derv_swish
# style: mapped hessian
import jax

second_derv_swish = jax.vmap(jax.hessian(swish))


# %% second_derv_swish
# style: jvp of the first derivative
import jax
import jax.numpy as jnp


def second_derv_swish(x):
    return jax.jvp(first_derv_swish, (x,), (jnp.ones_like(x),))[1]


# %% second_derv_swish
# style: Taylor mode by nested forward derivatives
import jax

second_derv_swish = jax.jit(jax.vmap(jax.jacfwd(jax.jacfwd(swish))))


# %% third_derv_swish
# style: the closed form
import jax


def third_derv_swish(x):
    s = jax.nn.sigmoid(x)
    d1 = s * (1 - s)
    d2 = d1 * (1 - 2 * s)
    d3 = d2 * (1 - 2 * s) - 2 * d1 * d1
    return 3 * d2 + x * d3


# %% third_derv_swish
# style: a loop that nests grad
import jax


def nth_derivative(f, n):
    for _ in range(n):
        f = jax.grad(f)
    return f


third_derv_swish = jax.vmap(nth_derivative(swish, 3))


# %% third_derv_swish
# style: gradient of the sum of the second derivatives
import jax


def third_derv_swish(x):
    return jax.grad(lambda v: second_derv_swish(v).sum())(x)


# %% third_derv_swish
# style: mixed modes, lax.map
import jax


def third_derv_swish(x):
    return jax.lax.map(jax.jacfwd(jax.grad(jax.jacfwd(swish))), x)


# %% per_example_grads
# style: the closed form
def per_example_grads(w, xs, ys):
    return 2 * (xs @ w - ys)[:, None] * xs


# %% per_example_grads
# style: the Jacobian of the vector of losses
import jax


def per_example_grads(w, xs, ys):
    return jax.jacrev(lambda w: (xs @ w - ys) ** 2)(w)


# %% per_example_grads
# style: pairs of samples as one mapped argument
import jax


def per_example_grads(w, xs, ys):
    def loss(w, sample):
        x, y = sample
        return (dot(w, x) - y) ** 2

    return jax.vmap(jax.grad(loss), in_axes=(None, 0))(w, (xs, ys))


# %% per_example_grads
# style: a Python loop over the samples
import jax
import jax.numpy as jnp


def per_example_grads(w, xs, ys):
    slope = jax.grad(lambda w, x, y: (dot(w, x) - y) ** 2)
    return jnp.stack([slope(w, xs[i], ys[i]) for i in range(ys.shape[0])])


# %% third_derv_swish
# style: jnp.vectorize; the sigmoid is a softmax over two numbers
import jax
import jax.numpy as jnp


def _swish(x):
    return x * jax.nn.softmax(jnp.stack([x, jnp.zeros_like(x)]))[0]


third_derv_swish = jnp.vectorize(jax.grad(jax.grad(jax.grad(_swish))))
