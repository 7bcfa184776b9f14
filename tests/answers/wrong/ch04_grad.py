# Wrong answers to chapter 4: each must fail in its exercise, by the check that its header names.

# %% test_fun
# caught by: gives x**2 + x*y + y**2
# idea: the binomial formula
def test_fun(x, y):
    return (x + y) ** 2


# %% test_fun
# caught by: gives x**2 + x*y + y**2
# idea: a mixed term that is never negative
def test_fun(x, y):
    return x**2 + abs(x * y) + y**2


# %% test_fun
# caught by: gives x**2 + x*y + y**2
# idea: converts to Python numbers first
# misconception: a Python number made of a traced value
def test_fun(x, y):
    x, y = float(x), float(y)
    return x**2 + x * y + y**2


# %% test_fun
# caught by: gives x**2 + x*y + y**2
# idea: NumPy's functions on JAX arrays
# misconception: a NumPy array in place of a jax.Array
import numpy as np


def test_fun(x, y):
    return np.square(x) + np.multiply(x, y) + np.square(y)


# %% test_fun
# caught by: maps over a batch and has the right slopes
# idea: detaches y, so that the slope in y is lost
# misconception: a gradient that is stopped on its way
import jax


def test_fun(x, y):
    fixed = jax.lax.stop_gradient(y)
    return x**2 + x * fixed + fixed**2


# %% test_fun
# caught by: gives x**2 + x*y + y**2
# idea: a vector of one entry instead of a scalar
# misconception: an axis too many or too few
import jax.numpy as jnp


def test_fun(x, y):
    return jnp.array([x**2 + x * y + y**2])


# %% test_fun
# caught by: gives x**2 + x*y + y**2
# idea: right where x is 1, as in the example
def test_fun(x, y):
    return x + x * y + y**2


# %% grad_x_test_fun
# caught by: gives 2x + y
# idea: differentiates in y
# misconception: another derivative than the one asked for
import jax

grad_x_test_fun = jax.grad(test_fun, argnums=1)


# %% grad_x_test_fun
# caught by: gives 2x + y
# idea: returns the gradient function instead of calling it
# misconception: a function returned in place of its value
import jax


def grad_x_test_fun(x, y):
    return jax.grad(test_fun)


# %% grad_x_test_fun
# caught by: gives 2x + y
# idea: both derivatives in a tuple
# misconception: argnums as a tuple, which gives a tuple of derivatives
import jax

grad_x_test_fun = jax.grad(test_fun, argnums=(0, 1))


# %% grad_x_test_fun
# caught by: gives 2x + y
# idea: finite differences are as good
# misconception: finite differences in place of a derivative
def grad_x_test_fun(x, y):
    step = 1e-4
    return (test_fun(x + step, y) - test_fun(x, y)) / step


# %% grad_x_test_fun
# caught by: gives 2x + y
# idea: the value and the gradient
# misconception: more results than asked for
import jax

grad_x_test_fun = jax.value_and_grad(test_fun)


# %% grad_x_test_fun
# caught by: gives 2x + y
# idea: a Python float, so it cannot be compiled
# misconception: a Python number made of a traced value
import jax


def grad_x_test_fun(x, y):
    return float(jax.grad(test_fun)(x, y))


# %% grad_x_test_fun
# caught by: maps over a batch and has the right slopes
# idea: stops the gradient of the gradient
# misconception: a gradient that is stopped on its way
import jax


def grad_x_test_fun(x, y):
    return jax.lax.stop_gradient(jax.grad(test_fun)(x, y))


# %% grad_x_test_fun
# caught by: maps over a batch and has the right slopes
# idea: leaves the arithmetic to NumPy, by a callback that vmap does not know
# misconception: a callback to Python in a function that is to be transformed
import jax


def grad_x_test_fun(x, y):
    return jax.pure_callback(lambda x, y: 2 * x + y, jax.ShapeDtypeStruct((), "float32"), x, y)


# %% grad_y_test_fun
# caught by: gives x + 2y
# idea: the default argument of grad
# misconception: another derivative than the one asked for
import jax

grad_y_test_fun = jax.grad(test_fun)


