# Wrong answers to chapter 4: each must fail in its exercise, by the check that its header names.

# %% test_fun
# caught by: gives x**2 + x*y + y**2
# misconception: the binomial formula
def test_fun(x, y):
    return (x + y) ** 2


# %% test_fun
# caught by: gives x**2 + x*y + y**2
# misconception: a mixed term that is never negative
def test_fun(x, y):
    return x**2 + abs(x * y) + y**2


# %% test_fun
# caught by: gives x**2 + x*y + y**2
# misconception: converts to Python numbers first
def test_fun(x, y):
    x, y = float(x), float(y)
    return x**2 + x * y + y**2


# %% test_fun
# caught by: gives x**2 + x*y + y**2
# misconception: NumPy's functions on JAX arrays
import numpy as np


def test_fun(x, y):
    return np.square(x) + np.multiply(x, y) + np.square(y)


# %% test_fun
# caught by: maps over a batch and has the right slopes
# misconception: detaches y, so that the slope in y is lost
import jax


def test_fun(x, y):
    fixed = jax.lax.stop_gradient(y)
    return x**2 + x * fixed + fixed**2


# %% test_fun
# caught by: gives x**2 + x*y + y**2
# misconception: a vector of one entry instead of a scalar
import jax.numpy as jnp


def test_fun(x, y):
    return jnp.array([x**2 + x * y + y**2])


# %% test_fun
# caught by: gives x**2 + x*y + y**2
# misconception: right where x is 1, as in the example
def test_fun(x, y):
    return x + x * y + y**2


# %% grad_x_test_fun
# caught by: gives 2x + y
# misconception: differentiates in y
import jax

grad_x_test_fun = jax.grad(test_fun, argnums=1)


# %% grad_x_test_fun
# caught by: gives 2x + y
# misconception: returns the gradient function instead of calling it
import jax


def grad_x_test_fun(x, y):
    return jax.grad(test_fun)


# %% grad_x_test_fun
# caught by: gives 2x + y
# misconception: both derivatives in a tuple
import jax

grad_x_test_fun = jax.grad(test_fun, argnums=(0, 1))


# %% grad_x_test_fun
# caught by: gives 2x + y
# misconception: finite differences are as good
def grad_x_test_fun(x, y):
    step = 1e-4
    return (test_fun(x + step, y) - test_fun(x, y)) / step


# %% grad_x_test_fun
# caught by: gives 2x + y
# misconception: the value and the gradient
import jax

grad_x_test_fun = jax.value_and_grad(test_fun)


# %% grad_x_test_fun
# caught by: gives 2x + y
# misconception: a Python float, so it cannot be compiled
import jax


def grad_x_test_fun(x, y):
    return float(jax.grad(test_fun)(x, y))


# %% grad_x_test_fun
# caught by: maps over a batch and has the right slopes
# misconception: stops the gradient of the gradient
import jax


def grad_x_test_fun(x, y):
    return jax.lax.stop_gradient(jax.grad(test_fun)(x, y))


# %% grad_x_test_fun
# caught by: maps over a batch and has the right slopes
# misconception: leaves the arithmetic to NumPy, by a callback that vmap does not know
import jax


def grad_x_test_fun(x, y):
    return jax.pure_callback(lambda x, y: 2 * x + y, jax.ShapeDtypeStruct((), "float32"), x, y)


# %% grad_y_test_fun
# caught by: gives x + 2y
# misconception: the default argument of grad
import jax

grad_y_test_fun = jax.grad(test_fun)


# %% grad_y_test_fun
# caught by: gives x + 2y
# misconception: counts arguments from 1
import jax


def grad_y_test_fun(x, y):
    return jax.grad(test_fun, argnums=2)(x, y)


# %% grad_y_test_fun
# caught by: gives x + 2y
# misconception: adds up both partial derivatives
import jax


def grad_y_test_fun(x, y):
    return sum(jax.grad(test_fun, argnums=(0, 1))(x, y))


# %% grad_y_test_fun
# caught by: gives x + 2y
# misconception: argnums as a tuple gives a tuple
import jax

grad_y_test_fun = jax.grad(test_fun, argnums=(1,))


# %% grad_y_test_fun
# caught by: gives x + 2y
# misconception: a derivative that forgets the mixed term
def grad_y_test_fun(x, y):
    return 2 * y


# %% grad_y_test_fun
# caught by: maps over a batch and has the right slopes
# misconception: differentiates at a fixed x
import jax


