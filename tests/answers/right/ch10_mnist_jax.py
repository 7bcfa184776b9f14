# %% one_hot
# style: the function of jax.nn
import jax


def one_hot(labels, k):
    return jax.nn.one_hot(labels, k)


# %% one_hot
# style: scatters ones, and lets out-of-range indices drop
import jax.numpy as jnp


def one_hot(labels, k):
    labels = jnp.asarray(labels, jnp.int32)
    columns = jnp.where((labels >= 0) & (labels < k), labels, k)
    rows = jnp.arange(labels.shape[0])
    return jnp.zeros((labels.shape[0], k)).at[rows, columns].set(1.0, mode="drop")


# %% one_hot
# style: one label at a time, by vmap
import jax
import jax.numpy as jnp


def one_hot(labels, k):
    return jax.vmap(lambda label: jnp.where(jnp.arange(k) == label, 1.0, 0.0))(labels)


# %% one_hot
# style: an identity matrix with a row of zeros under it
import jax.numpy as jnp


def one_hot(labels, k):
    classes = jnp.eye(k + 1, k, dtype=jnp.float32)
    return classes[jnp.where((labels < 0) | (labels >= k), k, labels)]


# %% relu
# style: the function of jax.nn, not wrapped
import jax

relu = jax.nn.relu


# %% relu
# style: where
import jax.numpy as jnp


def relu(x):
    return jnp.where(x > 0, x, 0.0)


# %% relu
# style: clip from below
import jax.numpy as jnp


def relu(x):
    return jnp.clip(x, min=0)


# %% relu
# style: multiplies by the step
import jax.numpy as jnp


def relu(x):
    return x * (x > 0).astype(x.dtype)


# %% random_layer_params
# style: scale inside, keys by index
import jax
import jax.numpy as jnp


def random_layer_params(m, n, key, scale=1e-2, zero_bias=False):
    keys = jax.random.split(key, 2)
    w = jax.random.normal(keys[0], shape=(n, m), dtype=jnp.float32) * scale
    b = jax.random.normal(keys[1], shape=(n,), dtype=jnp.float32) * scale
    return w, jnp.where(zero_bias, jnp.zeros_like(b), b)


# %% random_layer_params
# style: the bias multiplied away
import jax


def random_layer_params(m, n, key, scale=1e-2, zero_bias=False):
    draws = [jax.random.normal(k, s) for k, s in zip(jax.random.split(key), [(n, m), (n,)])]
    return scale * draws[0], scale * (not zero_bias) * draws[1]


# %% random_layer_params
# style: compiled, with static sizes
from functools import partial

import jax
import jax.numpy as jnp


@partial(jax.jit, static_argnames=("m", "n", "zero_bias"))
def random_layer_params(m, n, key, scale=1e-2, zero_bias=False):
    w_key, b_key = jax.random.split(key)
    w = scale * jax.random.normal(w_key, (n, m))
    if zero_bias:
        return w, jnp.zeros((n,))
    return w, scale * jax.random.normal(b_key, (n,))


# %% init_network_params
# style: an index loop; the last key is never made
import jax


def init_network_params(sizes, key, zero_bias=False):
    params = []
    keys = jax.random.split(key, len(sizes))
    for i in range(len(sizes) - 1):
        params.append(random_layer_params(sizes[i], sizes[i + 1], keys[i], 1e-2, zero_bias))
    return params


# %% init_network_params
# style: does not call random_layer_params; one key fewer, which gives the same keys
import jax
import jax.numpy as jnp


def init_network_params(sizes, key, zero_bias=False):
    keys = jax.random.split(key, max(len(sizes) - 1, 1))

    def layer(key, m, n):
        w_key, b_key = jax.random.split(key)
        b = jnp.zeros(n) if zero_bias else jax.random.normal(b_key, (n,)) * 0.01
        return jax.random.normal(w_key, (n, m)) * 0.01, b

    return list(map(layer, keys, sizes, sizes[1:]))


