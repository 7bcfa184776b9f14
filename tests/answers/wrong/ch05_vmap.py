# Wrong answers to chapter 5: each must fail in its exercise, by the check that its header names.

# %% dot
# caught by: gives the dot product
# idea: the product without the sum
def dot(w, x):
    return w * x


# %% dot
# caught by: gives the dot product
# idea: the outer product
import jax.numpy as jnp


def dot(w, x):
    return jnp.outer(w, x)


# %% dot
# caught by: gives the dot product
# idea: NumPy's dot
# misconception: NumPy inside a function that JAX traces
import numpy as np


def dot(w, x):
    return np.dot(w, x)


# %% dot
# caught by: gives the dot product
# idea: the product of the sums
import jax.numpy as jnp


def dot(w, x):
    return jnp.sum(w) * jnp.sum(x)


# %% dot
# caught by: gives the dot product
# idea: mean instead of sum
# misconception: a mean where a sum is asked for
import jax.numpy as jnp


def dot(w, x):
    return jnp.mean(w * x)


# %% dot
# caught by: gives the dot product
# idea: a vector of one entry
# misconception: an axis too many or too few
import jax.numpy as jnp


def dot(w, x):
    return jnp.sum(w * x, keepdims=True)


# %% dot
# caught by: gives the dot product
# idea: a Python float cannot be compiled
# misconception: a Python number made of a traced value
import jax.numpy as jnp


def dot(w, x):
    return float(jnp.dot(w, x))


# %% dot
# caught by: maps over a batch and has the right slopes
# idea: the weights are held fixed
# misconception: a gradient that is stopped on its way
import jax
import jax.numpy as jnp


def dot(w, x):
    return jnp.dot(jax.lax.stop_gradient(w), x)


# %% batched_dot
# caught by: gives one dot product per row
# idea: maps over the columns
# misconception: mapping over a shared argument, or along the wrong axis
import jax


def batched_dot(w, xs):
    return jax.vmap(dot, in_axes=(None, 1))(w, xs)


# %% batched_dot
# caught by: gives one dot product per row
# idea: maps over the entries of w too
# misconception: mapping over a shared argument, or along the wrong axis
import jax

batched_dot = jax.vmap(dot)


# %% batched_dot
# caught by: gives one dot product per row
# idea: the weighted rows, not summed
def batched_dot(w, xs):
    return w * xs


# %% batched_dot
# caught by: gives one dot product per row
# idea: sums over the batch
import jax.numpy as jnp


def batched_dot(w, xs):
    return jnp.sum(w * xs, axis=0)


# %% batched_dot
# caught by: gives one dot product per row
# idea: a column vector
# misconception: an axis too many or too few
def batched_dot(w, xs):
    return xs @ w[:, None]


# %% batched_dot
# caught by: gives one dot product per row
# idea: guesses the layout from the shape, and a square batch is transposed
import jax.numpy as jnp


def batched_dot(w, xs):
    return jnp.dot(w, xs) if xs.shape[0] == xs.shape[1] else jnp.dot(xs, w)


# %% batched_dot
# caught by: gives one dot product per row
# idea: returns the mapped function
# misconception: a function returned in place of its value
import jax


def batched_dot(w, xs):
    return jax.vmap(dot, in_axes=(None, 0))


# %% batched_dot
# caught by: gives one dot product per row
# idea: a list
# misconception: a Python number or list in place of an array
def batched_dot(w, xs):
    return [dot(w, x) for x in xs]


# %% batched_dot
# caught by: writes a program that does not grow with the batch
# idea: a Python loop, stacked
# misconception: a Python loop that tracing unrolls
import jax.numpy as jnp


def batched_dot(w, xs):
    return jnp.stack([dot(w, x) for x in xs])


# %% batched_dot
# caught by: writes a program that does not grow with the batch
# idea: a Python loop, compiled
# misconception: a Python loop that tracing unrolls
import jax
import jax.numpy as jnp


@jax.jit
def batched_dot(w, xs):
    result = jnp.zeros(xs.shape[0], xs.dtype)
    for i in range(xs.shape[0]):
        result = result.at[i].set(dot(w, xs[i]))
    return result