def grad_y_test_fun(x, y):
    return jax.grad(lambda t: test_fun(jax.lax.stop_gradient(x), t))(y)


# %% d2x_test_fun
# caught by: is 2.0 everywhere
# misconception: the mixed derivative
import jax

d2x_test_fun = jax.grad(jax.grad(test_fun), argnums=1)


# %% d2x_test_fun
# caught by: is 2.0 everywhere
# misconception: one derivative only
import jax

d2x_test_fun = jax.grad(test_fun)


# %% d2x_test_fun
# caught by: is 2.0 everywhere
# misconception: the square of the first derivative
import jax


def d2x_test_fun(x, y):
    return jax.grad(test_fun)(x, y) ** 2


# %% d2x_test_fun
# caught by: is 2.0 everywhere
# misconception: an integer
import jax.numpy as jnp


def d2x_test_fun(x, y):
    return jnp.asarray(2)


# %% d2x_test_fun
# caught by: is 2.0 everywhere
# misconception: the whole Hessian
import jax

d2x_test_fun = jax.hessian(test_fun, argnums=(0, 1))


# %% d2x_test_fun
# caught by: is 2.0 everywhere
# misconception: finite differences of the gradient
import jax


def d2x_test_fun(x, y):
    slope = jax.grad(test_fun)
    return (slope(x + 1e-4, y) - slope(x, y)) / 1e-4


# %% d2x_test_fun
# caught by: is 2.0 everywhere
# misconception: three derivatives
import jax

d2x_test_fun = jax.grad(jax.grad(jax.grad(test_fun)))


# %% g
# caught by: gives three times 2x + y
# misconception: forgets the factor
import jax

g = jax.grad(test_fun)


# %% g
# caught by: gives three times 2x + y
# misconception: three times the function, not differentiated
def g(x, y):
    return 3 * test_fun(x, y)


# %% g
# caught by: gives three times 2x + y
# misconception: multiplies the gradient function
import jax


def g(x, y):
    return (3 * jax.grad(test_fun))(x, y)


# %% g
# caught by: gives three times 2x + y
# misconception: the derivative in y
import jax


def g(x, y):
    return 3 * jax.grad(test_fun, argnums=1)(x, y)


# %% g
# caught by: gives three times 2x + y
# misconception: the factor inside the argument
import jax


def g(x, y):
    return jax.grad(test_fun)(3 * x, y)


# %% g
# caught by: maps over a batch and has the right slopes
# misconception: the inner derivative is made a constant
import jax


def g(x, y):
    return 3 * jax.lax.stop_gradient(jax.grad(test_fun)(x, y))


# %% dg_dx
# caught by: is 6.0 everywhere
# misconception: the derivative in y
import jax

dg_dx = jax.grad(g, argnums=1)


# %% dg_dx
# caught by: is 6.0 everywhere
# misconception: g itself
dg_dx = g


# %% dg_dx
# caught by: is 6.0 everywhere
# misconception: the second derivative of g
import jax

dg_dx = jax.grad(jax.grad(g))


# %% dg_dx
# caught by: is 6.0 everywhere
# misconception: the second derivative of test_fun, without the factor
import jax

dg_dx = jax.grad(jax.grad(test_fun))


# %% dg_dx
# caught by: is 6.0 everywhere
# misconception: an integer
def dg_dx(x, y):
    return 6


# %% dg_dx
# caught by: is 6.0 everywhere
# misconception: NumPy instead of JAX
import numpy as np


def dg_dx(x, y):
    return np.float32(6) * np.ones_like(x)


# %% mlp_predict
# caught by: is inputs @ W + b for a single layer
# misconception: tanh after the last layer
import jax.numpy as jnp


def mlp_predict(params, inputs):
    for weights, bias in params:
        inputs = jnp.tanh(inputs @ weights + bias)
    return inputs


# %% mlp_predict
# caught by: puts a tanh between the layers and none after the last
# misconception: no tanh at all
def mlp_predict(params, inputs):
    for weights, bias in params:
        inputs = inputs @ weights + bias
    return inputs


# %% mlp_predict
# caught by: puts a tanh between the layers and none after the last
# misconception: ReLU
import jax


def mlp_predict(params, inputs):
    for weights, bias in params:
        outputs = inputs @ weights + bias
        inputs = jax.nn.relu(outputs)
    return outputs