# %% predict
# style: log_softmax, einsum, slices of the list
import jax
import jax.numpy as jnp


def predict(params, image):
    *hidden, (w_last, b_last) = params
    for w, b in hidden:
        image = jax.nn.relu(jnp.einsum("oi,i->o", w, image) + b)
    return jax.nn.log_softmax(jnp.einsum("oi,i->o", w_last, image) + b_last)


# %% predict
# style: the loop runs over all layers; the largest logit subtracted by hand
import jax.numpy as jnp


def predict(params, image):
    x = image
    for i, (w, b) in enumerate(params):
        x = jnp.dot(w, x) + b
        if i < len(params) - 1:
            x = jnp.maximum(x, 0)
    shifted = x - x.max()
    return shifted - jnp.log(jnp.exp(shifted).sum())


# %% predict
# style: the vector on the left; reduce; vdot-free
from functools import reduce

import jax
import jax.numpy as jnp


def predict(params, image):
    hidden = reduce(
        lambda a, layer: jnp.where(a @ layer[0].T + layer[1] > 0, a @ layer[0].T + layer[1], 0),
        params[:-1],
        image,
    )
    logits = (params[-1][0] * hidden).sum(axis=1) + params[-1][1]
    return logits - jax.nn.logsumexp(logits, axis=-1, keepdims=True)


# %% batched_predict
# style: an assignment, as on the slides, with the mapped axis in a tuple
import jax

batched_predict = jax.vmap(predict, in_axes=(None, 0), out_axes=0)


# %% batched_predict
# style: compiled
import jax

batched_predict = jax.jit(jax.vmap(predict, (None, 0)))


# %% batched_predict
# style: the whole batch as matrices, no vmap
import jax
import jax.numpy as jnp


def batched_predict(params, images):
    activations = images
    for w, b in params[:-1]:
        activations = jnp.maximum(activations @ w.T + b, 0)
    w, b = params[-1]
    return jax.nn.log_softmax(activations @ w.T + b, axis=1)


# %% loss
# style: picks the log-probabilities with a contraction
import jax.numpy as jnp


def loss(params, images, targets):
    return -jnp.einsum("bk,bk->", batched_predict(params, images), targets)


# %% loss
# style: per image, then the sum
import jax
import jax.numpy as jnp


def loss(params, images, targets):
    def one(image, target):
        return -jnp.dot(predict(params, image), target)

    return jax.vmap(one)(images, targets).sum()


# %% accuracy
# style: counts and divides
import jax.numpy as jnp


def accuracy(params, images, targets):
    scores = batched_predict(params, images)
    hits = scores.argmax(-1) == targets.argmax(-1)
    return hits.sum() / hits.shape[0]


# %% accuracy
# style: looks up the target at the best class
import jax.numpy as jnp


def accuracy(params, images, targets):
    best = jnp.argmax(batched_predict(params, images), axis=1, keepdims=True)
    return jnp.take_along_axis(targets, best, axis=1).mean()


# %% accuracy
# style: no batched_predict; one image at a time, by vmap
import jax
import jax.numpy as jnp


def accuracy(params, images, targets):
    def right(image, target):
        return predict(params, image).argmax() == target.argmax()

    return jnp.mean(jax.vmap(right)(images, targets), dtype=jnp.float32)


# %% update
# style: the list of the slides, written out
import jax


@jax.jit
def update(params, x, y, step_size=STEP_SIZE):
    grads = jax.grad(loss)(params, x, y)
    return [(w - step_size * dw, b - step_size * db) for (w, b), (dw, db) in zip(params, grads)]


# %% update
# style: an object with __call__, around a jitted function with a static step_size
from functools import partial

import jax