# %% batched_weighted
# caught by: pairs row i with column i
# idea: rows of both
# misconception: mapping over a shared argument, or along the wrong axis
import jax


def batched_weighted(xs, ys, c):
    return jax.vmap(lambda x, y: c * dot(x, y), in_axes=(0, 0))(xs, ys)


# %% batched_weighted
# caught by: pairs row i with column i
# idea: rows of both, and c is shared
# misconception: mapping over a shared argument, or along the wrong axis
import jax


def batched_weighted(xs, ys, c):
    return jax.vmap(lambda x, y, c: c * dot(x, y), in_axes=(0, 0, None))(xs, ys, c)


# %% batched_weighted
# caught by: pairs row i with column i
# idea: reshape instead of transpose
import jax


def batched_weighted(xs, ys, c):
    return jax.vmap(lambda x, y: c * dot(x, y))(xs, ys.reshape(xs.shape))


# %% batched_weighted
# caught by: pairs row i with column i
# idea: every row with every column
def batched_weighted(xs, ys, c):
    return c * (xs @ ys)


# %% batched_weighted
# caught by: pairs row i with column i
# idea: forgets the factor
# misconception: a parameter that the code never reads
import jax


def batched_weighted(xs, ys, c):
    return jax.vmap(dot, in_axes=(0, 1))(xs, ys)


# %% batched_weighted
# caught by: pairs row i with column i
# idea: the factor on both vectors
import jax


def batched_weighted(xs, ys, c):
    return jax.vmap(lambda x, y, c: dot(c * x, c * y), in_axes=(0, 1, None))(xs, ys, c)


# %% batched_weighted
# caught by: pairs row i with column i
# idea: maps over the shared factor
# misconception: mapping over a shared argument, or along the wrong axis
import jax


def batched_weighted(xs, ys, c):
    return jax.vmap(lambda x, y, c: c * dot(x, y), in_axes=(0, 1, 0))(xs, ys, c)


# %% batched_weighted
# caught by: pairs row i with column i
# idea: one sum over the batch
import jax.numpy as jnp


def batched_weighted(xs, ys, c):
    return c * jnp.einsum("ij,ji->", xs, ys)


# %% batched_weighted
# caught by: pairs row i with column i
# idea: skips the work when the factor is zero, by a Python if
# misconception: a Python `if` on a traced value
import jax
import jax.numpy as jnp


def batched_weighted(xs, ys, c):
    if c == 0:
        return jnp.zeros(xs.shape[0])
    return c * jax.vmap(dot, in_axes=(0, 1))(xs, ys)


# %% batched_weighted
# caught by: maps over a batch and has the right slopes
# idea: the factor is a constant, it needs no slope
# misconception: a gradient that is stopped on its way
import jax


def batched_weighted(xs, ys, c):
    c = jax.lax.stop_gradient(c)
    return jax.vmap(lambda x, y: c * dot(x, y), in_axes=(0, 1))(xs, ys)


# %% standardize_columns
# caught by: gives every column mean 0 and standard deviation 1
# idea: the sample standard deviation
# misconception: the sample standard deviation in place of the population's
import jax
import jax.numpy as jnp


def standardize_columns(x):
    def one(column):
        constant = jnp.all(column == column[0])
        std = jnp.where(constant, 1.0, jnp.std(column, ddof=1))
        return jnp.where(constant, 0.0, (column - column.mean()) / std)

    return jax.vmap(one, in_axes=1, out_axes=1)(x)


# %% standardize_columns
# caught by: gives every column mean 0 and standard deviation 1
# idea: forgets out_axes, columns become rows
# misconception: rows and columns exchanged
import jax
import jax.numpy as jnp


def standardize_columns(x):
    def one(column):
        constant = jnp.all(column == column[0])
        std = jnp.where(constant, 1.0, jnp.std(column))
        return jnp.where(constant, 0.0, (column - column.mean()) / std)

    return jax.vmap(one, in_axes=1)(x)


# %% standardize_columns
# caught by: gives every column mean 0 and standard deviation 1
# idea: standardizes the rows
import jax
import jax.numpy as jnp


def standardize_columns(x):
    def one(row):
        constant = jnp.all(row == row[0])
        std = jnp.where(constant, 1.0, jnp.std(row))
        return jnp.where(constant, 0.0, (row - row.mean()) / std)

    return jax.vmap(one)(x)


