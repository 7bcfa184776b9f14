# Wrong answers to chapter 5: each must fail in its exercise, by the check that its header names.

# %% dot
# caught by: gives the dot product
# misconception: the product without the sum
def dot(w, x):
    return w * x


# %% dot
# caught by: gives the dot product
# misconception: the outer product
import jax.numpy as jnp


def dot(w, x):
    return jnp.outer(w, x)


# %% dot
# caught by: gives the dot product
# misconception: NumPy's dot
import numpy as np


def dot(w, x):
    return np.dot(w, x)


# %% dot
# caught by: gives the dot product
# misconception: the product of the sums
import jax.numpy as jnp


def dot(w, x):
    return jnp.sum(w) * jnp.sum(x)


# %% dot
# caught by: gives the dot product
# misconception: mean instead of sum
import jax.numpy as jnp


def dot(w, x):
    return jnp.mean(w * x)


# %% dot
# caught by: gives the dot product
# misconception: a vector of one entry
import jax.numpy as jnp


def dot(w, x):
    return jnp.sum(w * x, keepdims=True)


# %% dot
# caught by: gives the dot product
# misconception: a Python float cannot be compiled
import jax.numpy as jnp


def dot(w, x):
    return float(jnp.dot(w, x))


# %% dot
# caught by: maps over a batch and has the right slopes
# misconception: the weights are held fixed
import jax
import jax.numpy as jnp


def dot(w, x):
    return jnp.dot(jax.lax.stop_gradient(w), x)


# %% batched_dot
# caught by: gives one dot product per row
# misconception: maps over the columns
import jax


def batched_dot(w, xs):
    return jax.vmap(dot, in_axes=(None, 1))(w, xs)


# %% batched_dot
# caught by: gives one dot product per row
# misconception: maps over the entries of w too
import jax

batched_dot = jax.vmap(dot)


# %% batched_dot
# caught by: gives one dot product per row
# misconception: the weighted rows, not summed
def batched_dot(w, xs):
    return w * xs


# %% batched_dot
# caught by: gives one dot product per row
# misconception: sums over the batch
import jax.numpy as jnp


def batched_dot(w, xs):
    return jnp.sum(w * xs, axis=0)


# %% batched_dot
# caught by: gives one dot product per row
# misconception: a column vector
def batched_dot(w, xs):
    return xs @ w[:, None]


# %% batched_dot
# caught by: gives one dot product per row
# misconception: guesses the layout from the shape, and a square batch is transposed
import jax.numpy as jnp


def batched_dot(w, xs):
    return jnp.dot(w, xs) if xs.shape[0] == xs.shape[1] else jnp.dot(xs, w)


# %% batched_dot
# caught by: gives one dot product per row
# misconception: returns the mapped function
import jax


def batched_dot(w, xs):
    return jax.vmap(dot, in_axes=(None, 0))


# %% batched_dot
# caught by: gives one dot product per row
# misconception: a list
def batched_dot(w, xs):
    return [dot(w, x) for x in xs]


# %% batched_dot
# caught by: writes a program that does not grow with the batch
# misconception: a Python loop, stacked
import jax.numpy as jnp


def batched_dot(w, xs):
    return jnp.stack([dot(w, x) for x in xs])


# %% batched_dot
# caught by: writes a program that does not grow with the batch
# misconception: a Python loop, compiled
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
# misconception: rows of both
import jax


def batched_weighted(xs, ys, c):
    return jax.vmap(lambda x, y: c * dot(x, y), in_axes=(0, 0))(xs, ys)


# %% batched_weighted
# caught by: pairs row i with column i
# misconception: reshape instead of transpose
import jax


def batched_weighted(xs, ys, c):
    return jax.vmap(lambda x, y: c * dot(x, y))(xs, ys.reshape(xs.shape))


# %% batched_weighted
# caught by: pairs row i with column i
# misconception: every row with every column
def batched_weighted(xs, ys, c):
    return c * (xs @ ys)


# %% batched_weighted
# caught by: pairs row i with column i
# misconception: forgets the factor
import jax


def batched_weighted(xs, ys, c):
    return jax.vmap(dot, in_axes=(0, 1))(xs, ys)


# %% batched_weighted
# caught by: pairs row i with column i
# misconception: the factor on both vectors
import jax


