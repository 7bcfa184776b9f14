"""The pictures of this workshop, on the page that `--html` writes."""

import jax
import jax.numpy as jnp
import numpy as np

from grader import mnist
from grader.pictures import Curve, Digits, Mask, picture


def curve(name, title, x):
    """The function `name` over `x`."""
    return Curve(name, title, lambda m, x: getattr(m, name)(x), (x,), over=x)


@picture("ch03_jit", "SELU", "A line to the right of 0, and an exponential that levels off.")
def selu():
    x = np.linspace(-6, 3, 181, dtype=np.float32)
    return [curve("selu", "selu", x), curve("selu_jit", "selu_jit", x)]


@picture(
    "ch05_vmap",
    "Swish and its three derivatives",
    "The slide's figure: each grad inside vmap gives the next one.",
)
def swish():
    x = np.linspace(-10, 10, 201, dtype=np.float32)
    orders = ("first", "second", "third")
    derivatives = [curve(f"{order}_derv_swish", f"{order} derivative", x) for order in orders]
    return [curve("batch_swish", "swish", x), *derivatives]


@picture(
    "ch07_prng",
    "Dropout masks",
    "An array of ones after dropout. Which entries fall out is up to the key and may differ; how many do, "
    "and how much the others grow, may not.",
)
def dropout():
    ones, seed = np.ones((12, 24), np.float32), np.uint32(7)
    return [
        Mask(
            "dropout",
            f"rate {rate:g}",
            lambda m, seed, x, rate=rate: m.dropout(jax.random.key(seed), x, rate),
            (seed, ones),
        )
        for rate in (0.2, 0.5, 0.8)
    ]


@picture(
    "ch08_control_flow",
    "Exponential moving average",
    "The dots are a noisy step; the larger the decay, the smoother and the later the average.",
)
def ema():
    steps = np.arange(120, dtype=np.float32)
    noise = np.random.default_rng(0).normal(0, 0.25, 120)
    xs = (np.where(steps < 50, 0, 1) + noise).astype(np.float32)
    return [
        Curve(
            "ema",
            f"decay {decay:g}",
            lambda m, xs, decay: m.ema(xs, decay),
            (xs, np.float32(decay)),
            over=steps,
            across="step",
            dots=xs,
        )
        for decay in (0.5, 0.8, 0.95)
    ]


STEPS, BATCH, HIDDEN = 60, 128, 64
DIM = 4  # pixels are divided by it: with so few hidden units, the loss jumps about on raw ones


def start_and_batches():
    """A small network as the slides draw it, and the first batches of MNIST."""
    digits, rng = mnist.load_subset(), np.random.default_rng(0)
    params = [
        (
            (1e-2 * rng.standard_normal((n, m))).astype(np.float32),
            (1e-2 * rng.standard_normal(n)).astype(np.float32),
        )
        for m, n in ((784, HIDDEN), (HIDDEN, 10))
    ]
    images = digits.train_images[: STEPS * BATCH].reshape(STEPS, BATCH, 784)
    labels = digits.train_labels[: STEPS * BATCH].astype(np.int32).reshape(STEPS, BATCH)
    return params, images, labels


def dim(images):
    """Pixels as the probes feed them to a network."""
    return np.asarray(images, np.float32) / DIM


def losses(m, params, images, labels):
    """The loss of each batch, before the step that it leads to."""
    found, loss = [], jax.jit(m.loss)
    targets = jax.nn.one_hot(labels, 10)
    for x, y in zip(dim(images), np.asarray(targets), strict=True):
        found.append(loss(params, x, y))
        params = m.update(params, x, y)
    return jnp.stack(found)


def classes(m, params, images, labels, samples):
    """Trains, then reads `samples`."""
    batches = list(zip(dim(images), np.asarray(labels), strict=True))
    trained = m.train_mnist_jax(params, batches, 1)
    read = jax.jit(m.batched_predict)(trained, dim(samples))
    return jnp.argmax(read, axis=1)


@picture(
    "ch10_mnist_jax",
    "The training curve",
    f"{STEPS} steps of update on batches of {BATCH} digits, from the same parameters, for a network "
    f"with {HIDDEN} hidden units. The loss is a sum over the batch.",
)
def training_curve():
    return [
        Curve(
            "update",
            "loss",
            losses,
            start_and_batches(),
            over=np.arange(STEPS),
            across="step",
            compiled=False,
        )
    ]


@picture(
    "ch10_mnist_jax",
    "Digits that your network reads",
    f"Test images, read by batched_predict after {STEPS} steps of train_mnist_jax, for a network with "
    f"{HIDDEN} hidden units. So short a training leaves mistakes, to the reference as well.",
)
def digits_read():
    digits = mnist.load_subset()
    images = digits.test_images[40:64]
    return [
        Digits(
            "train_mnist_jax",
            "digits",
            classes,
            (*start_and_batches(), images),
            images=images.reshape(-1, 28, 28),
            labels=digits.test_labels[40:64],
            compiled=False,
        )
    ]