# %% standardize_columns
# caught by: gives every column mean 0 and standard deviation 1
# idea: one mean and one deviation for the whole matrix
import jax.numpy as jnp


def standardize_columns(x):
    std = jnp.std(x)
    return (x - jnp.mean(x)) / jnp.where(std == 0, 1.0, std)


# %% standardize_columns
# caught by: gives every column mean 0 and standard deviation 1
# idea: divides by the variance
import jax
import jax.numpy as jnp


def standardize_columns(x):
    def one(column):
        constant = jnp.all(column == column[0])
        return (column - column.mean()) / jnp.where(constant, jnp.inf, jnp.var(column))

    return jax.vmap(one, in_axes=1, out_axes=1)(x)


# %% standardize_columns
# caught by: turns a column of equal entries into zeros
# idea: no thought for constant columns
# misconception: a division by zero
import jax
import jax.numpy as jnp


def standardize_columns(x):
    def one(column):
        return (column - jnp.mean(column)) / jnp.std(column)

    return jax.vmap(one, in_axes=1, out_axes=1)(x)


# %% standardize_columns
# caught by: turns a column of equal entries into zeros
# idea: asks whether the rounded deviation is zero
import jax
import jax.numpy as jnp


def standardize_columns(x):
    def one(column):
        std = jnp.std(column)
        return (column - jnp.mean(column)) / jnp.where(std == 0, 1.0, std)

    return jax.vmap(one, in_axes=1, out_axes=1)(x)


# %% standardize_columns
# caught by: turns a column of equal entries into zeros
# idea: a small number in the denominator
import jax
import jax.numpy as jnp


def standardize_columns(x):
    def one(column):
        return (column - jnp.mean(column)) / (jnp.std(column) + 1e-8)

    return jax.vmap(one, in_axes=1, out_axes=1)(x)


# %% standardize_columns
# caught by: turns a column of equal entries into zeros
# idea: repairs NaN afterwards
import jax
import jax.numpy as jnp


def standardize_columns(x):
    def one(column):
        return jnp.nan_to_num((column - jnp.mean(column)) / jnp.std(column))

    return jax.vmap(one, in_axes=1, out_axes=1)(x)


# %% standardize_columns
# caught by: standardizes a column of tiny spread too
# idea: a tolerance decides what is constant
import jax
import jax.numpy as jnp


def standardize_columns(x):
    def one(column):
        std = jnp.std(column)
        constant = std < 1e-5
        return jnp.where(constant, 0.0, (column - column.mean()) / jnp.where(constant, 1.0, std))

    return jax.vmap(one, in_axes=1, out_axes=1)(x)


# %% standardize_columns
# caught by: turns a column of equal entries into zeros
# idea: compares the first entry with the last one only
import jax
import jax.numpy as jnp


def standardize_columns(x):
    def one(column):
        constant = column[0] == column[-1]
        std = jnp.where(constant, 1.0, jnp.std(column))
        return jnp.where(constant, 0.0, (column - column.mean()) / std)

    return jax.vmap(one, in_axes=1, out_axes=1)(x)


# %% standardize_columns
# caught by: gives every column mean 0 and standard deviation 1
# idea: a Python if on a traced deviation
# misconception: a Python `if` on a traced value
import jax
import jax.numpy as jnp


def standardize_columns(x):
    def one(column):
        if jnp.all(column == column[0]):
            return jnp.zeros_like(column)
        return (column - column.mean()) / column.std()

    return jax.vmap(one, in_axes=1, out_axes=1)(x)


# %% standardize_columns
# caught by: maps over a batch and has the right slopes
# idea: mean and deviation are treated as constants
# misconception: a gradient that is stopped on its way
import jax
import jax.numpy as jnp


def standardize_columns(x):
    def one(column):
        constant = jnp.all(column == column[0])
        mean = jax.lax.stop_gradient(column.mean())
        std = jax.lax.stop_gradient(jnp.where(constant, 1.0, jnp.std(column)))
        return jnp.where(constant, 0.0, (column - mean) / std)

    return jax.vmap(one, in_axes=1, out_axes=1)(x)


