# Right answers to chapter 4 in styles unlike the reference: every one must pass.

# %% test_fun
# style: another factoring, with jnp functions
import jax.numpy as jnp


def test_fun(x, y):
    return jnp.square(x + y) - jnp.multiply(x, y)


# %% test_fun
# style: a compiled quadratic form
import jax
import jax.numpy as jnp


@jax.jit
def test_fun(x, y):
    point = jnp.stack([x, y])
    return point @ jnp.array([[1.0, 0.5], [0.5, 1.0]]) @ point


# %% test_fun
# style: floating exponents and jnp.power
import jax.numpy as jnp


def test_fun(x, y):
    return jnp.power(x, 2.0) + x * y + y**2.0


# %% grad_x_test_fun
# style: the closed form
def grad_x_test_fun(x, y):
    return 2 * x + y


# %% grad_x_test_fun
# style: one of two gradients, in a compiled def
import jax


@jax.jit
def grad_x_test_fun(x, y):
    along_x, _ = jax.grad(test_fun, argnums=(0, 1))(x, y)
    return along_x


# %% grad_x_test_fun
# style: forward mode, jacfwd
import jax

grad_x_test_fun = jax.jacfwd(test_fun)


# %% grad_y_test_fun
# style: the closed form, y first
def grad_y_test_fun(x, y):
    return y + x + y


# %% grad_y_test_fun
# style: swaps the arguments of a symmetric function
import jax


def grad_y_test_fun(x, y):
    return jax.grad(test_fun)(y, x)


# %% grad_y_test_fun
# style: a lambda of y alone
import jax


def grad_y_test_fun(x, y):
    return jax.grad(lambda t: test_fun(x, t))(y)


# %% grad_y_test_fun
# style: a callable object
import jax


class Slope:
    def __init__(self, f, argnum):
        self.f, self.argnum = f, argnum

    def __call__(self, x, y):
        return jax.value_and_grad(self.f, argnums=self.argnum)(x, y)[1]


grad_y_test_fun = Slope(test_fun, 1)


# %% d2x_test_fun
# style: a constant, as a Python float
def d2x_test_fun(x, y):
    return 2.0


# %% d2x_test_fun
# style: jax.hessian
import jax


def d2x_test_fun(x, y):
    return jax.hessian(test_fun)(x, y)


# %% d2x_test_fun
# style: forward over reverse by jvp
import jax
import jax.numpy as jnp


def d2x_test_fun(x, y):
    return jax.jvp(lambda t: jax.grad(test_fun)(t, y), (x,), (jnp.ones_like(x),))[1]


# %% g
# style: the closed form, multiplied out
def g(x, y):
    return 6 * x + 3 * y


# %% g
# style: the gradient of three times the function
import jax

g = jax.grad(lambda x, y: 3.0 * test_fun(x, y))


# %% g
# style: calls the other exercise
def g(x, y):
    return grad_x_test_fun(x, y) * 3.0


# %% dg_dx
# style: a constant array
import jax.numpy as jnp


def dg_dx(x, y):
    return jnp.float32(6.0)


# %% dg_dx
# style: three times the second derivative
def dg_dx(x, y):
    return 3 * d2x_test_fun(x, y)


# %% dg_dx
# style: forward mode, compiled
import jax

dg_dx = jax.jit(jax.jacfwd(g, argnums=0))


# %% mlp_predict
# style: hidden layers and last layer apart
import jax.numpy as jnp


def mlp_predict(params, inputs):
    *hidden, (last_weights, last_bias) = params
    for weights, bias in hidden:
        inputs = jnp.tanh(jnp.dot(inputs, weights) + bias)
    return jnp.dot(inputs, last_weights) + last_bias


# %% mlp_predict
# style: recursion and einsum
import jax.numpy as jnp


def mlp_predict(params, inputs):
    (weights, bias), *rest = params
    outputs = jnp.einsum("...i,io->...o", inputs, weights) + bias
    if not rest:
        return outputs
    return mlp_predict(rest, jnp.tanh(outputs))


# %% mlp_predict
# style: functools.reduce, tanh before every layer but the first
import functools

import jax.numpy as jnp


def mlp_predict(params, inputs):
    first, *others = params
    start = inputs @ first[0] + first[1]
    return functools.reduce(lambda z, layer: jnp.tanh(z) @ layer[0] + layer[1], others, start)


# %% mlp_predict
# style: one sample at a time, mapped; tanh from a sigmoid
import jax


def mlp_predict(params, inputs):
    def one(sample):
        for i, (weights, bias) in enumerate(params):
            if i:
                sample = 2 * jax.nn.sigmoid(2 * sample) - 1
            sample = weights.T @ sample + bias
        return sample

    return jax.vmap(one)(inputs)


# %% mlp_loss
# style: an inner product of the flattened errors
import jax.numpy as jnp


def mlp_loss(params, batch):
    errors = (mlp_predict(params, batch[0]) - batch[1]).ravel()
    return errors @ errors