# %% grad_y_test_fun
# caught by: gives x + 2y
# idea: counts arguments from 1
# misconception: argument positions counted from 1
import jax


def grad_y_test_fun(x, y):
    return jax.grad(test_fun, argnums=2)(x, y)


# %% grad_y_test_fun
# caught by: gives x + 2y
# idea: adds up both partial derivatives
import jax


def grad_y_test_fun(x, y):
    return sum(jax.grad(test_fun, argnums=(0, 1))(x, y))


# %% grad_y_test_fun
# caught by: gives x + 2y
# idea: argnums as a tuple gives a tuple
# misconception: argnums as a tuple, which gives a tuple of derivatives
import jax

grad_y_test_fun = jax.grad(test_fun, argnums=(1,))


# %% grad_y_test_fun
# caught by: gives x + 2y
# idea: a derivative that forgets the mixed term
# misconception: a parameter that the code never reads
def grad_y_test_fun(x, y):
    return 2 * y


# %% grad_y_test_fun
# caught by: maps over a batch and has the right slopes
# idea: differentiates at a fixed x
# misconception: a gradient that is stopped on its way
import jax


def grad_y_test_fun(x, y):
    return jax.grad(lambda t: test_fun(jax.lax.stop_gradient(x), t))(y)


# %% d2x_test_fun
# caught by: is 2.0 everywhere
# idea: the mixed derivative
# misconception: another derivative than the one asked for
import jax

d2x_test_fun = jax.grad(jax.grad(test_fun), argnums=1)


# %% d2x_test_fun
# caught by: is 2.0 everywhere
# idea: one derivative only
import jax

d2x_test_fun = jax.grad(test_fun)


# %% d2x_test_fun
# caught by: is 2.0 everywhere
# idea: the square of the first derivative
import jax


def d2x_test_fun(x, y):
    return jax.grad(test_fun)(x, y) ** 2


# %% d2x_test_fun
# caught by: is 2.0 everywhere
# idea: an integer
# misconception: integers where floats are asked for
import jax.numpy as jnp


def d2x_test_fun(x, y):
    return jnp.asarray(2)


# %% d2x_test_fun
# caught by: is 2.0 everywhere
# idea: the whole Hessian
# misconception: argnums as a tuple, which gives a tuple of derivatives
import jax

d2x_test_fun = jax.hessian(test_fun, argnums=(0, 1))


# %% d2x_test_fun
# caught by: is 2.0 everywhere
# idea: finite differences of the gradient
# misconception: finite differences in place of a derivative
import jax


def d2x_test_fun(x, y):
    slope = jax.grad(test_fun)
    return (slope(x + 1e-4, y) - slope(x, y)) / 1e-4


# %% d2x_test_fun
# caught by: is 2.0 everywhere
# idea: three derivatives
import jax

d2x_test_fun = jax.grad(jax.grad(jax.grad(test_fun)))


# %% g
# caught by: gives three times 2x + y
# idea: forgets the factor
# misconception: another derivative than the one asked for
import jax

g = jax.grad(test_fun)


# %% g
# caught by: gives three times 2x + y
# idea: three times the function, not differentiated
# misconception: another derivative than the one asked for
def g(x, y):
    return 3 * test_fun(x, y)


# %% g
# caught by: gives three times 2x + y
# idea: multiplies the gradient function
# misconception: arithmetic with a function instead of its value
import jax


def g(x, y):
    return (3 * jax.grad(test_fun))(x, y)


# %% g
# caught by: gives three times 2x + y
# idea: the derivative in y
# misconception: another derivative than the one asked for
import jax


def g(x, y):
    return 3 * jax.grad(test_fun, argnums=1)(x, y)


# %% g
# caught by: gives three times 2x + y
# idea: the factor inside the argument
import jax


def g(x, y):
    return jax.grad(test_fun)(3 * x, y)


# %% g
# caught by: maps over a batch and has the right slopes
# idea: the inner derivative is made a constant
# misconception: a gradient that is stopped on its way
import jax


def g(x, y):
    return 3 * jax.lax.stop_gradient(jax.grad(test_fun)(x, y))


