"""Chapter 4: automatic differentiation.

The idea
--------
A derivative is a transformation of functions. `jax.grad` takes a function that returns one number
and gives back a new function, the gradient. Nothing is differenced numerically and no symbols are
shuffled: JAX traces your function, as `jit` does, and applies the chain rule to every operation
that it sees. What comes out is an ordinary function, which you can compile with `jit`, map with
`vmap`, or differentiate once more.

    slides, 2020                              today
    import jax.numpy as np                    import jax.numpy as jnp
    from jax import grad, jit                 the same; the lessons write jax.grad, jax.jit
    grad(f), grad(f, argnums=1)               unchanged
    jvp, vjp, hessian                         unchanged
    grads come as DeviceArray                 jax.Array
    jax.tree_util.tree_multimap(f, a, b)      jax.tree.map(f, a, b)
    jax.experimental.optimizers               Optax

Two ways through a program
--------------------------
Think of f from n numbers to m numbers, with its m-by-n matrix of derivatives Df(x).

* Forward mode, `jax.jvp`, pushes a direction v through f together with x, and returns f(x) and
  Df(x) v. One pass gives one column's worth: cheap where there are few inputs.
* Reverse mode, `jax.vjp`, first runs f, then pulls a weight on the outputs back to the inputs:
  ct^T Df(x). One pass gives one row's worth. A loss has a single output, so one backward pass is
  the whole gradient, however many parameters there are. `grad` is `vjp` with the weight 1.

Neither mode ever builds the matrix. Put one on top of the other and you get second derivatives in a
direction, for a small multiple of the price of f.

A small example: kinetic energy. Its derivative in the speed is the momentum; `argnums` says which
argument the question is about, and `value_and_grad` also keeps the value.

>>> import jax
>>> def energy(mass, speed):
...     return 0.5 * mass * speed**2
>>> momentum = jax.grad(energy, argnums=1)
>>> float(momentum(3.0, 4.0))
12.0
>>> value, slope = jax.value_and_grad(energy, argnums=1)(3.0, 4.0)
>>> float(value), float(slope)
(24.0, 12.0)

An argument may be a pytree: a dict, a list of tuples, whatever holds your parameters. The gradient
then has the same structure, leaf by leaf.

>>> def cost(parts):
...     return parts["a"] ** 2 + 5.0 * parts["b"]
>>> gradient = jax.grad(cost)({"a": 3.0, "b": 1.0})
>>> {name: float(leaf) for name, leaf in gradient.items()}
{'a': 6.0, 'b': 5.0}

What goes wrong, and why
------------------------
* `jax.grad(f)(3)` raises a TypeError: an integer has no neighbours to compare with. Write `3.0`.
* "Gradient only defined for scalar-output functions": f returned an array. Sum it, if the sum is
  what you want to differentiate, or ask `jvp`, `vjp`, `jacobian`.
* `grad(f)` looks at the first argument only. For any other, say `argnums=`.
* `float(...)` or NumPy's functions inside f need numbers, while f is being traced: use `jnp`.
* `jax.jit(...)` inside a function body can make a new program at every call. Compile once, at
  module level, or with a decorator.
* The function that `vjp` hands you returns a tuple, one entry per argument of f, even for one.

Read on: https://docs.jax.dev/en/latest/automatic-differentiation.html
"""

import jax  # noqa: F401
import jax.numpy as jnp  # noqa: F401


def test_fun(x, y):
    """Return `x**2 + x*y + y**2`.

    The slide's idea: start from a function whose derivatives you can check by hand.

    Args:
        x: float32 scalar.
        y: float32 scalar.

    Returns:
        float32 scalar.

    >>> float(test_fun(1.0, 2.0))
    7.0
    """
    # TODO: write the formula with Python's own operators.
    raise NotImplementedError


def grad_x_test_fun(x, y):
    """Return the partial derivative of `test_fun` in `x`.

    The slide's idea: `grad` turns a function into its derivative, in the first argument unless told
    otherwise.

    Args:
        x: float32 scalar.
        y: float32 scalar.

    Returns:
        float32 scalar, `2x + y`.

    >>> float(grad_x_test_fun(1.0, 2.0))
    4.0
    """
    # TODO: call the function that jax.grad makes of test_fun. As jax.grad returns a function, the
    # whole def may be replaced by `grad_x_test_fun = ...`; so may the other derivatives below.
    raise NotImplementedError


def grad_y_test_fun(x, y):
    """Return the partial derivative of `test_fun` in `y`.

    The slide's idea: `argnums` chooses the argument to differentiate in.

    Args:
        x: float32 scalar.
        y: float32 scalar.

    Returns:
        float32 scalar, `x + 2y`.

    >>> float(grad_y_test_fun(1.0, 2.0))
    5.0
    """
    # TODO: as above, in the other argument.
    raise NotImplementedError


def d2x_test_fun(x, y):
    """Return the second derivative of `test_fun` in `x`.

    The slide's idea: the derivative is a function too, so `grad` applies to it again.

    Args:
        x: float32 scalar.
        y: float32 scalar.

    Returns:
        float32 scalar, 2.0 everywhere.

    >>> float(d2x_test_fun(1.0, 2.0))
    2.0
    """
    # TODO: nest grad in grad.
    raise NotImplementedError


def g(x, y):
    """Return three times the partial derivative of `test_fun` in `x`.

    The slide's idea: a function may use a derivative in its body like any other value.

    Args:
        x: float32 scalar.
        y: float32 scalar.

    Returns:
        float32 scalar, `3 * (2x + y)`.

    >>> float(g(1.0, 2.0))
    12.0
    """
    # TODO: 3 times the derivative of test_fun, at (x, y).
    raise NotImplementedError


