"""Chapter 4, automatic differentiation: the answers an instructor shows."""

import jax
import jax.numpy as jnp


def test_fun(x, y):
    """Return `x**2 + x*y + y**2`, the function that this chapter differentiates."""
    return x**2 + x * y + y**2


# `grad` takes a function and returns a function: no `def` is needed.
grad_x_test_fun = jax.grad(test_fun, argnums=0)
grad_y_test_fun = jax.grad(test_fun, argnums=1)

# The result of `grad` is an ordinary function, so it can be differentiated again.
d2x_test_fun = jax.grad(jax.grad(test_fun))


def g(x, y):
    """Return three times the partial derivative of `test_fun` in `x`."""
    return 3 * jax.grad(test_fun)(x, y)


# `g` uses a derivative inside; to `grad` it is a function like any other.
dg_dx = jax.grad(g)


def mlp_predict(params, inputs):
    """Return the outputs of a tanh network, with no tanh after its last layer."""
    for weights, bias in params:
        outputs = inputs @ weights + bias
        inputs = jnp.tanh(outputs)
    return outputs


def mlp_loss(params, batch):
    """Return the sum of the squared errors over the whole batch."""
    inputs, targets = batch
    return jnp.sum((mlp_predict(params, inputs) - targets) ** 2)


# `jit` outside, `grad` inside, and both once, when the module is loaded: a `jax.jit(...)` written
# inside a function body would make a new program at every call.
gradient_fun = jax.jit(jax.grad(mlp_loss))


def directional_derivative(f, x, v):
    """Return `(f(x), Df(x) v)` from one forward pass."""
    return jax.jvp(f, (x,), (v,))


def pullback(f, x, ct):
    """Return `(f(x), ct^T Df(x))` from one forward and one backward pass."""
    value, apply_transpose = jax.vjp(f, x)
    (pulled_back,) = apply_transpose(ct)  # one cotangent per argument of f, in a tuple
    return value, pulled_back


def hvp(f, x, v):
    """Return the Hessian of `f` at `x` times `v`: how the gradient changes along `v`."""
    _, product = jax.jvp(jax.grad(f), (x,), (v,))
    return product
