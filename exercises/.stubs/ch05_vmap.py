"""Chapter 5: vectorisation with vmap, and Swish.

The idea
--------
Write the function for one sample, then let `jax.vmap` run it over a batch. `vmap` is not a loop: it
traces your function once and replaces every operation by one that handles the whole batch, so that
a dot product of vectors becomes a matrix product. The mathematics stays readable, nobody counts
axes by hand, and the result is as fast as the version written for batches.

    slides, 2020                              today
    import jax.numpy as np                    import jax.numpy as jnp
    vmap(f, in_axes=(None, 0))                unchanged, and so is out_axes
    jit(vmap(grad(f)))                        unchanged
    results come as DeviceArray               jax.Array
    pmap, vmap's twin for several devices     jax.shard_map over a Mesh (chapter 9)

Which axis is the batch?
------------------------
`in_axes` has one entry per argument. An integer names the axis of that argument that runs over the
samples, `None` means that all samples share it. `out_axes` says where the batch axis of the result
goes; it is 0 unless you ask.

A small example: a price per item and a tax rate per shop. Each function below is written for two
plain numbers.

>>> import jax
>>> import jax.numpy as jnp
>>> def total(price, rate):
...     return price + price * rate
>>> prices = jnp.array([10.0, 20.0, 40.0])
>>> jax.vmap(total, in_axes=(0, None))(prices, 0.5).tolist()
[15.0, 30.0, 60.0]

Nest two of them and every item meets every shop: the inner `vmap` runs over the items, the outer
one over the shops. With `out_axes=1` the shops become columns, not rows.

>>> rates = jnp.array([0.0, 0.5])
>>> every_item = jax.vmap(total, in_axes=(0, None))
>>> jax.vmap(every_item, in_axes=(None, 0))(prices, rates).shape
(2, 3)
>>> jax.vmap(every_item, in_axes=(None, 0), out_axes=1)(prices, rates).shape
(3, 2)

Derivatives of batches
----------------------
`grad` wants a function that returns one number. To differentiate an elementwise function at many
points, take `grad` of the scalar function first and `vmap` of that afterwards. The same order gives
the gradient of every single sample, which a gradient of a summed loss throws away.

The second half of the chapter uses Swish, x * sigmoid(x), an activation found by an automated
search (Ramachandran, Zoph and Le 2017, https://arxiv.org/abs/1710.05941). JAX has it as
`jax.nn.silu`.

What goes wrong, and why
------------------------
* "vmap got inconsistent sizes for array axes to be mapped": an argument that all samples share was
  mapped. Give it `None`.
* A square batch hides a wrong axis: with as many samples as features, the transposed answer has
  the right shape and the wrong numbers. Try 2 by 3.
* `in_axes=1` removes axis 1 from what your function sees, but the results are stacked along axis 0
  again unless `out_axes` says otherwise.
* `if` on a value fails inside `vmap`, as inside `jit`: use `jnp.where`. It computes both branches,
  and a NaN in the gradient of the branch that is *not* taken still comes through. So make the input
  of a dangerous operation safe first (a second `where`, around the argument of a square root or a
  division), or pick a formula that is never dangerous.
* float32 knows exp(x) only up to about x = 88. Beyond, it is infinite, and inf / inf or 0 * inf is
  NaN. The value may survive that (1 / inf is 0) while the gradient does not.
* The mean of ten copies of 0.1 is not 0.1 in float32. "Is this deviation zero?" has to be asked of
  numbers that are exact.

Read on: https://docs.jax.dev/en/latest/automatic-vectorization.html
"""

import jax  # noqa: F401
import jax.numpy as jnp  # noqa: F401


def dot(w, x):
    """Return the dot product of two vectors.

    The slide's idea: write the function for one sample and forget that batches exist.

    Args:
        w: float32 `(d,)`.
        x: float32 `(d,)`, one sample.

    Returns:
        float32 scalar.

    >>> float(dot(jnp.array([1.0, 2.0]), jnp.array([3.0, 4.0])))
    11.0
    """
    # TODO: use jnp or the @ operator; NumPy's functions cannot be traced.
    raise NotImplementedError


def batched_dot(w, xs):
    """Return the dot product of `w` with every row of `xs`.

    The slide's idea: `vmap` with `in_axes=(None, 0)` shares `w` and maps over the rows.

    Args:
        w: float32 `(d,)`, shared by all samples.
        xs: float32 `(batch, d)`, one sample per row.

    Returns:
        float32 `(batch,)`. No Python loop: the jaxpr is as long for 1000 rows as for 2.

    >>> xs = jnp.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> batched_dot(jnp.array([3.0, 4.0]), xs).tolist()
    [3.0, 4.0, 7.0]
    """
    # TODO: map dot with vmap, then call the result. The whole def may be an assignment.
    raise NotImplementedError


def batched_weighted(xs, ys, c):
    """Return `c * dot(x_i, y_i)` where `x_i` is row i of `xs` and `y_i` is column i of `ys`.

    The slide's idea: every argument has its own batch axis, or none: `in_axes=(0, 1, None)`.

    Args:
        xs: float32 `(batch, d)`, sample i in row i.
        ys: float32 `(d, batch)`, sample i in column i.
        c: float32 scalar, shared by all samples.

    Returns:
        float32 `(batch,)`.

    >>> xs = jnp.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> ys = jnp.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    >>> batched_weighted(xs, ys, 10.0).tolist()
    [10.0, 50.0, 90.0]
    """
    # TODO: write the function of one x, one y and c, then map it.
    raise NotImplementedError