def batched_weighted(xs, ys, c):
    return jax.vmap(lambda x, y, c: dot(c * x, c * y), in_axes=(0, 1, None))(xs, ys, c)


# %% batched_weighted
# caught by: pairs row i with column i
# misconception: maps over the shared factor
import jax


def batched_weighted(xs, ys, c):
    return jax.vmap(lambda x, y, c: c * dot(x, y), in_axes=(0, 1, 0))(xs, ys, c)


# %% batched_weighted
# caught by: pairs row i with column i
# misconception: one sum over the batch
import jax.numpy as jnp


def batched_weighted(xs, ys, c):
    return c * jnp.einsum("ij,ji->", xs, ys)


# %% batched_weighted
# caught by: pairs row i with column i
# misconception: skips the work when the factor is zero, by a Python if
import jax
import jax.numpy as jnp


def batched_weighted(xs, ys, c):
    if c == 0:
        return jnp.zeros(xs.shape[0])
    return c * jax.vmap(dot, in_axes=(0, 1))(xs, ys)


# %% batched_weighted
# caught by: maps over a batch and has the right slopes
# misconception: the factor is a constant, it needs no slope
import jax


def batched_weighted(xs, ys, c):
    c = jax.lax.stop_gradient(c)
    return jax.vmap(lambda x, y: c * dot(x, y), in_axes=(0, 1))(xs, ys)


# %% standardize_columns
# caught by: gives every column mean 0 and standard deviation 1
# misconception: the sample standard deviation
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
# misconception: forgets out_axes, columns become rows
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
# misconception: standardizes the rows
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
# misconception: one mean and one deviation for the whole matrix
import jax.numpy as jnp


def standardize_columns(x):
    std = jnp.std(x)
    return (x - jnp.mean(x)) / jnp.where(std == 0, 1.0, std)


# %% standardize_columns
# caught by: gives every column mean 0 and standard deviation 1
# misconception: divides by the variance
import jax
import jax.numpy as jnp


def standardize_columns(x):
    def one(column):
        constant = jnp.all(column == column[0])
        return (column - column.mean()) / jnp.where(constant, jnp.inf, jnp.var(column))

    return jax.vmap(one, in_axes=1, out_axes=1)(x)


# %% standardize_columns
# caught by: turns a column of equal entries into zeros
# misconception: no thought for constant columns
import jax
import jax.numpy as jnp


def standardize_columns(x):
    def one(column):
        return (column - jnp.mean(column)) / jnp.std(column)

    return jax.vmap(one, in_axes=1, out_axes=1)(x)


# %% standardize_columns
# caught by: turns a column of equal entries into zeros
# misconception: asks whether the rounded deviation is zero
import jax
import jax.numpy as jnp


def standardize_columns(x):
    def one(column):
        std = jnp.std(column)
        return (column - jnp.mean(column)) / jnp.where(std == 0, 1.0, std)

    return jax.vmap(one, in_axes=1, out_axes=1)(x)


# %% standardize_columns
# caught by: turns a column of equal entries into zeros
# misconception: a small number in the denominator
import jax
import jax.numpy as jnp


def standardize_columns(x):
    def one(column):
        return (column - jnp.mean(column)) / (jnp.std(column) + 1e-8)

    return jax.vmap(one, in_axes=1, out_axes=1)(x)


# %% standardize_columns
# caught by: turns a column of equal entries into zeros
# misconception: repairs NaN afterwards
import jax
import jax.numpy as jnp


def standardize_columns(x):
    def one(column):
        return jnp.nan_to_num((column - jnp.mean(column)) / jnp.std(column))

    return jax.vmap(one, in_axes=1, out_axes=1)(x)


# %% standardize_columns
# caught by: standardizes a column of tiny spread too
# misconception: a tolerance decides what is constant
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
# misconception: compares the first entry with the last one only
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
# misconception: a Python if on a traced deviation
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
# misconception: mean and deviation are treated as constants
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
# misconception: the sign of the exponent
import jax


def sigmoid(x):
    return jax.nn.sigmoid(-x)


# %% sigmoid
# caught by: gives 1 / (1 + exp(-x))
# misconception: tanh without halving its argument
import jax.numpy as jnp


def sigmoid(x):
    return 0.5 + 0.5 * jnp.tanh(x)