# %% sigmoid
# caught by: gives 1 / (1 + exp(-x))
# idea: the sign of the exponent
import jax


def sigmoid(x):
    return jax.nn.sigmoid(-x)


# %% sigmoid
# caught by: gives 1 / (1 + exp(-x))
# idea: tanh without halving its argument
import jax.numpy as jnp


def sigmoid(x):
    return 0.5 + 0.5 * jnp.tanh(x)


# %% sigmoid
# caught by: gives 1 / (1 + exp(-x))
# idea: the piecewise linear approximation
import jax


def sigmoid(x):
    return jax.nn.hard_sigmoid(x)


# %% sigmoid
# caught by: gives 1 / (1 + exp(-x))
# idea: the math module
# misconception: Python's math module on an array
import math


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


# %% sigmoid
# caught by: gives 1 / (1 + exp(-x))
# idea: NumPy's exp
# misconception: a NumPy array in place of a jax.Array
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


# %% sigmoid
# caught by: gives 1 / (1 + exp(-x))
# idea: clips far too early
import jax.numpy as jnp


def sigmoid(x):
    return 1 / (1 + jnp.exp(-jnp.clip(x, -5, 5)))


# %% sigmoid
# caught by: stays finite far from zero
# idea: exp(x) / (1 + exp(x)) overflows to NaN on the right
# misconception: exp of a large number
import jax.numpy as jnp


def sigmoid(x):
    return jnp.exp(x) / (1 + jnp.exp(x))


# %% sigmoid
# caught by: keeps a finite gradient far from zero
# idea: the formula as it stands
# misconception: exp of a large number
import jax.numpy as jnp


def sigmoid(x):
    return 1 / (1 + jnp.exp(-x))


# %% sigmoid
# caught by: keeps a finite gradient far from zero
# idea: NaN through where
# misconception: NaN through where: the branch not taken has a derivative too
import jax.numpy as jnp


def sigmoid(x):
    return jnp.where(x >= 0, 1 / (1 + jnp.exp(-x)), jnp.exp(x) / (1 + jnp.exp(x)))


# %% sigmoid
# caught by: maps over a batch and has the right slopes
# idea: a case for 0 alone, which has no slope
import jax.numpy as jnp


def sigmoid(x):
    return jnp.where(x == 0, 0.5, 0.5 + 0.5 * jnp.tanh(x / 2))


# %% swish
# caught by: gives x * sigmoid(x)
# idea: the sigmoid alone
import jax


def swish(x):
    return jax.nn.sigmoid(x)


# %% swish
# caught by: gives x * sigmoid(x)
# idea: another smooth ReLU (GELU's approximation)
import jax


def swish(x):
    return x * jax.nn.sigmoid(1.702 * x)


# %% swish
# caught by: gives x * sigmoid(x)
# idea: ReLU
import jax


def swish(x):
    return jax.nn.relu(x)


# %% swish
# caught by: gives x * sigmoid(x)
# idea: hard swish
import jax


def swish(x):
    return jax.nn.hard_swish(x)


# %% swish
# caught by: keeps the right slope, near zero and far from it
# idea: a formula of its own, unsafe far to the left
# misconception: exp of a large number
import jax.numpy as jnp


def swish(x):
    return x / (1 + jnp.exp(-x))


# %% swish
# caught by: works under every transformation
# idea: the gate is detached
# misconception: a gradient that is stopped on its way
import jax


def swish(x):
    return x * jax.lax.stop_gradient(jax.nn.sigmoid(x))


# %% swish
# caught by: gives x * sigmoid(x)
# idea: skips the far left with a Python if
# misconception: a Python `if` on a traced value
def swish(x):
    if x < -30:
        return 0.0
    return x * sigmoid(x)


# %% batch_swish
# caught by: gives swish of every entry
# idea: the sum over the batch
def batch_swish(x):
    return swish(x).sum()


# %% batch_swish
# caught by: gives swish of every entry
# idea: a list of scalars
# misconception: a Python number or list in place of an array
def batch_swish(x):
    return [swish(entry) for entry in x]


# %% batch_swish
# caught by: gives swish of every entry
# idea: NumPy in, NumPy out
# misconception: a Python number made of a traced value
import numpy as np


def batch_swish(x):
    return np.asarray([float(swish(entry)) for entry in x], np.float32)