def standardize_columns(x):
    """Return `x` with every column shifted to mean zero and scaled to standard deviation one.

    The standard deviation is the population one (divide by `rows`, not by `rows - 1`). A column
    whose entries are all equal becomes zeros, whatever the entry is: also 0.1, whose mean over many
    rows is not exactly 0.1 in float32.

    The slide's idea: `in_axes=1, out_axes=1` maps a function of one column over the columns and
    puts the columns back as columns.

    Args:
        x: float32 `(rows, cols)`, at least one row.

    Returns:
        float32 `(rows, cols)`.

    >>> x = jnp.array([[1.0, 7.0, 0.0], [3.0, 7.0, 4.0]])
    >>> standardize_columns(x).tolist()
    [[-1.0, 0.0, -1.0], [1.0, 0.0, 1.0]]
    """
    # TODO: write the function of one column (a vector), then map it over axis 1.
    raise NotImplementedError


def sigmoid(x):
    """Return `1 / (1 + exp(-x))`, finite everywhere, and with a finite gradient.

    The slide's idea: the scalar building block of Swish, to be differentiated and mapped later.

    Args:
        x: float32 scalar, up to 1e4 in magnitude.

    Returns:
        float32 scalar.

    >>> float(sigmoid(0.0))
    0.5
    >>> float(jax.grad(sigmoid)(0.0)), float(jax.grad(sigmoid)(-1e4))
    (0.25, 0.0)
    """
    # TODO: the formula as it stands overflows in its gradient; find one that does not.
    raise NotImplementedError


def swish(x):
    """Return `x * sigmoid(x)`.

    The slide's idea: Swish is a smooth relative of ReLU, found by a search over formulas
    (https://arxiv.org/abs/1710.05941).

    Args:
        x: float32 scalar.

    Returns:
        float32 scalar.

    >>> round(float(swish(1.0)), 4)
    0.7311
    """
    # TODO: one line, with your sigmoid.
    raise NotImplementedError


def batch_swish(x):
    """Return `swish` of every entry of a vector.

    The slide's idea: `vmap` makes a function of a batch from a function of a number.

    Args:
        x: float32 `(n,)`, up to 1e3 in magnitude.

    Returns:
        float32 `(n,)`.

    >>> [round(s, 4) for s in batch_swish(jnp.array([-1.0, 0.0, 1.0])).tolist()]
    [-0.2689, 0.0, 0.7311]
    """
    # TODO: map swish. The whole def may be replaced by `batch_swish = ...`.
    raise NotImplementedError


def first_derv_swish(x):
    """Return the first derivative of `swish` at every entry of a vector.

    The slide's idea: `vmap(grad(f))` differentiates a scalar function at many points at once.

    Args:
        x: float32 `(n,)`, up to 1e3 in magnitude.

    Returns:
        float32 `(n,)`, finite.

    >>> [round(s, 4) for s in first_derv_swish(jnp.array([-1.0, 0.0, 1.0])).tolist()]
    [0.0723, 0.5, 0.9277]
    """
    # TODO: differentiate the function of one number, then map. May be an assignment.
    raise NotImplementedError


def second_derv_swish(x):
    """Return the second derivative of `swish` at every entry of a vector.

    The slide's idea: nest `grad` once more; `vmap` stays outside.

    Args:
        x: float32 `(n,)`, up to 1e3 in magnitude.

    Returns:
        float32 `(n,)`, finite.

    >>> [round(s, 4) for s in second_derv_swish(jnp.array([-1.0, 0.0, 1.0])).tolist()]
    [0.3024, 0.5, 0.3024]
    """
    # TODO: as above, with two grads. May be an assignment.
    raise NotImplementedError


def third_derv_swish(x):
    """Return the third derivative of `swish` at every entry of a vector.

    The slide's idea: derivatives of any order cost one more word each.

    Args:
        x: float32 `(n,)`, up to 1e3 in magnitude.

    Returns:
        float32 `(n,)`, finite.

    >>> [round(s, 4) for s in third_derv_swish(jnp.array([-1.0, 1.0])).tolist()]
    [0.3079, -0.3079]
    """
    # TODO: as above, with three grads. May be an assignment.
    raise NotImplementedError


def per_example_grads(w, xs, ys):
    """Return the gradient in `w` of `(dot(w, x) - y) ** 2`, separately for every sample.

    The slide's idea: `vmap(grad(loss))` gives what a gradient of the summed loss has already added
    up.

    Args:
        w: float32 `(d,)`, shared by all samples.
        xs: float32 `(batch, d)`.
        ys: float32 `(batch,)`.

    Returns:
        float32 `(batch, d)`; row i belongs to sample i.

    >>> xs = jnp.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    >>> per_example_grads(jnp.ones(2), xs, jnp.array([0.0, 1.0, 1.0])).tolist()
    [[2.0, 0.0], [0.0, 0.0], [2.0, 2.0]]
    """
    # TODO: the loss of one sample, its gradient in w, then the batch.
    raise NotImplementedError