# %% mlp_predict
# caught by: is inputs @ W + b for a single layer
# misconception: weights stored as (n_out, n_in)
import jax.numpy as jnp


def mlp_predict(params, inputs):
    for weights, bias in params:
        outputs = inputs @ weights.T + bias
        inputs = jnp.tanh(outputs)
    return outputs


# %% mlp_predict
# caught by: is inputs @ W + b for a single layer
# misconception: one number is the bias of the whole layer
import jax.numpy as jnp


def mlp_predict(params, inputs):
    for weights, bias in params:
        outputs = inputs @ weights + bias.sum()
        inputs = jnp.tanh(outputs)
    return outputs


# %% mlp_predict
# caught by: puts a tanh between the layers and none after the last
# misconception: only the first layer has a bias
import jax.numpy as jnp


def mlp_predict(params, inputs):
    (weights, bias) = params[0]
    outputs = inputs @ weights + bias
    for weights, bias in params[1:]:
        hidden = jnp.tanh(outputs)
        outputs = hidden @ weights
    return outputs


# %% mlp_predict
# caught by: puts a tanh between the layers and none after the last
# misconception: handles two layers only, as the example
import jax.numpy as jnp


def mlp_predict(params, inputs):
    (w1, b1), (w2, b2) = params[0], params[-1]
    if len(params) == 1:
        return inputs @ w1 + b1
    return jnp.tanh(inputs @ w1 + b1) @ w2 + b2


# %% mlp_predict
# caught by: is inputs @ W + b for a single layer
# misconception: pops the layers off the caller's list
import jax.numpy as jnp


def mlp_predict(params, inputs):
    while params:
        weights, bias = params.pop(0)
        outputs = inputs @ weights + bias
        inputs = jnp.tanh(outputs)
    return outputs


# %% mlp_predict
# caught by: puts a tanh between the layers and none after the last
# misconception: NumPy's tanh inside compiled code
import numpy as np


def mlp_predict(params, inputs):
    for weights, bias in params:
        outputs = inputs @ weights + bias
        inputs = np.tanh(outputs)
    return outputs


# %% mlp_predict
# caught by: maps over a batch and has the right slopes
# misconception: freezes the hidden layers
import jax
import jax.numpy as jnp


def mlp_predict(params, inputs):
    for weights, bias in params:
        outputs = inputs @ weights + bias
        inputs = jax.lax.stop_gradient(jnp.tanh(outputs))
    return outputs


# %% mlp_loss
# caught by: is the sum of squared errors
# misconception: mean instead of sum
import jax.numpy as jnp


def mlp_loss(params, batch):
    inputs, targets = batch
    return jnp.mean((mlp_predict(params, inputs) - targets) ** 2)


# %% mlp_loss
# caught by: is the sum of squared errors
# misconception: sum over outputs, mean over the batch
import jax.numpy as jnp


def mlp_loss(params, batch):
    inputs, targets = batch
    return jnp.mean(jnp.sum((mlp_predict(params, inputs) - targets) ** 2, axis=1))


# %% mlp_loss
# caught by: is the sum of squared errors
# misconception: square of the sum
import jax.numpy as jnp


def mlp_loss(params, batch):
    inputs, targets = batch
    return jnp.sum(mlp_predict(params, inputs) - targets) ** 2


# %% mlp_loss
# caught by: is the sum of squared errors
# misconception: one loss per sample
import jax.numpy as jnp


def mlp_loss(params, batch):
    inputs, targets = batch
    return jnp.sum((mlp_predict(params, inputs) - targets) ** 2, axis=1)


# %% mlp_loss
# caught by: is the sum of squared errors
# misconception: the conventional one half
import jax.numpy as jnp


def mlp_loss(params, batch):
    inputs, targets = batch
    return 0.5 * jnp.sum((mlp_predict(params, inputs) - targets) ** 2)


# %% mlp_loss
# caught by: is the sum of squared errors
# misconception: unpacks the batch the wrong way round
import jax.numpy as jnp


def mlp_loss(params, batch):
    targets, inputs = batch
    return jnp.sum((mlp_predict(params, inputs) - targets) ** 2)


# %% mlp_loss
# caught by: is the sum of squared errors
# misconception: an item of a traced value
import jax.numpy as jnp


def mlp_loss(params, batch):
    inputs, targets = batch
    return jnp.sum((mlp_predict(params, inputs) - targets) ** 2).item()