# %% sigmoid
# caught by: gives 1 / (1 + exp(-x))
# misconception: the piecewise linear approximation
import jax


def sigmoid(x):
    return jax.nn.hard_sigmoid(x)


# %% sigmoid
# caught by: gives 1 / (1 + exp(-x))
# misconception: the math module
import math


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


# %% sigmoid
# caught by: gives 1 / (1 + exp(-x))
# misconception: NumPy's exp
import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


# %% sigmoid
# caught by: gives 1 / (1 + exp(-x))
# misconception: clips far too early
import jax.numpy as jnp


def sigmoid(x):
    return 1 / (1 + jnp.exp(-jnp.clip(x, -5, 5)))


# %% sigmoid
# caught by: stays finite far from zero
# misconception: exp(x) / (1 + exp(x)) overflows to NaN on the right
import jax.numpy as jnp


def sigmoid(x):
    return jnp.exp(x) / (1 + jnp.exp(x))


# %% sigmoid
# caught by: keeps a finite gradient far from zero
# misconception: the formula as it stands
import jax.numpy as jnp


def sigmoid(x):
    return 1 / (1 + jnp.exp(-x))


# %% sigmoid
# caught by: keeps a finite gradient far from zero
# misconception: NaN through where
import jax.numpy as jnp


def sigmoid(x):
    return jnp.where(x >= 0, 1 / (1 + jnp.exp(-x)), jnp.exp(x) / (1 + jnp.exp(x)))


# %% sigmoid
# caught by: maps over a batch and has the right slopes
# misconception: a case for 0 alone, which has no slope
import jax.numpy as jnp


def sigmoid(x):
    return jnp.where(x == 0, 0.5, 0.5 + 0.5 * jnp.tanh(x / 2))


# %% swish
# caught by: gives x * sigmoid(x)
# misconception: the sigmoid alone
import jax


def swish(x):
    return jax.nn.sigmoid(x)


# %% swish
# caught by: gives x * sigmoid(x)
# misconception: another smooth ReLU (GELU's approximation)
import jax


def swish(x):
    return x * jax.nn.sigmoid(1.702 * x)


# %% swish
# caught by: gives x * sigmoid(x)
# misconception: ReLU
import jax


def swish(x):
    return jax.nn.relu(x)


# %% swish
# caught by: gives x * sigmoid(x)
# misconception: hard swish
import jax


def swish(x):
    return jax.nn.hard_swish(x)


# %% swish
# caught by: keeps the right slope, near zero and far from it
# misconception: a formula of its own, unsafe far to the left
import jax.numpy as jnp


def swish(x):
    return x / (1 + jnp.exp(-x))


# %% swish
# caught by: keeps the right slope, near zero and far from it
# misconception: the gate is detached
import jax


def swish(x):
    return x * jax.lax.stop_gradient(jax.nn.sigmoid(x))


# %% swish
# caught by: gives x * sigmoid(x)
# misconception: skips the far left with a Python if
def swish(x):
    if x < -30:
        return 0.0
    return x * sigmoid(x)


# %% batch_swish
# caught by: gives swish of every entry
# misconception: the sum over the batch
def batch_swish(x):
    return swish(x).sum()


# %% batch_swish
# caught by: gives swish of every entry
# misconception: a list of scalars
def batch_swish(x):
    return [swish(entry) for entry in x]


# %% batch_swish
# caught by: gives swish of every entry
# misconception: NumPy in, NumPy out
import numpy as np


def batch_swish(x):
    return np.asarray([float(swish(entry)) for entry in x], np.float32)


# %% batch_swish
# caught by: gives swish of every entry
# misconception: already differentiated
import jax

batch_swish = jax.vmap(jax.grad(swish))


# %% batch_swish
# caught by: gives swish of every entry
# misconception: returns the mapped function
import jax


def batch_swish(x):
    return jax.vmap(swish)


# %% batch_swish
# caught by: gives swish of every entry
# misconception: a column per sample
import jax


def batch_swish(x):
    return jax.vmap(swish)(x[:, None])


# %% batch_swish
# caught by: stays finite up to 1000
# misconception: exp of a large argument
import jax.numpy as jnp


def batch_swish(x):
    return x * jnp.exp(x) / (1 + jnp.exp(x))