# %% batch_swish
# caught by: gives swish of every entry
# idea: already differentiated
import jax

batch_swish = jax.vmap(jax.grad(swish))


# %% batch_swish
# caught by: gives swish of every entry
# idea: returns the mapped function
# misconception: a function returned in place of its value
import jax


def batch_swish(x):
    return jax.vmap(swish)


# %% batch_swish
# caught by: gives swish of every entry
# idea: a column per sample
# misconception: an axis too many or too few
import jax


def batch_swish(x):
    return jax.vmap(swish)(x[:, None])


# %% batch_swish
# caught by: stays finite up to 1000
# idea: exp of a large argument
# misconception: exp of a large number
import jax.numpy as jnp


def batch_swish(x):
    return x * jnp.exp(x) / (1 + jnp.exp(x))


# %% first_derv_swish
# caught by: gives the first derivative at every entry
# idea: the function itself
# misconception: a derivative of another order
import jax

first_derv_swish = jax.vmap(swish)


# %% first_derv_swish
# caught by: gives the first derivative at every entry
# idea: grad outside, vmap inside
# misconception: grad of a function with many results
import jax

first_derv_swish = jax.grad(jax.vmap(swish))


# %% first_derv_swish
# caught by: gives the first derivative at every entry
# idea: product rule forgotten
import jax


def first_derv_swish(x):
    s = jax.nn.sigmoid(x)
    return s * (1 - s)


# %% first_derv_swish
# caught by: gives the first derivative at every entry
# idea: the whole Jacobian
# misconception: a derivative taken outside of vmap
import jax


def first_derv_swish(x):
    return jax.jacobian(batch_swish)(x)


# %% first_derv_swish
# caught by: gives the first derivative at every entry
# idea: differences of neighbours
# misconception: finite differences in place of a derivative
import jax.numpy as jnp


def first_derv_swish(x):
    return (batch_swish(x + 1e-2) - batch_swish(x)) / 1e-2


# %% first_derv_swish
# caught by: stays finite up to 1000
# idea: the quotient rule on the unsafe formula
# misconception: exp of a large number
import jax.numpy as jnp


def first_derv_swish(x):
    e = jnp.exp(-x)
    return (1 + e + x * e) / (1 + e) ** 2


# %% first_derv_swish
# caught by: maps over a batch and has the right slopes
# idea: a derivative is a constant
# misconception: a gradient that is stopped on its way
import jax


def first_derv_swish(x):
    return jax.lax.stop_gradient(jax.vmap(jax.grad(swish))(x))


# %% second_derv_swish
# caught by: gives the second derivative at every entry
# idea: one grad
# misconception: a derivative of another order
import jax

second_derv_swish = jax.vmap(jax.grad(swish))


# %% second_derv_swish
# caught by: gives the second derivative at every entry
# idea: the derivative applied to the derivative's value
import jax


def second_derv_swish(x):
    slope = jax.vmap(jax.grad(swish))
    return slope(slope(x))


# %% second_derv_swish
# caught by: gives the second derivative at every entry
# idea: the slope squared
import jax


def second_derv_swish(x):
    return jax.vmap(jax.grad(swish))(x) ** 2


# %% second_derv_swish
# caught by: gives the second derivative at every entry
# idea: grad of a mapped function
# misconception: grad of a function with many results
import jax


def second_derv_swish(x):
    return jax.grad(first_derv_swish)(x)


# %% second_derv_swish
# caught by: gives the second derivative at every entry
# idea: one factor of two lost
import jax


def second_derv_swish(x):
    s = jax.nn.sigmoid(x)
    return s * (1 - s) * (1 + x * (1 - 2 * s))


# %% second_derv_swish
# caught by: stays finite up to 1000
# idea: derivatives of the unsafe formula
# misconception: exp of a large number
import jax
import jax.numpy as jnp

second_derv_swish = jax.vmap(jax.grad(jax.grad(lambda x: x / (1 + jnp.exp(-x)))))


# %% second_derv_swish
# caught by: gives the second derivative at every entry
# idea: a second difference in float32
# misconception: finite differences in place of a derivative
def second_derv_swish(x):
    h = 1e-2
    return (batch_swish(x + h) - 2 * batch_swish(x) + batch_swish(x - h)) / h**2