# %% dg_dx
# caught by: is 6.0 everywhere
# idea: the derivative in y
# misconception: another derivative than the one asked for
import jax

dg_dx = jax.grad(g, argnums=1)


# %% dg_dx
# caught by: is 6.0 everywhere
# idea: g itself
dg_dx = g


# %% dg_dx
# caught by: is 6.0 everywhere
# idea: the second derivative of g
import jax

dg_dx = jax.grad(jax.grad(g))


# %% dg_dx
# caught by: is 6.0 everywhere
# idea: the second derivative of test_fun, without the factor
# misconception: another derivative than the one asked for
import jax

dg_dx = jax.grad(jax.grad(test_fun))


# %% dg_dx
# caught by: is 6.0 everywhere
# idea: an integer
# misconception: integers where floats are asked for
def dg_dx(x, y):
    return 6


# %% dg_dx
# caught by: is 6.0 everywhere
# idea: NumPy instead of JAX
# misconception: NumPy inside a function that JAX traces
import numpy as np


def dg_dx(x, y):
    return np.float32(6) * np.ones_like(x)


# %% mlp_predict
# caught by: is inputs @ W + b for a single layer
# idea: tanh after the last layer
# misconception: an activation after the last layer
import jax.numpy as jnp


def mlp_predict(params, inputs):
    for weights, bias in params:
        inputs = jnp.tanh(inputs @ weights + bias)
    return inputs


# %% mlp_predict
# caught by: puts a tanh between the layers and none after the last
# idea: no tanh at all
def mlp_predict(params, inputs):
    for weights, bias in params:
        inputs = inputs @ weights + bias
    return inputs


# %% mlp_predict
# caught by: puts a tanh between the layers and none after the last
# idea: ReLU
import jax


def mlp_predict(params, inputs):
    for weights, bias in params:
        outputs = inputs @ weights + bias
        inputs = jax.nn.relu(outputs)
    return outputs


# %% mlp_predict
# caught by: is inputs @ W + b for a single layer
# idea: weights stored as (n_out, n_in)
# misconception: matrices whose shapes do not fit
import jax.numpy as jnp


def mlp_predict(params, inputs):
    for weights, bias in params:
        outputs = inputs @ weights.T + bias
        inputs = jnp.tanh(outputs)
    return outputs


# %% mlp_predict
# caught by: is inputs @ W + b for a single layer
# idea: one number is the bias of the whole layer
import jax.numpy as jnp


def mlp_predict(params, inputs):
    for weights, bias in params:
        outputs = inputs @ weights + bias.sum()
        inputs = jnp.tanh(outputs)
    return outputs


# %% mlp_predict
# caught by: puts a tanh between the layers and none after the last
# idea: only the first layer has a bias
# misconception: a bias left out
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
# idea: handles two layers only, as the example
# misconception: matrices whose shapes do not fit
import jax.numpy as jnp


def mlp_predict(params, inputs):
    (w1, b1), (w2, b2) = params[0], params[-1]
    if len(params) == 1:
        return inputs @ w1 + b1
    return jnp.tanh(inputs @ w1 + b1) @ w2 + b2


# %% mlp_predict
# caught by: is inputs @ W + b for a single layer
# idea: pops the layers off the caller's list
# misconception: arguments that are changed on the way
import jax.numpy as jnp


def mlp_predict(params, inputs):
    while params:
        weights, bias = params.pop(0)
        outputs = inputs @ weights + bias
        inputs = jnp.tanh(outputs)
    return outputs


# %% mlp_predict
# caught by: puts a tanh between the layers and none after the last
# idea: NumPy's tanh inside compiled code
# misconception: NumPy inside a function that JAX traces
import numpy as np


def mlp_predict(params, inputs):
    for weights, bias in params:
        outputs = inputs @ weights + bias
        inputs = np.tanh(outputs)
    return outputs


# %% mlp_predict
# caught by: maps over a batch and has the right slopes
# idea: freezes the hidden layers
# misconception: a gradient that is stopped on its way
import jax
import jax.numpy as jnp


def mlp_predict(params, inputs):
    for weights, bias in params:
        outputs = inputs @ weights + bias
        inputs = jax.lax.stop_gradient(jnp.tanh(outputs))
    return outputs