class Update:
    @partial(jax.jit, static_argnums=(0, 4))
    def _step(self, params, x, y, step_size):
        value, grads = jax.value_and_grad(loss)(params, x, y)
        del value
        return jax.tree.map(lambda p, g: p + -step_size * g, params, grads)

    def __call__(self, params, x, y, step_size=STEP_SIZE):
        return self._step(params, x, y, step_size)


update = Update()


# %% update
# style: an assignment; the gradient by vjp; flat leaves
import jax
import jax.numpy as jnp


def _update(params, x, y, step_size=STEP_SIZE):
    value, back = jax.vjp(lambda p: loss(p, x, y), params)
    (grads,) = back(jnp.ones_like(value) * step_size)
    leaves, tree = jax.tree.flatten(params)
    return jax.tree.unflatten(tree, [p - g for p, g in zip(leaves, jax.tree.leaves(grads))])


update = jax.jit(_update)


# %% train_mnist_jax
# style: chain of epochs
from itertools import chain, repeat

import jax.numpy as jnp


def train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS):
    for x, labels in chain.from_iterable(repeat(batches, num_epochs)):
        params = update(params, jnp.asarray(x), one_hot(jnp.asarray(labels), N_TARGETS))
    return params


# %% train_mnist_jax
# style: collects the batches once; encodes inside its own compiled step
import jax
import jax.numpy as jnp


@jax.jit
def _step(params, x, labels):
    def cost(params):
        chosen = jnp.take_along_axis(batched_predict(params, x), labels[:, None], axis=1)
        return -chosen.sum()

    return jax.tree.map(lambda p, g: p - STEP_SIZE * g, params, jax.grad(cost)(params))


def train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS):
    collected = [(jnp.asarray(x), jnp.asarray(labels)) for x, labels in batches]
    for _ in range(num_epochs):
        for x, labels in collected:
            params = _step(params, x, labels)
    return params


# %% train_mnist_jax
# style: a while loop and explicit iterators
import jax.numpy as jnp


def train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS):
    epoch = 0
    while epoch < num_epochs:
        iterator = iter(batches)
        while (batch := next(iterator, None)) is not None:
            params = update(params, batch[0], one_hot(jnp.array(batch[1]), 10), STEP_SIZE)
        epoch += 1
    return params


# %% train_epoch_scan
# style: the step written out, without update; scan inside a jitted inner function
import jax


@jax.jit
def _epoch(params, xs, ys):
    def step(params, batch):
        grads = jax.grad(loss)(params, *batch)
        return jax.tree.map(lambda p, g: p - STEP_SIZE * g, params, grads), None

    return jax.lax.scan(step, params, (xs, ys))


def train_epoch_scan(params, xs, ys):
    return _epoch(params, xs, ys)[0]


# %% train_epoch_scan
# style: a callable object; collects the losses too and drops them
import jax


def _step(params, batch):
    value, grads = jax.value_and_grad(loss)(params, *batch)
    new = [(w - STEP_SIZE * dw, b - STEP_SIZE * db) for (w, b), (dw, db) in zip(params, grads)]
    return new, value


train_epoch_scan = jax.jit(lambda params, xs, ys: jax.lax.scan(_step, params, (xs, ys))[0])


# %% train_epoch_scan
# style: scans over batch numbers
import jax
import jax.numpy as jnp


@jax.jit
def train_epoch_scan(params, xs, ys):
    def step(params, i):
        return update(params, xs[i], ys[i], step_size=STEP_SIZE), ()

    return jax.lax.scan(step, params, jnp.arange(xs.shape[0]))[0]


# %% one_hot
# style: the library's own
import jax
from functools import partial


def one_hot(labels, k):
    return jax.nn.one_hot(labels, k)


# %% one_hot
# style: clipped differences
import jax.numpy as jnp


def one_hot(labels, k):
    distance = jnp.abs(labels.astype(jnp.float32)[:, None] - jnp.arange(k, dtype=jnp.float32))
    return jnp.clip(1 - distance, 0)