def dg_dx(x, y):
    """Return the partial derivative of `g` in `x`.

    The slide's idea: `grad` sees through a `grad` inside the function.

    Args:
        x: float32 scalar.
        y: float32 scalar.

    Returns:
        float32 scalar, 6.0 everywhere.

    >>> float(dg_dx(1.0, 2.0))
    6.0
    """
    # TODO: differentiate g.
    raise NotImplementedError


def mlp_predict(params, inputs):
    """Return the outputs of a multilayer perceptron with tanh between its layers.

    For each `(W, b)` in `params`: `outputs = inputs @ W + b`, then `inputs = tanh(outputs)`. The
    result is the last `outputs`: there is no tanh after the last layer.

    The slide's idea: a network is a plain function of its parameters.

    Args:
        params: list of `(W, b)`, at least one, float32; `W` has shape `(n_in, n_out)`, `b` has
            shape `(n_out,)`, and one layer's `n_out` is the next one's `n_in`.
        inputs: float32 `(batch, n_in)` of the first layer.

    Returns:
        float32 `(batch, n_out)` of the last layer.

    >>> layer = (jnp.ones((2, 3)), jnp.zeros(3))
    >>> mlp_predict([layer], jnp.ones((4, 2))).tolist()[0]
    [2.0, 2.0, 2.0]
    """
    # TODO: a Python loop over the layers is fine: it is unrolled while JAX traces.
    raise NotImplementedError


def mlp_loss(params, batch):
    """Return the sum of squared errors of `mlp_predict` on a batch.

    The slide's idea: the loss is a function from a pytree of parameters to one number.

    Args:
        params: as in `mlp_predict`.
        batch: `(inputs, targets)`, float32 `(batch, n_in)` and `(batch, n_out)`.

    Returns:
        float32 scalar, `sum((mlp_predict - targets) ** 2)` over samples and outputs.

    >>> params = [(jnp.ones((2, 3)), jnp.zeros(3))]
    >>> float(mlp_loss(params, (jnp.ones((4, 2)), jnp.zeros((4, 3)))))
    48.0
    """
    # TODO: unpack the batch, predict, add up the squared errors.
    raise NotImplementedError


def gradient_fun(params, batch):
    """Return the gradient of `mlp_loss` in all parameters, compiled.

    The slide's idea: transformations compose, `jit(grad(loss))` is the fast gradient in one line.

    Args:
        params: as in `mlp_predict`.
        batch: as in `mlp_loss`.

    Returns:
        The same pytree as `params`, with the gradient of each leaf in its place. Compiled once for
        given shapes: a second call with the same shapes compiles nothing.

    >>> params = [(jnp.ones((2, 3)), jnp.zeros(3))]
    >>> [(dW, db)] = gradient_fun(params, (jnp.ones((4, 2)), jnp.zeros((4, 3))))
    >>> dW.shape, db.tolist()
    ((2, 3), [16.0, 16.0, 16.0])
    """
    # TODO: compile the gradient, once. The whole def may be replaced by `gradient_fun = ...`.
    raise NotImplementedError


def directional_derivative(f, x, v):
    """Return `f(x)` and the derivative of `f` at `x` in the direction `v`.

    The slide's idea: forward mode pushes a direction through the program beside the value.

    Args:
        f: function from an array to an array, of any ranks.
        x: float32 array, where to differentiate.
        v: float32 array of the shape of `x`, the direction.

    Returns:
        The tuple `(f(x), Df(x) v)`, two float32 arrays of the shape of `f(x)`.

    >>> value, slope = directional_derivative(lambda x: x**2, jnp.array([1.0, 3.0]), jnp.ones(2))
    >>> value.tolist(), slope.tolist()
    ([1.0, 9.0], [2.0, 6.0])
    """
    # TODO: one call of jax.jvp; mind how it wants its arguments.
    raise NotImplementedError


def pullback(f, x, ct):
    """Return `f(x)` and the weights `ct` on the outputs of `f`, pulled back to its input.

    The slide's idea: reverse mode carries a weight on the outputs back through the program.

    Args:
        f: function from an array to an array, of any ranks.
        x: float32 array, where to differentiate.
        ct: float32 array of the shape of `f(x)`, the cotangent.

    Returns:
        The tuple `(f(x), ct^T Df(x))`: a float32 array of the shape of `f(x)`, and one of the shape
        of `x`.

    >>> value, pulled = pullback(jnp.sum, jnp.array([1.0, 3.0]), jnp.float32(10.0))
    >>> float(value), pulled.tolist()
    (4.0, [10.0, 10.0])
    """
    # TODO: jax.vjp gives the value and a function; call that function.
    raise NotImplementedError


def hvp(f, x, v):
    """Return the product of the Hessian of `f` at `x` with `v`, without forming the Hessian.

    The slide's idea: compose the two modes, and a second derivative in one direction costs only a
    few times what `f` costs.

    Args:
        f: function from a vector to a scalar.
        x: float32 `(n,)`, where to differentiate.
        v: float32 `(n,)`, the direction.

    Returns:
        float32 `(n,)`. No array of n*n elements is made on the way.

    >>> hvp(lambda x: x[0] ** 2 * x[1], jnp.array([3.0, 5.0]), jnp.array([1.0, 0.0])).tolist()
    [10.0, 6.0]
    """
    # TODO: H v says how the gradient changes when x moves along v.
    raise NotImplementedError