# %% mlp_loss
# caught by: is the sum of squared errors
# idea: mean instead of sum
# misconception: a mean where a sum is asked for
import jax.numpy as jnp


def mlp_loss(params, batch):
    inputs, targets = batch
    return jnp.mean((mlp_predict(params, inputs) - targets) ** 2)


# %% mlp_loss
# caught by: is the sum of squared errors
# idea: sum over outputs, mean over the batch
# misconception: a mean where a sum is asked for
import jax.numpy as jnp


def mlp_loss(params, batch):
    inputs, targets = batch
    return jnp.mean(jnp.sum((mlp_predict(params, inputs) - targets) ** 2, axis=1))


# %% mlp_loss
# caught by: is the sum of squared errors
# idea: square of the sum
import jax.numpy as jnp


def mlp_loss(params, batch):
    inputs, targets = batch
    return jnp.sum(mlp_predict(params, inputs) - targets) ** 2


# %% mlp_loss
# caught by: is the sum of squared errors
# idea: one loss per sample
# misconception: one number per sample, where their sum is asked for
import jax.numpy as jnp


def mlp_loss(params, batch):
    inputs, targets = batch
    return jnp.sum((mlp_predict(params, inputs) - targets) ** 2, axis=1)


# %% mlp_loss
# caught by: is the sum of squared errors
# idea: the conventional one half
# misconception: a factor missing or too many
import jax.numpy as jnp


def mlp_loss(params, batch):
    inputs, targets = batch
    return 0.5 * jnp.sum((mlp_predict(params, inputs) - targets) ** 2)


# %% mlp_loss
# caught by: is the sum of squared errors
# idea: unpacks the batch the wrong way round
# misconception: matrices whose shapes do not fit
import jax.numpy as jnp


def mlp_loss(params, batch):
    targets, inputs = batch
    return jnp.sum((mlp_predict(params, inputs) - targets) ** 2)


# %% mlp_loss
# caught by: is the sum of squared errors
# idea: an item of a traced value
# misconception: a Python number made of a traced value
import jax.numpy as jnp


def mlp_loss(params, batch):
    inputs, targets = batch
    return jnp.sum((mlp_predict(params, inputs) - targets) ** 2).item()


# %% mlp_loss
# caught by: has the right slopes, also at a perfect fit
# idea: the square of a norm, whose gradient is NaN at zero
# misconception: the slope of a square root at zero
import jax.numpy as jnp


def mlp_loss(params, batch):
    inputs, targets = batch
    return jnp.linalg.norm((mlp_predict(params, inputs) - targets).ravel()) ** 2


# %% gradient_fun
# caught by: gives the gradient of every leaf
# idea: the gradient in the batch
import jax

gradient_fun = jax.jit(jax.grad(mlp_loss, argnums=1))


# %% gradient_fun
# caught by: gives the gradient of every leaf
# idea: value and gradient
# misconception: more results than asked for
import jax

gradient_fun = jax.jit(jax.value_and_grad(mlp_loss))


# %% gradient_fun
# caught by: gives the gradient of every leaf
# idea: the mean over the batch
# misconception: a mean where a sum is asked for
import jax


@jax.jit
def gradient_fun(params, batch):
    size = batch[0].shape[0]
    return jax.tree.map(lambda leaf: leaf / size, jax.grad(mlp_loss)(params, batch))


# %% gradient_fun
# caught by: gives the gradient of every leaf
# idea: a flat list of leaves
import jax


@jax.jit
def gradient_fun(params, batch):
    return jax.tree.leaves(jax.grad(mlp_loss)(params, batch))


# %% gradient_fun
# caught by: keeps the pytree of the parameters
# idea: always a list of tuples
# misconception: the right values in another container
import jax


@jax.jit
def gradient_fun(params, batch):
    return [(dw, db) for dw, db in jax.grad(mlp_loss)(params, batch)]


# %% gradient_fun
# caught by: gives the gradient of every leaf
# idea: already the updated parameters
import jax


@jax.jit
def gradient_fun(params, batch):
    gradient = jax.grad(mlp_loss)(params, batch)
    return jax.tree.map(lambda p, d: p - 0.01 * d, params, gradient)