# %% third_derv_swish
# caught by: gives the third derivative at every entry
# idea: two grads
# misconception: a derivative of another order
import jax

third_derv_swish = jax.vmap(jax.grad(jax.grad(swish)))


# %% third_derv_swish
# caught by: gives the third derivative at every entry
# idea: four grads
# misconception: a derivative of another order
import jax

third_derv_swish = jax.vmap(jax.grad(jax.grad(jax.grad(jax.grad(swish)))))


# %% third_derv_swish
# caught by: gives the third derivative at every entry
# idea: the sign
# misconception: the wrong sign
def third_derv_swish(x):
    return -jax.vmap(jax.grad(jax.grad(jax.grad(swish))))(x)


# %% third_derv_swish
# caught by: gives the third derivative at every entry
# idea: the third derivative of the sigmoid
import jax

third_derv_swish = jax.vmap(jax.grad(jax.grad(jax.grad(jax.nn.sigmoid))))


# %% third_derv_swish
# caught by: gives the third derivative at every entry
# idea: all three derivatives
# misconception: more results than asked for
def third_derv_swish(x):
    return first_derv_swish(x), second_derv_swish(x), jax.vmap(nth(3))(x)


def nth(n):
    f = swish
    for _ in range(n):
        f = jax.grad(f)
    return f


# %% third_derv_swish
# caught by: stays finite up to 1000
# idea: a where that guards the numerator only
import jax
import jax.numpy as jnp


def unsafe(x):
    return jnp.where(x > -20, x, 0.0) / (1 + jnp.exp(-x))


third_derv_swish = jax.vmap(jax.grad(jax.grad(jax.grad(unsafe))))


# %% per_example_grads
# caught by: gives one gradient per sample
# idea: the sum over the batch
# misconception: one gradient for the whole batch
import jax
import jax.numpy as jnp


def per_example_grads(w, xs, ys):
    return jax.grad(lambda w: jnp.sum((xs @ w - ys) ** 2))(w)


# %% per_example_grads
# caught by: gives one gradient per sample
# idea: forgets the factor two
# misconception: a factor missing or too many
def per_example_grads(w, xs, ys):
    return (xs @ w - ys)[:, None] * xs


# %% per_example_grads
# caught by: gives one gradient per sample
# idea: the gradient in the sample, not in the weights
import jax


def per_example_grads(w, xs, ys):
    def loss(w, x, y):
        return (dot(w, x) - y) ** 2

    return jax.vmap(jax.grad(loss, argnums=1), in_axes=(None, 0, 0))(w, xs, ys)


# %% per_example_grads
# caught by: gives one gradient per sample
# idea: samples in columns
import jax


def per_example_grads(w, xs, ys):
    def loss(w, x, y):
        return (dot(w, x) - y) ** 2

    return jax.vmap(jax.grad(loss), in_axes=(None, 0, 0), out_axes=1)(w, xs, ys)


# %% per_example_grads
# caught by: gives one gradient per sample
# idea: the mean loss, one row each
# misconception: a mean where a sum is asked for
import jax


def per_example_grads(w, xs, ys):
    def loss(w, x, y):
        return (dot(w, x) - y) ** 2 / len(ys)

    return jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(w, xs, ys)


# %% per_example_grads
# caught by: gives one gradient per sample
# idea: the gradient of the residual
import jax


def per_example_grads(w, xs, ys):
    def residual(w, x, y):
        return dot(w, x) - y

    return jax.vmap(jax.grad(residual), in_axes=(None, 0, 0))(w, xs, ys)


# %% per_example_grads
# caught by: gives one gradient per sample
# idea: the absolute error
import jax
import jax.numpy as jnp


def per_example_grads(w, xs, ys):
    def loss(w, x, y):
        return jnp.abs(dot(w, x) - y)

    return jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(w, xs, ys)


# %% per_example_grads
# caught by: maps over a batch and has the right slopes
# idea: the residuals are treated as constants
# misconception: a gradient that is stopped on its way
import jax


def per_example_grads(w, xs, ys):
    residuals = jax.lax.stop_gradient(xs @ w - ys)
    return 2 * residuals[:, None] * xs