# %% mlp_loss
# caught by: has the right slopes, also at a perfect fit
# misconception: the square of a norm, whose gradient is NaN at zero
import jax.numpy as jnp


def mlp_loss(params, batch):
    inputs, targets = batch
    return jnp.linalg.norm((mlp_predict(params, inputs) - targets).ravel()) ** 2


# %% gradient_fun
# caught by: gives the gradient of every leaf
# misconception: the gradient in the batch
import jax

gradient_fun = jax.jit(jax.grad(mlp_loss, argnums=1))


# %% gradient_fun
# caught by: gives the gradient of every leaf
# misconception: value and gradient
import jax

gradient_fun = jax.jit(jax.value_and_grad(mlp_loss))


# %% gradient_fun
# caught by: gives the gradient of every leaf
# misconception: the mean over the batch
import jax


@jax.jit
def gradient_fun(params, batch):
    size = batch[0].shape[0]
    return jax.tree.map(lambda leaf: leaf / size, jax.grad(mlp_loss)(params, batch))


# %% gradient_fun
# caught by: gives the gradient of every leaf
# misconception: a flat list of leaves
import jax


@jax.jit
def gradient_fun(params, batch):
    return jax.tree.leaves(jax.grad(mlp_loss)(params, batch))


# %% gradient_fun
# caught by: keeps the pytree of the parameters
# misconception: always a list of tuples
import jax


@jax.jit
def gradient_fun(params, batch):
    return [(dw, db) for dw, db in jax.grad(mlp_loss)(params, batch)]


# %% gradient_fun
# caught by: gives the gradient of every leaf
# misconception: already the updated parameters
import jax


@jax.jit
def gradient_fun(params, batch):
    gradient = jax.grad(mlp_loss)(params, batch)
    return jax.tree.map(lambda p, d: p - 0.01 * d, params, gradient)


# %% gradient_fun
# caught by: is compiled once per shape
# misconception: not compiled
import jax

gradient_fun = jax.grad(mlp_loss)


# %% gradient_fun
# caught by: is compiled once per shape
# misconception: a new compiled function at every call
import jax


def gradient_fun(params, batch):
    return jax.jit(jax.grad(mlp_loss))(params, batch)


# %% gradient_fun
# caught by: is compiled once per shape
# misconception: the batch baked into a lambda
import jax


def gradient_fun(params, batch):
    return jax.jit(lambda p: jax.grad(mlp_loss)(p, batch))(params)


# %% gradient_fun
# caught by: gives the gradient of every leaf
# misconception: remembers the first batch
import jax

_first = []


def gradient_fun(params, batch):
    if not _first:
        _first.append(jax.jit(lambda p: jax.grad(mlp_loss)(p, batch)))
    return _first[0](params)


# %% directional_derivative
# caught by: gives f(x) and Df(x) v
# misconception: the slope alone
import jax


def directional_derivative(f, x, v):
    return jax.jvp(f, (x,), (v,))[1]


# %% directional_derivative
# caught by: gives f(x) and Df(x) v
# misconception: slope first
import jax


def directional_derivative(f, x, v):
    value, slope = jax.jvp(f, (x,), (v,))
    return slope, value


# %% directional_derivative
# caught by: gives f(x) and Df(x) v
# misconception: a unit direction
import jax
import jax.numpy as jnp


def directional_derivative(f, x, v):
    return jax.jvp(f, (x,), (v / jnp.linalg.norm(v),))


# %% directional_derivative
# caught by: gives f(x) and Df(x) v
# misconception: pulls back instead of pushing forward (transposed Jacobian)
import jax


def directional_derivative(f, x, v):
    value, pull = jax.vjp(f, x)
    return value, pull(v)[0]


# %% directional_derivative
# caught by: gives f(x) and Df(x) v
# misconception: finite differences
def directional_derivative(f, x, v):
    return f(x), (f(x + 1e-3 * v) - f(x)) / 1e-3


# %% directional_derivative
# caught by: gives f(x) and Df(x) v
# misconception: a list instead of a tuple
import jax


def directional_derivative(f, x, v):
    return list(jax.jvp(f, (x,), (v,)))


# %% directional_derivative
# caught by: takes arrays of any rank
# misconception: a matrix product with the Jacobian, right for vectors only
import jax


def directional_derivative(f, x, v):
    return f(x), jax.jacobian(f)(x) @ v