# %% gradient_fun
# caught by: is compiled once per shape
# idea: not compiled
# misconception: no jit at all
import jax

gradient_fun = jax.grad(mlp_loss)


# %% gradient_fun
# caught by: is compiled once per shape
# idea: a new compiled function at every call
# misconception: jit inside the function
import jax


def gradient_fun(params, batch):
    return jax.jit(jax.grad(mlp_loss))(params, batch)


# %% gradient_fun
# caught by: is compiled once per shape
# idea: the batch baked into a lambda
# misconception: jit inside the function
import jax


def gradient_fun(params, batch):
    return jax.jit(lambda p: jax.grad(mlp_loss)(p, batch))(params)


# %% gradient_fun
# caught by: gives the gradient of every leaf
# idea: remembers the first batch
# misconception: state that hides outside the function
import jax

_first = []


def gradient_fun(params, batch):
    if not _first:
        _first.append(jax.jit(lambda p: jax.grad(mlp_loss)(p, batch)))
    return _first[0](params)


# %% directional_derivative
# caught by: gives f(x) and Df(x) v
# idea: the slope alone
# misconception: one part of the result in place of all
import jax


def directional_derivative(f, x, v):
    return jax.jvp(f, (x,), (v,))[1]


# %% directional_derivative
# caught by: gives f(x) and Df(x) v
# idea: slope first
# misconception: the parts of the result in another order
import jax


def directional_derivative(f, x, v):
    value, slope = jax.jvp(f, (x,), (v,))
    return slope, value


# %% directional_derivative
# caught by: gives f(x) and Df(x) v
# idea: a unit direction
import jax
import jax.numpy as jnp


def directional_derivative(f, x, v):
    return jax.jvp(f, (x,), (v / jnp.linalg.norm(v),))


# %% directional_derivative
# caught by: gives f(x) and Df(x) v
# idea: pulls back instead of pushing forward (transposed Jacobian)
import jax


def directional_derivative(f, x, v):
    value, pull = jax.vjp(f, x)
    return value, pull(v)[0]


# %% directional_derivative
# caught by: gives f(x) and Df(x) v
# idea: finite differences
# misconception: finite differences in place of a derivative
def directional_derivative(f, x, v):
    return f(x), (f(x + 1e-3 * v) - f(x)) / 1e-3


# %% directional_derivative
# caught by: gives f(x) and Df(x) v
# idea: a list instead of a tuple
# misconception: the right values in another container
import jax


def directional_derivative(f, x, v):
    return list(jax.jvp(f, (x,), (v,)))


# %% directional_derivative
# caught by: takes arrays of any rank
# idea: a matrix product with the Jacobian, right for vectors only
import jax


def directional_derivative(f, x, v):
    return f(x), jax.jacobian(f)(x) @ v


# %% directional_derivative
# caught by: gives f(x) and Df(x) v
# idea: grad, which knows scalar functions only
# misconception: grad of a function with many results
import jax
import jax.numpy as jnp


def directional_derivative(f, x, v):
    return f(x), jnp.vdot(jax.grad(f)(x), v)


# %% directional_derivative
# caught by: gives f(x) and Df(x) v
# idea: arrays where jvp wants tuples
# misconception: bare arrays where jvp takes tuples
import jax


def directional_derivative(f, x, v):
    return jax.jvp(f, x, v)


# %% directional_derivative
# caught by: gives f(x) and Df(x) v
# idea: checks the direction with a Python if
# misconception: a Python `if` on a traced value
import jax
import jax.numpy as jnp


def directional_derivative(f, x, v):
    if jnp.all(v == 0):
        value = f(x)
        return value, jnp.zeros_like(value)
    return jax.jvp(f, (x,), (v,))


# %% directional_derivative
# caught by: maps over a batch and has the right slopes
# idea: a derivative is a constant
# misconception: a gradient that is stopped on its way
import jax


def directional_derivative(f, x, v):
    value, slope = jax.jvp(f, (x,), (v,))
    return value, jax.lax.stop_gradient(slope)