# %% first_derv_swish
# caught by: gives the first derivative at every entry
# misconception: the function itself
import jax

first_derv_swish = jax.vmap(swish)


# %% first_derv_swish
# caught by: gives the first derivative at every entry
# misconception: grad outside, vmap inside
import jax

first_derv_swish = jax.grad(jax.vmap(swish))


# %% first_derv_swish
# caught by: gives the first derivative at every entry
# misconception: product rule forgotten
import jax


def first_derv_swish(x):
    s = jax.nn.sigmoid(x)
    return s * (1 - s)


# %% first_derv_swish
# caught by: gives the first derivative at every entry
# misconception: the whole Jacobian
import jax


def first_derv_swish(x):
    return jax.jacobian(batch_swish)(x)


# %% first_derv_swish
# caught by: gives the first derivative at every entry
# misconception: differences of neighbours
import jax.numpy as jnp


def first_derv_swish(x):
    return (batch_swish(x + 1e-2) - batch_swish(x)) / 1e-2


# %% first_derv_swish
# caught by: stays finite up to 1000
# misconception: the quotient rule on the unsafe formula
import jax.numpy as jnp


def first_derv_swish(x):
    e = jnp.exp(-x)
    return (1 + e + x * e) / (1 + e) ** 2


# %% first_derv_swish
# caught by: maps over a batch and has the right slopes
# misconception: a derivative is a constant
import jax


def first_derv_swish(x):
    return jax.lax.stop_gradient(jax.vmap(jax.grad(swish))(x))


# %% second_derv_swish
# caught by: gives the second derivative at every entry
# misconception: one grad
import jax

second_derv_swish = jax.vmap(jax.grad(swish))


# %% second_derv_swish
# caught by: gives the second derivative at every entry
# misconception: the derivative applied to the derivative's value
import jax


def second_derv_swish(x):
    slope = jax.vmap(jax.grad(swish))
    return slope(slope(x))


# %% second_derv_swish
# caught by: gives the second derivative at every entry
# misconception: the slope squared
import jax


def second_derv_swish(x):
    return jax.vmap(jax.grad(swish))(x) ** 2


# %% second_derv_swish
# caught by: gives the second derivative at every entry
# misconception: grad of a mapped function
import jax


def second_derv_swish(x):
    return jax.grad(first_derv_swish)(x)


# %% second_derv_swish
# caught by: gives the second derivative at every entry
# misconception: one factor of two lost
import jax


def second_derv_swish(x):
    s = jax.nn.sigmoid(x)
    return s * (1 - s) * (1 + x * (1 - 2 * s))


# %% second_derv_swish
# caught by: stays finite up to 1000
# misconception: derivatives of the unsafe formula
import jax
import jax.numpy as jnp

second_derv_swish = jax.vmap(jax.grad(jax.grad(lambda x: x / (1 + jnp.exp(-x)))))


# %% second_derv_swish
# caught by: gives the second derivative at every entry
# misconception: a second difference in float32
def second_derv_swish(x):
    h = 1e-2
    return (batch_swish(x + h) - 2 * batch_swish(x) + batch_swish(x - h)) / h**2


# %% third_derv_swish
# caught by: gives the third derivative at every entry
# misconception: two grads
import jax

third_derv_swish = jax.vmap(jax.grad(jax.grad(swish)))


# %% third_derv_swish
# caught by: gives the third derivative at every entry
# misconception: four grads
import jax

third_derv_swish = jax.vmap(jax.grad(jax.grad(jax.grad(jax.grad(swish)))))


# %% third_derv_swish
# caught by: gives the third derivative at every entry
# misconception: the sign
def third_derv_swish(x):
    return -jax.vmap(jax.grad(jax.grad(jax.grad(swish))))(x)


# %% third_derv_swish
# caught by: gives the third derivative at every entry
# misconception: the third derivative of the sigmoid
import jax

third_derv_swish = jax.vmap(jax.grad(jax.grad(jax.grad(jax.nn.sigmoid))))


# %% third_derv_swish
# caught by: gives the third derivative at every entry
# misconception: all three derivatives
def third_derv_swish(x):
    return first_derv_swish(x), second_derv_swish(x), jax.vmap(nth(3))(x)


def nth(n):
    f = swish
    for _ in range(n):
        f = jax.grad(f)
    return f