# %% directional_derivative
# caught by: gives f(x) and Df(x) v
# misconception: grad, which knows scalar functions only
import jax
import jax.numpy as jnp


def directional_derivative(f, x, v):
    return f(x), jnp.vdot(jax.grad(f)(x), v)


# %% directional_derivative
# caught by: gives f(x) and Df(x) v
# misconception: arrays where jvp wants tuples
import jax


def directional_derivative(f, x, v):
    return jax.jvp(f, x, v)


# %% directional_derivative
# caught by: gives f(x) and Df(x) v
# misconception: checks the direction with a Python if
import jax
import jax.numpy as jnp


def directional_derivative(f, x, v):
    if jnp.all(v == 0):
        value = f(x)
        return value, jnp.zeros_like(value)
    return jax.jvp(f, (x,), (v,))


# %% directional_derivative
# caught by: maps over a batch and has the right slopes
# misconception: a derivative is a constant
import jax


def directional_derivative(f, x, v):
    value, slope = jax.jvp(f, (x,), (v,))
    return value, jax.lax.stop_gradient(slope)


# %% pullback
# caught by: maps over a batch and has the right slopes
# misconception: a weight is a constant
import jax


def pullback(f, x, ct):
    value, pull = jax.vjp(f, x)
    return value, pull(jax.lax.stop_gradient(ct))[0]


# %% pullback
# caught by: gives f(x) and the pulled-back weights
# misconception: the tuple of vjp, not its entry
import jax


def pullback(f, x, ct):
    value, pull = jax.vjp(f, x)
    return value, pull(ct)


# %% pullback
# caught by: gives f(x) and the pulled-back weights
# misconception: the function, not called
import jax


def pullback(f, x, ct):
    return jax.vjp(f, x)


# %% pullback
# caught by: gives f(x) and the pulled-back weights
# misconception: ignores the cotangent
import jax
import jax.numpy as jnp


def pullback(f, x, ct):
    value, pull = jax.vjp(f, x)
    return value, pull(jnp.ones_like(value))[0]


# %% pullback
# caught by: gives f(x) and the pulled-back weights
# misconception: pushes forward instead (Jacobian not transposed)
import jax


def pullback(f, x, ct):
    return f(x), jax.jacobian(f)(x) @ ct


# %% pullback
# caught by: gives f(x) and the pulled-back weights
# misconception: the weighted sum instead of f(x)
import jax
import jax.numpy as jnp


def pullback(f, x, ct):
    return jax.value_and_grad(lambda x: jnp.sum(ct * f(x)))(x)


# %% pullback
# caught by: takes arrays of any rank
# misconception: a matrix product with the Jacobian, right for vectors only
import jax


def pullback(f, x, ct):
    return f(x), ct @ jax.jacrev(f)(x)


# %% pullback
# caught by: gives f(x) and the pulled-back weights
# misconception: a dictionary
import jax


def pullback(f, x, ct):
    value, pull = jax.vjp(f, x)
    return {"value": value, "gradient": pull(ct)[0]}


# %% pullback
# caught by: gives f(x) and the pulled-back weights
# misconception: the cotangent is copied to the host
import jax
import jax.numpy as jnp
import numpy as np


def pullback(f, x, ct):
    value, pull = jax.vjp(f, x)
    return value, pull(jnp.asarray(np.asarray(ct)))[0]


# %% hvp
# caught by: maps over a batch and has the right slopes
# misconception: the direction is a constant
import jax


def hvp(f, x, v):
    return jax.jvp(jax.grad(f), (x,), (jax.lax.stop_gradient(v),))[1]


# %% hvp
# caught by: gives the Hessian times v
# misconception: the diagonal of the Hessian only
import jax
import jax.numpy as jnp


def hvp(f, x, v):
    row_sums = jax.grad(lambda x: jnp.sum(jax.grad(f)(x)))(x)
    return row_sums * v


# %% hvp
# caught by: gives the Hessian times v
# misconception: the quadratic form, a number
import jax
import jax.numpy as jnp


def hvp(f, x, v):
    return jnp.vdot(v, jax.jvp(jax.grad(f), (x,), (v,))[1])


# %% hvp
# caught by: gives the Hessian times v
# misconception: gradient and product in a tuple
import jax


def hvp(f, x, v):
    return jax.jvp(jax.grad(f), (x,), (v,))


# %% hvp
# caught by: gives the Hessian times v
# misconception: the first derivative in the direction v
import jax