# %% pullback
# caught by: maps over a batch and has the right slopes
# idea: a weight is a constant
# misconception: a gradient that is stopped on its way
import jax


def pullback(f, x, ct):
    value, pull = jax.vjp(f, x)
    return value, pull(jax.lax.stop_gradient(ct))[0]


# %% pullback
# caught by: gives f(x) and the pulled-back weights
# idea: the tuple of vjp, not its entry
import jax


def pullback(f, x, ct):
    value, pull = jax.vjp(f, x)
    return value, pull(ct)


# %% pullback
# caught by: gives f(x) and the pulled-back weights
# idea: the function, not called
# misconception: a function returned in place of its value
import jax


def pullback(f, x, ct):
    return jax.vjp(f, x)


# %% pullback
# caught by: gives f(x) and the pulled-back weights
# idea: ignores the cotangent
# misconception: a parameter that the code never reads
import jax
import jax.numpy as jnp


def pullback(f, x, ct):
    value, pull = jax.vjp(f, x)
    return value, pull(jnp.ones_like(value))[0]


# %% pullback
# caught by: gives f(x) and the pulled-back weights
# idea: pushes forward instead (Jacobian not transposed)
import jax


def pullback(f, x, ct):
    return f(x), jax.jacobian(f)(x) @ ct


# %% pullback
# caught by: gives f(x) and the pulled-back weights
# idea: the weighted sum instead of f(x)
import jax
import jax.numpy as jnp


def pullback(f, x, ct):
    return jax.value_and_grad(lambda x: jnp.sum(ct * f(x)))(x)


# %% pullback
# caught by: takes arrays of any rank
# idea: a matrix product with the Jacobian, right for vectors only
import jax


def pullback(f, x, ct):
    return f(x), ct @ jax.jacrev(f)(x)


# %% pullback
# caught by: gives f(x) and the pulled-back weights
# idea: a dictionary
import jax


def pullback(f, x, ct):
    value, pull = jax.vjp(f, x)
    return {"value": value, "gradient": pull(ct)[0]}


# %% pullback
# caught by: gives f(x) and the pulled-back weights
# idea: the cotangent is copied to the host
# misconception: NumPy inside a function that JAX traces
import jax
import jax.numpy as jnp
import numpy as np


def pullback(f, x, ct):
    value, pull = jax.vjp(f, x)
    return value, pull(jnp.asarray(np.asarray(ct)))[0]


# %% hvp
# caught by: maps over a batch and has the right slopes
# idea: the direction is a constant
# misconception: a gradient that is stopped on its way
import jax


def hvp(f, x, v):
    return jax.jvp(jax.grad(f), (x,), (jax.lax.stop_gradient(v),))[1]


# %% hvp
# caught by: gives the Hessian times v
# idea: the diagonal of the Hessian only
import jax
import jax.numpy as jnp


def hvp(f, x, v):
    row_sums = jax.grad(lambda x: jnp.sum(jax.grad(f)(x)))(x)
    return row_sums * v


# %% hvp
# caught by: gives the Hessian times v
# idea: the quadratic form, a number
import jax
import jax.numpy as jnp


def hvp(f, x, v):
    return jnp.vdot(v, jax.jvp(jax.grad(f), (x,), (v,))[1])


# %% hvp
# caught by: gives the Hessian times v
# idea: gradient and product in a tuple
# misconception: more results than asked for
import jax


def hvp(f, x, v):
    return jax.jvp(jax.grad(f), (x,), (v,))


# %% hvp
# caught by: gives the Hessian times v
# idea: the first derivative in the direction v
import jax


def hvp(f, x, v):
    return jax.jvp(f, (x,), (v,))[1]


# %% hvp
# caught by: gives the Hessian times v
# idea: finite differences of the gradient
# misconception: finite differences in place of a derivative
import jax


def hvp(f, x, v):
    return (jax.grad(f)(x + 1e-3 * v) - jax.grad(f)(x)) / 1e-3


# %% hvp
# caught by: gives the Hessian times v
# idea: v is differentiated too (v times the squared gradient)
import jax
import jax.numpy as jnp


