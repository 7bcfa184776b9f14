"""Chapter 10, solved: the multilayer perceptron of the slides."""

import jax
import jax.numpy as jnp
from jax.scipy.special import logsumexp

LAYER_SIZES = [784, 512, 512, 10]
STEP_SIZE = 1e-4
NUM_EPOCHS = 8
BATCH_SIZE = 128
N_TARGETS = 10


def one_hot(labels, k):
    """Compare every label with every class; a label that is no class equals none of them."""
    return (labels[:, None] == jnp.arange(k)).astype(jnp.float32)


def relu(x):
    """The larger of 0 and `x`, elementwise."""
    return jnp.maximum(0, x)


def random_layer_params(m, n, key, scale=1e-2, zero_bias=False):
    """Weights (n, m) and biases (n,) of a layer with m inputs and n outputs."""
    # Splitting also when the bias is zero keeps the weights the same in both cases.
    w_key, b_key = jax.random.split(key)
    w = scale * jax.random.normal(w_key, (n, m))
    b = jnp.zeros(n) if zero_bias else scale * jax.random.normal(b_key, (n,))
    return w, b


def init_network_params(sizes, key, zero_bias=False):
    """One layer between every two neighbouring sizes, each from a key of its own."""
    keys = jax.random.split(key, len(sizes))
    return [
        random_layer_params(m, n, layer_key, zero_bias=zero_bias)
        for m, n, layer_key in zip(sizes[:-1], sizes[1:], keys[:-1], strict=True)
    ]


def predict(params, image):
    """Log-probabilities of the classes for one image."""
    activations = image
    for w, b in params[:-1]:
        activations = relu(w @ activations + b)
    w, b = params[-1]
    logits = w @ activations + b
    # logsumexp takes out the largest logit first, so nothing overflows.
    return logits - logsumexp(logits)


def batched_predict(params, images):
    """`predict` for every row of `images`, with the same parameters."""
    return jax.vmap(predict, in_axes=(None, 0))(params, images)


def loss(params, images, targets):
    """Cross-entropy, summed over the batch."""
    return -jnp.sum(batched_predict(params, images) * targets)


def accuracy(params, images, targets):
    """Fraction of images whose most probable class is the target's."""
    predicted = jnp.argmax(batched_predict(params, images), axis=1)
    return jnp.mean(predicted == jnp.argmax(targets, axis=1))


@jax.jit
def update(params, x, y, step_size=STEP_SIZE):
    """One step of gradient descent."""
    gradients = jax.grad(loss)(params, x, y)
    return jax.tree.map(lambda p, g: p - step_size * g, params, gradients)


def train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS):
    """Go over the batches `num_epochs` times, a step of `update` for each."""
    for _ in range(num_epochs):
        for x, labels in batches:
            params = update(params, x, one_hot(jnp.asarray(labels), N_TARGETS))
    return params


@jax.jit
def train_epoch_scan(params, xs, ys):
    """The loop over the batches of one epoch, inside the compiled program."""

    def step(params, batch):
        x, y = batch
        return update(params, x, y), None  # carry the parameters on, collect nothing

    params, _ = jax.lax.scan(step, params, (xs, ys))
    return params