# %% third_derv_swish
# caught by: stays finite up to 1000
# misconception: a where that guards the numerator only
import jax
import jax.numpy as jnp


def unsafe(x):
    return jnp.where(x > -20, x, 0.0) / (1 + jnp.exp(-x))


third_derv_swish = jax.vmap(jax.grad(jax.grad(jax.grad(unsafe))))


# %% per_example_grads
# caught by: gives one gradient per sample
# misconception: the sum over the batch
import jax
import jax.numpy as jnp


def per_example_grads(w, xs, ys):
    return jax.grad(lambda w: jnp.sum((xs @ w - ys) ** 2))(w)


# %% per_example_grads
# caught by: gives one gradient per sample
# misconception: forgets the factor two
def per_example_grads(w, xs, ys):
    return (xs @ w - ys)[:, None] * xs


# %% per_example_grads
# caught by: gives one gradient per sample
# misconception: the gradient in the sample, not in the weights
import jax


def per_example_grads(w, xs, ys):
    def loss(w, x, y):
        return (dot(w, x) - y) ** 2

    return jax.vmap(jax.grad(loss, argnums=1), in_axes=(None, 0, 0))(w, xs, ys)


# %% per_example_grads
# caught by: gives one gradient per sample
# misconception: samples in columns
import jax


def per_example_grads(w, xs, ys):
    def loss(w, x, y):
        return (dot(w, x) - y) ** 2

    return jax.vmap(jax.grad(loss), in_axes=(None, 0, 0), out_axes=1)(w, xs, ys)


# %% per_example_grads
# caught by: gives one gradient per sample
# misconception: the mean loss, one row each
import jax


def per_example_grads(w, xs, ys):
    def loss(w, x, y):
        return (dot(w, x) - y) ** 2 / len(ys)

    return jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(w, xs, ys)


# %% per_example_grads
# caught by: gives one gradient per sample
# misconception: the gradient of the residual
import jax


def per_example_grads(w, xs, ys):
    def residual(w, x, y):
        return dot(w, x) - y

    return jax.vmap(jax.grad(residual), in_axes=(None, 0, 0))(w, xs, ys)


# %% per_example_grads
# caught by: gives one gradient per sample
# misconception: the absolute error
import jax
import jax.numpy as jnp


def per_example_grads(w, xs, ys):
    def loss(w, x, y):
        return jnp.abs(dot(w, x) - y)

    return jax.vmap(jax.grad(loss), in_axes=(None, 0, 0))(w, xs, ys)


# %% per_example_grads
# caught by: maps over a batch and has the right slopes
# misconception: the residuals are treated as constants
import jax


def per_example_grads(w, xs, ys):
    residuals = jax.lax.stop_gradient(xs @ w - ys)
    return 2 * residuals[:, None] * xs


# %% standardize_columns
# caught by: standardizes a column in which some entries are equal
# misconception: two equal neighbours make a column constant
import jax.numpy as jnp


def standardize_columns(x):
    constant = jnp.any(jnp.diff(x, axis=0) == 0, axis=0) | (x.shape[0] == 1)
    std = jnp.where(constant, 1.0, x.std(axis=0))
    return jnp.where(constant, 0.0, (x - x.mean(axis=0)) / std)


# %% standardize_columns
# caught by: standardizes a column far from zero
# misconception: the mean of the squares less the square of the mean is as exact
import jax.numpy as jnp


def standardize_columns(x):
    constant = jnp.all(x == x[0], axis=0)
    variance = jnp.mean(x**2, axis=0) - jnp.mean(x, axis=0) ** 2
    return jnp.where(
        constant, 0.0, (x - x.mean(axis=0)) / jnp.sqrt(jnp.where(constant, 1.0, variance))
    )


# %% standardize_columns
# caught by: standardizes a column far from zero
# misconception: a spread that is small beside the mean is a rounding
import jax.numpy as jnp


def standardize_columns(x):
    std = x.std(axis=0)
    constant = std <= 1e-5 * jnp.abs(x.mean(axis=0))
    return jnp.where(constant, 0.0, (x - x.mean(axis=0)) / jnp.where(constant, 1.0, std))


# %% per_example_grads
# caught by: maps over a batch and has the right slopes
# misconception: nobody differentiates in the targets
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