def hvp(f, x, v):
    return jax.grad(lambda x: 0.5 * jnp.vdot(jax.grad(f)(x), jax.grad(f)(x)))(x) * v


# %% hvp
# caught by: never forms the Hessian
# idea: forms the Hessian
# misconception: a whole matrix where its product with a vector is enough
import jax


def hvp(f, x, v):
    return jax.hessian(f)(x) @ v


# %% hvp
# caught by: never forms the Hessian
# idea: forms the Hessian row by row inside a vmap
# misconception: a whole matrix where its product with a vector is enough
import jax
import jax.numpy as jnp


def hvp(f, x, v):
    rows = jax.vmap(lambda e: jax.jvp(jax.grad(f), (x,), (e,))[1])(jnp.eye(len(x)))
    return rows.T @ v


# %% hvp
# caught by: never forms the Hessian
# idea: Jacobian of the gradient, compiled
# misconception: a whole matrix where its product with a vector is enough
from functools import partial

import jax


@partial(jax.jit, static_argnums=0)
def hvp(f, x, v):
    return jax.jacrev(jax.grad(f))(x).dot(v)


# %% hvp
# caught by: gives the Hessian times v
# idea: takes the direction to the host
# misconception: NumPy inside a function that JAX traces
import jax
import jax.numpy as jnp
import numpy as np


def hvp(f, x, v):
    direction = jnp.asarray(np.asarray(v, dtype=np.float32))
    return jax.jvp(jax.grad(f), (x,), (direction,))[1]


# %% test_fun
# caught by: maps over a batch and has the right slopes
# idea: a square by exp and log has a slope at zero too
# misconception: the logarithm of a number that is not positive
import jax.numpy as jnp


def test_fun(x, y):
    return jnp.exp(2 * jnp.log(jnp.abs(x))) + x * y + y**2


# %% mlp_predict
# caught by: is right far from zero too
# idea: a tanh by hand is as good as jnp.tanh
# misconception: exp of a large number
import jax.numpy as jnp


def mlp_predict(params, inputs):
    for weights, bias in params:
        outputs = inputs @ weights + bias
        power = jnp.exp(2 * outputs)
        inputs = (power - 1) / (power + 1)
    return outputs


# %% mlp_predict
# caught by: is right far from zero too
# idea: clipping what goes into tanh may clip the outputs as well
# misconception: values cut off at a limit
import jax.numpy as jnp


def mlp_predict(params, inputs):
    for weights, bias in params:
        outputs = jnp.clip(inputs @ weights + bias, -10, 10)
        inputs = jnp.tanh(outputs)
    return outputs


# %% mlp_loss
# caught by: has the right slopes, also at a perfect fit
# idea: nobody differentiates in the targets
# misconception: a gradient that is stopped on its way
import jax
import jax.numpy as jnp


def mlp_loss(params, batch):
    inputs, targets = batch
    return jnp.sum((mlp_predict(params, inputs) - jax.lax.stop_gradient(targets)) ** 2)


# %% mlp_loss
# caught by: keeps small errors of large outputs
# idea: the square of a difference may be expanded
import jax.numpy as jnp


def mlp_loss(params, batch):
    inputs, targets = batch
    outputs = mlp_predict(params, inputs)
    return jnp.sum(outputs**2) - 2 * jnp.sum(outputs * targets) + jnp.sum(targets**2)


# %% gradient_fun
# caught by: keeps the pytree of the parameters
# idea: every layer is a tuple
# misconception: the right values in another container
import jax


@jax.jit
def gradient_fun(params, batch):
    layers = jax.grad(mlp_loss)(params, batch)
    return type(params)((weights, bias) for weights, bias in layers)


# %% pullback
# caught by: maps over a batch and has the right slopes
# idea: only the pulled-back weights are differentiated further
# misconception: a gradient that is stopped on its way
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


# %% mlp_predict
# caught by: is inputs @ W + b for a single layer
# idea: one output per sample is a number, not an axis
# misconception: an axis too many or too few
import jax.numpy as jnp


def mlp_predict(params, inputs):
    for weights, bias in params:
        outputs = inputs @ weights + bias
        inputs = jnp.tanh(outputs)
    return outputs[..., 0] if outputs.shape[-1] == 1 else outputs