# %% relu
# style: a product with the unit step
import jax.numpy as jnp


def relu(x):
    return x * jnp.heaviside(x, 0.0)


# %% relu
# style: clip from below
import jax.numpy as jnp


def relu(x):
    return jnp.clip(x, min=0)


# %% random_layer_params
# style: keys in an array; factors of zero
import jax


def random_layer_params(m, n, key, scale=1e-2, zero_bias=False):
    keys = jax.random.split(key)
    return (
        jax.random.normal(keys[0], (n, m)) * scale,
        jax.random.normal(keys[1], (n,)) * scale * (not zero_bias),
    )


# %% init_network_params
# style: a loop that pops its keys
import jax


def init_network_params(sizes, key, zero_bias=False):
    params, keys = [], list(jax.random.split(key, len(sizes)))
    for i in range(len(sizes) - 1):
        params += [random_layer_params(sizes[i], sizes[i + 1], keys[i], 1e-2, zero_bias)]
    return params


# %% predict
# style: functools.reduce over the hidden layers
import functools

import jax
import jax.numpy as jnp


def predict(params, image):
    *hidden, (w, b) = params
    last = functools.reduce(lambda x, layer: jax.nn.relu(jnp.dot(layer[0], x) + layer[1]), hidden, image)
    return jax.nn.log_softmax(jnp.dot(w, last) + b)


# %% predict
# style: the largest logit taken out by hand, its gradient stopped
import jax
import jax.numpy as jnp


def predict(params, image):
    x = image
    for i, (w, b) in enumerate(params):
        x = (jnp.maximum(x, 0) if i else x) @ w.T + b
    x = x - jax.lax.stop_gradient(x.max())
    return x - jnp.log(jnp.exp(x).sum())


# %% batched_predict
# style: matrices, no vmap
import jax
import jax.numpy as jnp


def batched_predict(params, images):
    x = images
    for w, b in params[:-1]:
        x = jnp.maximum(x @ w.T + b, 0)
    w, b = params[-1]
    return jax.nn.log_softmax(x @ w.T + b, axis=-1)


# %% loss
# style: a trace of a matrix product
import jax.numpy as jnp


def loss(params, images, targets):
    return -jnp.einsum("ij,ij", batched_predict(params, images), targets)


# %% accuracy
# style: looks up the target of the best class
import jax.numpy as jnp


def accuracy(params, images, targets):
    best = batched_predict(params, images).argmax(1)
    return jnp.take_along_axis(targets, best[:, None], axis=1).mean()


# %% update
# style: value_and_grad, a nested comprehension, step_size static
import functools

import jax


@functools.partial(jax.jit, static_argnames="step_size")
def update(params, x, y, step_size=STEP_SIZE):
    _, grads = jax.value_and_grad(loss)(params, x, y)
    return [tuple(p - step_size * g for p, g in zip(*pair)) for pair in zip(params, grads)]


# %% train_mnist_jax
# style: functools.reduce over the batches, labels encoded by the library
import functools

import jax


def train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS):
    for _ in range(num_epochs):
        params = functools.reduce(
            lambda p, batch: update(p, batch[0], jax.nn.one_hot(batch[1], 10)), batches, params
        )
    return params


# %% train_epoch_scan
# style: a scan in chunks of two steps
import jax


@jax.jit
def train_epoch_scan(params, xs, ys):
    return jax.lax.scan(lambda p, batch: (update(p, *batch), None), params, (xs, ys), unroll=2)[0]


# %% train_epoch_scan
# style: a scan in chunks of four steps, with a rest
import jax


@jax.jit
def train_epoch_scan(params, xs, ys):
    return jax.lax.scan(lambda p, batch: (update(p, *batch), None), params, (xs, ys), unroll=4)[0]


# %% relu
# style: half of x and its absolute value
import jax.numpy as jnp


def relu(x):
    return (x + jnp.abs(x)) / 2