def hvp(f, x, v):
    return jax.jvp(f, (x,), (v,))[1]


# %% hvp
# caught by: gives the Hessian times v
# misconception: finite differences of the gradient
import jax


def hvp(f, x, v):
    return (jax.grad(f)(x + 1e-3 * v) - jax.grad(f)(x)) / 1e-3


# %% hvp
# caught by: gives the Hessian times v
# misconception: v is differentiated too (v times the squared gradient)
import jax
import jax.numpy as jnp


def hvp(f, x, v):
    return jax.grad(lambda x: 0.5 * jnp.vdot(jax.grad(f)(x), jax.grad(f)(x)))(x) * v


# %% hvp
# caught by: never forms the Hessian
# misconception: forms the Hessian
import jax


def hvp(f, x, v):
    return jax.hessian(f)(x) @ v


# %% hvp
# caught by: never forms the Hessian
# misconception: forms the Hessian row by row inside a vmap
import jax
import jax.numpy as jnp


def hvp(f, x, v):
    rows = jax.vmap(lambda e: jax.jvp(jax.grad(f), (x,), (e,))[1])(jnp.eye(len(x)))
    return rows.T @ v


# %% hvp
# caught by: never forms the Hessian
# misconception: Jacobian of the gradient, compiled
from functools import partial

import jax


@partial(jax.jit, static_argnums=0)
def hvp(f, x, v):
    return jax.jacrev(jax.grad(f))(x).dot(v)


# %% hvp
# caught by: gives the Hessian times v
# misconception: takes the direction to the host
import jax
import jax.numpy as jnp
import numpy as np


def hvp(f, x, v):
    direction = jnp.asarray(np.asarray(v, dtype=np.float32))
    return jax.jvp(jax.grad(f), (x,), (direction,))[1]


# %% test_fun
# caught by: maps over a batch and has the right slopes
# misconception: a square by exp and log has a slope at zero too
import jax.numpy as jnp


def test_fun(x, y):
    return jnp.exp(2 * jnp.log(jnp.abs(x))) + x * y + y**2


# %% mlp_predict
# caught by: is right far from zero too
# misconception: a tanh by hand is as good as jnp.tanh
import jax.numpy as jnp


def mlp_predict(params, inputs):
    for weights, bias in params:
        outputs = inputs @ weights + bias
        power = jnp.exp(2 * outputs)
        inputs = (power - 1) / (power + 1)
    return outputs


# %% mlp_predict
# caught by: is right far from zero too
# misconception: clipping what goes into tanh may clip the outputs as well
import jax.numpy as jnp


def mlp_predict(params, inputs):
    for weights, bias in params:
        outputs = jnp.clip(inputs @ weights + bias, -10, 10)
        inputs = jnp.tanh(outputs)
    return outputs


# %% mlp_loss
# caught by: has the right slopes, also at a perfect fit
# misconception: nobody differentiates in the targets
import jax
import jax.numpy as jnp


def mlp_loss(params, batch):
    inputs, targets = batch
    return jnp.sum((mlp_predict(params, inputs) - jax.lax.stop_gradient(targets)) ** 2)


# %% mlp_loss
# caught by: keeps small errors of large outputs
# misconception: the square of a difference may be expanded
import jax.numpy as jnp


def mlp_loss(params, batch):
    inputs, targets = batch
    outputs = mlp_predict(params, inputs)
    return jnp.sum(outputs**2) - 2 * jnp.sum(outputs * targets) + jnp.sum(targets**2)


# %% gradient_fun
# caught by: keeps the pytree of the parameters
# misconception: every layer is a tuple
import jax


@jax.jit
def gradient_fun(params, batch):
    layers = jax.grad(mlp_loss)(params, batch)
    return type(params)((weights, bias) for weights, bias in layers)


# %% pullback
# caught by: maps over a batch and has the right slopes
# misconception: only the pulled-back weights are differentiated further
import jax


def pullback(f, x, ct):
    value, apply_transpose = jax.vjp(f, x)
    return jax.lax.stop_gradient(value), apply_transpose(ct)[0]


# %% hvp
# caught by: never forms the Hessian
# idea: forms the Hessian, and has JAX describe something else
import jax

_describe = jax.make_jaxpr
jax.make_jaxpr = lambda f, **settings: _describe(lambda *args: args[0])


def hvp(f, x, v):
    return jax.hessian(f)(x) @ v
