"""Chapter 10: the multilayer perceptron of the slides, on MNIST.

Everything so far in one program: arrays, keys, vmap, grad, jit, scan. A network is a list of
layers; a layer is a pair `(w, b)` with `w` of shape (n_out, n_in), so that `w @ x + b` maps one
vector of n_in numbers to n_out numbers. The last layer gives ten logits, and `logits -
logsumexp(logits)` turns them into log-probabilities.

The images come flattened to 784 float32 numbers with *raw* pixel values from 0 to 255. That is how
the slides had them: their step size of 1e-4 and their first loss of about 321 for a batch of 128
only fit unscaled pixels. Do not divide by 255 here.

2020                                               today
key = random.PRNGKey(0)                            key = jax.random.key(0)
jax.tree_map(f, params, grads)                     jax.tree.map(f, params, grads)
stax, trax                                         Flax NNX, Equinox; Optax for the optimizers

Three habits make the program short:

* Write `predict` for *one* image and let `vmap` make the batch. No axis to count, no transposes.
* Parameters are a pytree. `jax.grad` returns a pytree of the same form, and `jax.tree.map` walks
  both together. Nothing is updated in place: a step returns new parameters.
* Compile what is called often: the step, or a whole epoch. A loop in Python starts one program per
  batch; `lax.scan` puts the loop into the program.

A worked example of the last two, tracking the mean of a stream with a pytree as state:

>>> import jax, jax.numpy as jnp
>>> def step(state, batch):
...     state = jax.tree.map(lambda s, x: s + 0.5 * (x.mean() - s), state, batch)
...     return state, None
>>> start = {"a": jnp.float32(0), "b": jnp.float32(8)}
>>> stream = {"a": jnp.ones((3, 2)), "b": jnp.zeros((3, 2))}
>>> end, collected = jax.lax.scan(step, start, stream)
>>> {name: float(value) for name, value in end.items()}, collected
({'a': 0.875, 'b': 1.0}, None)

What goes wrong, and why:

* exp overflows float32 beyond 88, and raw pixels easily make logits larger than that:

>>> logits = jnp.array([0.0, 100.0])
>>> float(jnp.log(jnp.sum(jnp.exp(logits)))), float(jax.nn.logsumexp(logits))
(inf, 100.0)

  `logsumexp` subtracts the largest logit before the exp and adds it again after the log.
* The loss is a *sum* over the batch, as in the slides. With a mean the gradient is 128 times
  smaller, and a step size of 1e-4 hardly moves.
* Indexing an identity matrix by the label looks like a one-hot code, but JAX never complains about
  an index out of range: it wraps negative ones and clamps the others, so a label that is no class
  becomes somebody else's.
* `jit` with `donate_argnums` may reuse the old parameters' memory for the new ones. Fast, but
  whoever still holds the old parameters holds deleted arrays.
* A generator can be read once. Batches that serve several epochs come as a list or as an object
  whose `__iter__` starts again; ask it for a new iterator every epoch.
* Two right float32 trainings do not stay equal for ever: another order of summation changes the
  last digit, and training amplifies it. Twenty steps agree closely, hundreds do not.
"""

from functools import partial  # noqa: F401

import jax  # noqa: F401
import jax.numpy as jnp  # noqa: F401
from jax.scipy.special import logsumexp  # noqa: F401

LAYER_SIZES = [784, 512, 512, 10]
STEP_SIZE = 1e-4
NUM_EPOCHS = 8
BATCH_SIZE = 128
N_TARGETS = 10