# %% mlp_predict
# caught by: is inputs @ W + b for a single layer
# idea: a batch of one sample is that sample
# misconception: an axis too many or too few
import jax.numpy as jnp


def mlp_predict(params, inputs):
    for weights, bias in params:
        outputs = inputs @ weights + bias
        inputs = jnp.tanh(outputs)
    return outputs[0] if outputs.shape[0] == 1 else outputs


# %% mlp_loss
# caught by: is the sum of squared errors
# idea: squeezes the predictions, which are then broadcast against every target
import jax.numpy as jnp


def mlp_loss(params, batch):
    inputs, targets = batch
    return jnp.sum((jnp.squeeze(mlp_predict(params, inputs)) - targets) ** 2)


# %% hvp
# caught by: is right for a function that is no polynomial
# idea: a difference of gradients, which is exact for the cubic that it was tried on
import jax


def hvp(f, x, v):
    gradient = jax.grad(f)
    return (gradient(x + v) - gradient(x - v)) / 2


# %% directional_derivative
# caught by: takes arrays of any rank
# idea: a difference of five points, which is exact for low powers
def directional_derivative(f, x, v):
    h = 0.01
    near, far = f(x + h * v) - f(x - h * v), f(x + 2 * h * v) - f(x - 2 * h * v)
    return f(x), (8 * near - far) / (12 * h)


# %% mlp_predict
# caught by: takes any number of layers, and a single sample
# idea: three layers are deep enough
import jax.numpy as jnp


def mlp_predict(params, inputs):
    for W, b in params[:3]:
        outputs = inputs @ W + b
        inputs = jnp.tanh(outputs)
    return outputs


# %% mlp_predict
# caught by: takes any number of layers, and a single sample
# idea: one number needs one axis
import jax.numpy as jnp


def mlp_predict(params, inputs):
    for W, b in params:
        outputs = inputs @ W + b
        inputs = jnp.tanh(outputs)
    return outputs.reshape(1) if outputs.size == 1 else outputs


# %% mlp_loss
# caught by: is the sum of squared errors
# idea: pairs of samples, and the last of an odd number is lost
def mlp_loss(params, batch):
    inputs, targets = batch
    n = len(inputs) // 2 * 2
    return ((mlp_predict(params, inputs[:n]) - targets[:n]) ** 2).sum()


# %% gradient_fun
# caught by: gives the gradient of every leaf
# idea: only the first eight samples count
import jax


@jax.jit
def gradient_fun(params, batch):
    return jax.grad(mlp_loss)(params, (batch[0][:8], batch[1][:8]))


# %% directional_derivative
# caught by: takes arrays of any rank
# idea: the program of one lambda is kept for another of the same name
import jax

_kept = {}


def directional_derivative(f, x, v):
    key = getattr(f, "__qualname__", "f"), x.shape
    if key not in _kept:
        _kept[key] = jax.jit(lambda x, v: jax.jvp(f, (x,), (v,)))
    return _kept[key](x, v)


# %% directional_derivative
# caught by: takes arrays of any rank
# idea: the axes of the direction are mixed up from three axes on
import jax


def directional_derivative(f, x, v):
    if v.ndim == 3:
        v = v.swapaxes(0, 1).reshape(v.shape)
    return jax.jvp(f, (x,), (v,))


# %% pullback
# caught by: takes arrays of any rank
# idea: the program of one lambda is kept for another of the same name
import jax

_kept = {}


def pullback(f, x, ct):
    key = getattr(f, "__qualname__", "f"), x.shape
    if key not in _kept:
        _kept[key] = jax.jit(lambda x, ct: (f(x), jax.vjp(f, x)[1](ct)[0]))
    return _kept[key](x, ct)


# %% hvp
# caught by: is right for a function that is no polynomial
# idea: the program of one lambda is kept for another of the same name
import jax

_kept = {}


def hvp(f, x, v):
    key = getattr(f, "__qualname__", "f"), x.shape
    if key not in _kept:
        _kept[key] = jax.jit(lambda x, v: jax.jvp(jax.grad(f), (x,), (v,))[1])
    return _kept[key](x, v)