# %% mlp_loss
# style: per sample first, compiled
import jax
import jax.numpy as jnp


@jax.jit
def mlp_loss(params, batch):
    inputs, targets = batch
    per_sample = jnp.square(targets - mlp_predict(params, inputs)).sum(axis=1)
    return per_sample.sum()


# %% mlp_loss
# style: vdot
import jax.numpy as jnp


def mlp_loss(params, batch):
    inputs, targets = batch
    errors = mlp_predict(params, inputs) - targets
    return jnp.vdot(errors, errors)


# %% gradient_fun
# style: a decorated def
import jax


@jax.jit
def gradient_fun(params, batch):
    return jax.grad(mlp_loss)(params, batch)


# %% gradient_fun
# style: a def that calls one module-level compiled function
import jax

_compiled = jax.jit(jax.value_and_grad(lambda params, batch: mlp_loss(params, batch)))


def gradient_fun(params, batch):
    _, gradient = _compiled(params, batch)
    return gradient


# %% gradient_fun
# style: vjp by hand
import jax
import jax.numpy as jnp


@jax.jit
def gradient_fun(params, batch):
    loss, pull = jax.vjp(lambda p: mlp_loss(p, batch), params)
    return pull(jnp.ones_like(loss))[0]


# %% gradient_fun
# style: back-propagation by hand, put back into the pytree of the parameters
import jax
import jax.numpy as jnp


@jax.jit
def gradient_fun(params, batch):
    inputs, targets = batch
    activations = [inputs]
    for weights, bias in params:
        outputs = activations[-1] @ weights + bias
        activations.append(jnp.tanh(outputs))
    delta = 2 * (outputs - targets)
    leaves = []
    for (weights, _), layer_inputs in zip(reversed(list(params)), reversed(activations[:-1])):
        leaves = [layer_inputs.T @ delta, delta.sum(axis=0)] + leaves
        delta = (delta @ weights.T) * (1 - layer_inputs**2)
    return jax.tree.unflatten(jax.tree.structure(params), leaves)


# %% directional_derivative
# style: jax.linearize
import jax


def directional_derivative(f, x, v):
    value, push = jax.linearize(f, x)
    return value, push(v)


# %% directional_derivative
# style: along a line, by jacfwd at 0
import jax
import jax.numpy as jnp


def directional_derivative(f, x, v):
    return f(x), jax.jacfwd(lambda t: f(x + t * v))(jnp.float32(0))


# %% directional_derivative
# style: the transpose of the transpose (two vjps)
import jax
import jax.numpy as jnp


def directional_derivative(f, x, v):
    value, pull = jax.vjp(f, x)
    _, push = jax.vjp(lambda ct: pull(ct)[0], jnp.zeros_like(value))
    return value, push(v)[0]


# %% directional_derivative
# style: the whole Jacobian, contracted with the direction
import jax
import jax.numpy as jnp


def directional_derivative(f, x, v):
    jacobian = jax.jacobian(f)(x)
    return f(x), jnp.tensordot(jacobian, v, axes=jnp.ndim(x))


# %% pullback
# style: the gradient of a weighted sum
import jax
import jax.numpy as jnp


def pullback(f, x, ct):
    def weighted(x):
        value = f(x)
        return jnp.vdot(ct, value), value

    gradient, value = jax.grad(weighted, has_aux=True)(x)
    return value, gradient


# %% pullback
# style: compiled, f as a static argument
from functools import partial

import jax


@partial(jax.jit, static_argnums=0)
def pullback(f, x, ct):
    value, pull = jax.vjp(f, x)
    return value, *pull(ct)


# %% pullback
# style: the whole Jacobian, contracted with the cotangent
import jax
import jax.numpy as jnp


def pullback(f, x, ct):
    return f(x), jnp.tensordot(ct, jax.jacrev(f)(x), axes=jnp.ndim(ct))


# %% pullback
# style: the transpose of the linearised function
import jax


def pullback(f, x, ct):
    value, push = jax.linearize(f, x)
    return value, jax.linear_transpose(push, x)(ct)[0]


# %% hvp
# style: reverse over reverse
import jax
import jax.numpy as jnp


def hvp(f, x, v):
    return jax.grad(lambda x: jnp.vdot(jax.grad(f)(x), v))(x)


# %% hvp
# style: reverse over forward
import jax


def hvp(f, x, v):
    return jax.grad(lambda x: jax.jvp(f, (x,), (v,))[1])(x)


# %% hvp
# style: linearised gradient
import jax


def hvp(f, x, v):
    return jax.linearize(jax.grad(f), x)[1](v)


# %% hvp
# style: the pullback of the gradient, because the Hessian is symmetric
import jax


def hvp(f, x, v):
    return jax.vjp(jax.grad(f), x)[1](v)[0]


# %% hvp
# style: compiled, f as a static argument
from functools import partial

import jax


@partial(jax.jit, static_argnums=0)
def hvp(f, x, v):
    return directional_derivative(jax.grad(f), x, v)[1]