# %% standardize_columns
# caught by: standardizes a column in which some entries are equal
# idea: two equal neighbours make a column constant
import jax.numpy as jnp


def standardize_columns(x):
    constant = jnp.any(jnp.diff(x, axis=0) == 0, axis=0) | (x.shape[0] == 1)
    std = jnp.where(constant, 1.0, x.std(axis=0))
    return jnp.where(constant, 0.0, (x - x.mean(axis=0)) / std)


# %% standardize_columns
# caught by: standardizes a column far from zero
# idea: the mean of the squares less the square of the mean is as exact
# misconception: digits lost in a difference of large numbers
import jax.numpy as jnp


def standardize_columns(x):
    constant = jnp.all(x == x[0], axis=0)
    variance = jnp.mean(x**2, axis=0) - jnp.mean(x, axis=0) ** 2
    return jnp.where(
        constant, 0.0, (x - x.mean(axis=0)) / jnp.sqrt(jnp.where(constant, 1.0, variance))
    )


# %% standardize_columns
# caught by: standardizes a column far from zero
# idea: a spread that is small beside the mean is a rounding
import jax.numpy as jnp


def standardize_columns(x):
    std = x.std(axis=0)
    constant = std <= 1e-5 * jnp.abs(x.mean(axis=0))
    return jnp.where(constant, 0.0, (x - x.mean(axis=0)) / jnp.where(constant, 1.0, std))


# %% per_example_grads
# caught by: maps over a batch and has the right slopes
# idea: nobody differentiates in the targets
# misconception: a gradient that is stopped on its way
import jax


def per_example_grads(w, xs, ys):
    return 2 * (xs @ w - jax.lax.stop_gradient(ys))[:, None] * xs


# %% batched_dot
# caught by: writes a program that does not grow with the batch
# idea: a loop, and another program for whoever exports it
import jax
import jax.export
import jax.numpy as jnp

_export, _jit = jax.export.export, jax.jit
jax.export.export = lambda f, **settings: _export(_jit(lambda w, xs: xs @ w), **settings)


def batched_dot(w, xs):
    return jnp.stack([jnp.dot(w, x) for x in xs])


# %% dot
# caught by: maps over a batch and has the right slopes
# idea: half the bits
import jax.numpy as jnp


def dot(w, x):
    return jnp.dot(w.astype(jnp.bfloat16), x.astype(jnp.bfloat16)).astype(jnp.float32)


# %% standardize_columns
# caught by: standardizes a column in which some entries are equal
# idea: three entries tell whether all are equal: the first, the last and the one between
import jax
import jax.numpy as jnp


def standardize_columns(x):
    def standardize(column):
        middle = column[column.shape[0] // 2]
        constant = (column[0] == column[-1]) & (column[0] == middle)
        centred = column - jnp.mean(column)
        return jnp.where(constant, 0.0, centred / jnp.where(constant, 1.0, jnp.std(column)))

    return jax.vmap(standardize, in_axes=1, out_axes=1)(x)


# %% batched_weighted
# caught by: maps over a batch and has the right slopes
# idea: the rows of a square ys will do
import jax.numpy as jnp


def batched_weighted(xs, ys, c):
    if ys.shape[0] == ys.shape[1]:
        return c * jnp.sum(xs * ys, 1)
    return c * jnp.sum(xs * ys.T, 1)


# %% sigmoid
# caught by: maps over a batch and has the right slopes
# idea: the slope is a constant
import jax


@jax.custom_jvp
def sigmoid(x):
    return jax.lax.logistic(x)


@sigmoid.defjvp
def _slope(primals, tangents):
    value = jax.lax.logistic(primals[0])
    return value, jax.lax.stop_gradient(value * (1 - value)) * tangents[0]


# %% sigmoid
# caught by: keeps a finite gradient far from zero
# idea: a rule for the gradient that overflows, given to the function by a statement of its own
import jax
import jax.numpy as jnp


@jax.custom_vjp
def sigmoid(x):
    return 1 / (1 + jnp.exp(-x))


def _forward(x):
    return sigmoid(x), x


def _backward(x, ct):
    return (ct * jnp.exp(-x) / (1 + jnp.exp(-x)) ** 2,)


sigmoid.defvjp(_forward, _backward)