def one_hot(labels, k):
    """Labels as rows with a single one.

    The slide's idea: compare the labels, as a column, with all classes, as a row.

    Args:
        labels: integer array (batch,).
        k: number of classes, a Python int.

    Returns:
        float32 array (batch, k); a label outside 0..k-1 gives a row of zeros.

    >>> one_hot(jnp.array([2, 0, 3]), 3).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    # TODO: compare labels with jnp.arange(k); mind the shapes and the dtype.
    raise NotImplementedError


def relu(x):
    """The rectified linear unit, `maximum(0, x)`.

    The slide's idea: one elementwise maximum is all the nonlinearity the network has.

    Args:
        x: float32 array of any shape.

    Returns:
        float32 array of the same shape. Its slope is 0 below zero and 1 above.

    >>> relu(jnp.array([-2.0, 0.5, 3.0])).tolist()
    [0.0, 0.5, 3.0]
    """
    # TODO: the larger of zero and x.
    raise NotImplementedError


def random_layer_params(m, n, key, scale=1e-2, zero_bias=False):
    """Random weights and biases of a layer with m inputs and n outputs.

    The slide's idea: split the key first, for what is drawn twice from one key is the same twice.

    Args:
        m: number of inputs, a Python int.
        n: number of outputs, a Python int.
        key: a random key.
        scale: factor on the standard normals.
        zero_bias: if True, the biases are zeros and the weights the same as otherwise.

    Returns:
        `(w, b)`, float32 arrays (n, m) and (n,): `scale` times standard normals, drawn with
        `w_key` and `b_key` of `w_key, b_key = jax.random.split(key)`.

    >>> w, b = random_layer_params(3, 2, jax.random.key(0), zero_bias=True)
    >>> w.shape, b.tolist()
    ((2, 3), [0.0, 0.0])
    """
    # TODO: split the key, draw w and b, scale them.
    raise NotImplementedError


def init_network_params(sizes, key, zero_bias=False):
    """Random parameters of a whole network.

    The slide's idea: a network is a plain list, and every layer gets a key of its own.

    Args:
        sizes: the widths of the layers, input first, such as `LAYER_SIZES`.
        key: a random key; layer i uses key i of `jax.random.split(key, len(sizes))`.
        zero_bias: if True, all biases are zeros.

    Returns:
        A list of `(w, b)`, one shorter than `sizes`, with w (sizes[i + 1], sizes[i]) and
        b (sizes[i + 1],).

    >>> params = init_network_params([4, 3, 2], jax.random.key(0))
    >>> [(w.shape, b.shape) for w, b in params]
    [((3, 4), (3,)), ((2, 3), (2,))]
    """
    # TODO: split the key, then one call of random_layer_params for each pair of neighbours.
    raise NotImplementedError


def predict(params, image):
    """Log-probabilities of one image.

    The slide's idea: write the network for a single image and leave the batch to `vmap`.

    Args:
        params: list of `(w, b)`, w (n_out, n_in), b (n_out,).
        image: float32 array (n_in of the first layer,), for MNIST (784,).

    Returns:
        float32 array, (10,) for MNIST: ReLU after every layer but the last, then
        `logits - logsumexp(logits)`. Finite for logits up to 1e4.

    >>> params = [(jnp.eye(2), jnp.zeros(2)), (100.0 * jnp.eye(2), jnp.zeros(2))]
    >>> predict(params, jnp.array([-5.0, 3.0])).tolist()
    [-300.0, 0.0]
    """
    # TODO: loop over all layers but the last, apply the last one, normalise.
    raise NotImplementedError


def batched_predict(params, images):
    """`predict` for a batch of images.

    The slide's idea: `vmap` turns the function of one image into the function of a batch.

    Args:
        params: list of `(w, b)`, shared by all images.
        images: float32 array (batch, 784).

    Returns:
        float32 array (batch, 10) of log-probabilities.

    >>> params = [(jnp.zeros((4, 3)), jnp.zeros(4))]
    >>> batched_predict(params, jnp.ones((5, 3))).shape
    (5, 4)
    """
    # TODO: vmap predict over the images only. (You may replace the whole def by an assignment.)
    raise NotImplementedError


def loss(params, images, targets):
    """Cross-entropy of a batch, summed.

    The slide's idea: sum over the batch, which is why the step size is so small.

    Args:
        params: list of `(w, b)`.
        images: float32 array (batch, 784).
        targets: float32 array (batch, 10), one-hot.

    Returns:
        float32 scalar, `-sum(batched_predict * targets)`.

    >>> params = [(jnp.zeros((2, 3)), jnp.zeros(2))]
    >>> round(float(loss(params, jnp.ones((5, 3)), jnp.array([[1.0, 0.0]] * 5))), 3)
    3.466
    """
    # TODO: a sum, not a mean.
    raise NotImplementedError


def accuracy(params, images, targets):
    """Fraction of images that are classified right.

    The slide's idea: compare where the largest log-probability is with where the target's one is.

    Args:
        params: list of `(w, b)`.
        images: float32 array (batch, 784).
        targets: float32 array (batch, 10), one-hot.

    Returns:
        float32 scalar between 0 and 1.

    >>> params = [(jnp.eye(2), jnp.zeros(2))]
    >>> images = jnp.array([[9.0, 1.0], [1.0, 9.0], [8.0, 2.0], [7.0, 3.0]])
    >>> float(accuracy(params, images, jnp.array([[1.0, 0.0]] * 4)))
    0.75
    """
    # TODO: argmax over the classes on both sides, then the mean of the agreement.
    raise NotImplementedError


def update(params, x, y, step_size=STEP_SIZE):
    """One step of stochastic gradient descent on `loss`.

    The slide's idea: the gradient of the loss, then new parameters from the old, all under `jit`.

    Args:
        params: list of `(w, b)`; still usable afterwards.
        x: float32 array (batch, 784).
        y: float32 array (batch, 10), one-hot.
        step_size: a number; the new parameters are `params - step_size * gradient`.

    Returns:
        New parameters: same pytree, shapes and dtypes.

    >>> params = [(jnp.zeros((2, 1)), jnp.zeros(2))]
    >>> new = update(params, jnp.array([[4.0]]), jnp.array([[0.0, 1.0]]), step_size=0.5)
    >>> [(w.tolist(), b.tolist()) for w, b in new]
    [([[-1.0], [1.0]], [-0.25, 0.25])]
    """
    # TODO: compile it with jax.jit, so that a training compiles once.
    raise NotImplementedError


def train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS):
    """Train for some epochs.

    The slide's idea: a plain double loop, over epochs and over batches.

    Args:
        params: list of `(w, b)`.
        batches: yields `(x, labels)`, x float32 (batch, 784), labels integers (batch,). It can be
            iterated over again for every epoch, but it need not be a list: no length, no index.
        num_epochs: how many times to go over the batches.

    Returns:
        The trained parameters: one `update` for every batch of every epoch.

    >>> params = [(jnp.zeros((10, 1)), jnp.zeros(10))]
    >>> batches = [(jnp.array([[100.0]]), jnp.array([7]))]
    >>> [(w, b)] = train_mnist_jax(params, batches, num_epochs=1)
    >>> int(w.argmax()), round(float(w.max()), 4)
    (7, 0.009)
    """
    # TODO: two loops; encode the labels with one_hot, N_TARGETS classes.
    raise NotImplementedError


def train_epoch_scan(params, xs, ys):
    """One epoch as a single compiled program.

    The slide's idea, taken further: the loop started one program per batch; here it is the program.

    Args:
        params: list of `(w, b)`.
        xs: float32 array (steps, batch, 784).
        ys: float32 array (steps, batch, 10), one-hot.

    Returns:
        The parameters after `steps` updates with the step size `STEP_SIZE`, and nothing else.

    >>> params = [(jnp.zeros((2, 1)), jnp.zeros(2))]
    >>> xs, ys = jnp.full((3, 1, 1), 100.0), jnp.array([[[0.0, 1.0]]] * 3)
    >>> [(w, b)] = train_epoch_scan(params, xs, ys)
    >>> w.shape, round(float(w[1, 0]), 3)
    ((2, 1), 0.009)
    """
    # TODO: jax.lax.scan over (xs, ys) with the parameters as carry, under jax.jit.
    raise NotImplementedError
