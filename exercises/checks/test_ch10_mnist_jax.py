"""Checks of chapter 10: the MLP of the slides, on real digits.

Most networks here are small, with weights that are multiples of 1/512: on pixels of 0..255 their
sums are exact in float32, so that another order of summation gives the same numbers. What the
checks on transformations call runs inside jax.jit as a whole.
"""

from itertools import pairwise

import jax
import numpy as np

from grader import mnist
from grader.checks import check, example, given, integers, matrices
from grader.matrix import FORWARD
from grader.worker import toolbox

LAYER_SIZES = (784, 512, 512, 10)
SMALL = (784, 16, 10)
DIGITS = mnist.load_subset()


def network(sizes=SMALL, seed=0):
    """Parameters of about the size that the slides start with: a list of `(w, b)`."""
    rng = np.random.default_rng(seed)

    def layer(m, n):
        w, b = rng.integers(-8, 9, (n, m)) / 512, rng.integers(-64, 65, n) / 64
        return np.asarray(w, np.float32), np.asarray(b, np.float32)

    return [layer(m, n) for m, n in pairwise(sizes)]


def gaussian_network(rng, sizes=LAYER_SIZES):
    """Parameters drawn as the slides draw them, of the full size unless told otherwise."""

    def layer(m, n):
        w, b = rng.standard_normal((n, m), np.float32), rng.standard_normal(n, np.float32)
        return 1e-2 * w, 1e-2 * b

    return [layer(m, n) for m, n in pairwise(sizes)]


def images(count, start=0):
    """That many training images, raw pixels 0..255 as float32."""
    return DIGITS.train_images[start : start + count].astype(np.float32)


def labels(count, start=0):
    """Their labels."""
    return DIGITS.train_labels[start : start + count].astype(np.int32)


def one_hot(classes):
    """Classes 0..9 as rows with a single one."""
    return np.eye(10, dtype=np.float32)[classes]


def faint(count):
    """Images with pixels 0..4: gradients on raw pixels are too large to compare in float32."""
    return images(count) / 64


def tiny_network():
    """Parameters of a network with four hidden units, all of them far from the kink of relu."""
    return network((784, 4, 10))


def dim(count):
    """Images with pixels 0..1/4: in all 784, a small step is a large one for a hidden unit."""
    return images(count) / 1024


# one_hot


@check(
    "one_hot",
    "gives one row per label",
    hint="Row i has a 1 in column labels[i] and 0 elsewhere, as float32.",
)
def test_one_hot_values(both):
    classes = np.int32([2, 0, 3, 3])
    for labels in (classes, classes.astype(np.uint8), classes[:0]):
        both(lambda m, labels: m.one_hot(labels, 4), labels).agree()
    both(lambda m, labels: m.one_hot(labels, 12), np.int32([2, 0, 11, 3])).agree()


@check(
    "one_hot",
    "gives a zero row for a label outside the classes",
    hint="An index out of range raises no error in JAX: it wraps or is clamped. Compare instead.",
)
def test_one_hot_outside(both):
    labels = np.int32([-1, 4, 0, 99, -4, -5, 256, 2**16 + 1])
    both(lambda m, labels: m.one_hot(labels, 4), labels).agree()


@check("one_hot", "works under jit and vmap", kind="transform")
def test_one_hot_transforms(matrix):
    matrix(lambda m, labels: m.one_hot(labels, 5), np.int32([3, 1, 4, 5, -1]), rows=FORWARD)


# relu


@check(
    "relu",
    "gives the larger of 0 and x",
    hint="Entry by entry, in the shape of x: jnp.maximum compares with 0, jnp.max is one number.",
)
@given(x=matrices(-20, 20, shapes=((2, 3), (4, 1))), max_examples=6)
@example(x=np.float32([[1e38, -1e38, 1e-30], [-1e-30, 0.0, 1.0]]))
@example(x=np.float32(-2.5))
def test_relu_values(both, x):
    both(lambda m, x: m.relu(x), x).agree()


@check("relu", "works under jit, vmap and grad", kind="transform")
def test_relu_transforms(matrix):
    matrix(lambda m, x: m.relu(x), np.float32([-3.0, -0.25, 0.5, 2.0]))


# random_layer_params


@check(
    "random_layer_params",
    "draws the weights and biases of the reference",
    hint="Split the key in two before you draw: the first for w of shape (n, m), the second for b "
    "of shape (n,). Standard normals, times scale.",
)
@given(seed=integers(0, 2**31 - 1), max_examples=4)
def test_layer_values(both, seed):
    both(lambda m, seed: m.random_layer_params(5, 3, jax.random.key(seed)), seed).agree()


@check("random_layer_params", "multiplies by scale", hint="scale belongs to w and to b.")
def test_layer_scale(both):
    both(lambda m: m.random_layer_params(5, 3, jax.random.key(1), scale=2.0)).agree()
    both(lambda m: m.random_layer_params(5, 3, jax.random.key(1), 0.5)).agree()


@check(
    "random_layer_params",
    "keeps the weights when zero_bias is set",
    hint="zero_bias makes b zeros and changes nothing else: split the key and draw w as before.",
)
def test_layer_zero_bias(both):
    both(lambda m: m.random_layer_params(5, 3, jax.random.key(2), zero_bias=True)).agree()
    both(lambda m: m.random_layer_params(5, 3, jax.random.key(2), 1.0, True)).agree()


@check("random_layer_params", "works under jit and vmap", kind="transform")
def test_layer_transforms(matrix):
    matrix(
        lambda m, seed: m.random_layer_params(5, 3, jax.random.key(seed)),
        np.uint32(3),
        rows=FORWARD,
    )


# init_network_params


@check(
    "init_network_params",
    "gives every layer its own key",
    hint="A list. Layer i leads from sizes[i] to sizes[i + 1] and takes key i of the split key.",
)
@given(seed=integers(0, 2**31 - 1), max_examples=3)
def test_init_values(both, seed):
    both(lambda m, seed: m.init_network_params([5, 3, 3, 3, 2], jax.random.key(seed)), seed).agree()


@check(
    "init_network_params",
    "passes zero_bias on",
    hint="Hand zero_bias to every layer, by its name: the fourth parameter there is scale.",
)
def test_init_zero_bias(both):
    both(
        lambda m, sizes: m.init_network_params(sizes, jax.random.key(4), zero_bias=True),
        [5, 3, 3, 2],
    ).agree()
    both(lambda m: m.init_network_params([5, 3, 3, 2], jax.random.key(4), True)).agree()


@check("init_network_params", "works under jit and vmap", kind="transform")
def test_init_transforms(matrix):
    matrix(
        lambda m, seed: m.init_network_params([3, 2], jax.random.key(seed)),
        np.uint32(3),
        rows=FORWARD,
    )


# predict

STABLE = "exp overflows beyond 88 and vanishes below -104. logsumexp takes out the largest logit."


@check(
    "predict",
    "gives the log-probabilities of the reference",
    hint="Raw pixels; weights and biases in every layer; relu after all of them but the last; then "
    "logits - logsumexp(logits).",
)
def test_predict_values(both):
    for image in images(3):
        both(lambda m, params, image: m.predict(params, image), network(), image).agree()
    deeper = network((784, 16, 12, 10), seed=1)
    both(lambda m, params, image: m.predict(params, image), deeper, images(1)[0]).agree()


@check(
    "predict",
    "stays finite for large logits",
    hint=STABLE,
)
def test_predict_stable(both):
    for params in extreme_networks():
        both(lambda m, params, image: m.predict(params, image), params, images(1)[0]).agree()


def extreme_networks():
    """Networks whose logits are exactly the biases of the last layer, some as large as 1e4.

    The largest logit is far from the others: what is left of the sum of exponentials is exact too.
    """
    (w1, b1), (w2, _) = network()
    for largest, low, high in ((6, -1e4, 1e4), (0, 0, 1e3), (9, -1e4, -5e3)):
        logits = np.roll(np.linspace(low, high, 10, dtype=np.float32), largest + 1)
        yield [(w1, b1), (0 * w2, logits)]


@check("predict", "works under jit, vmap and grad", kind="transform")
def test_predict_transforms(matrix, both):
    matrix(lambda m, params, image: m.predict(params, image), tiny_network(), dim(1)[0])
    both(
        lambda m, params, image: jax.grad(lambda p: m.predict(p, image)[3])(params),
        *(next(extreme_networks()), faint(1)[0]),
    ).agree()


# batched_predict


@check("batched_predict", "gives a row of log-probabilities per image")
def test_batched_values(both):
    for count in (8, 1):
        both(
            lambda m, params, images: m.batched_predict(params, images), network(), images(count)
        ).agree()


@check("batched_predict", "stays finite for large logits", hint=STABLE)
def test_batched_stable(both):
    for params in extreme_networks():
        both(lambda m, params, images: m.batched_predict(params, images), params, images(8)).agree()
    # Logits that grow with the ink, and one image that is black: the rows differ by thousands.
    (_, b1), (_, b2) = network()
    sums = np.zeros((16, 784), np.float32), np.zeros((10, 16), np.float32)
    sums[0][0], sums[1][:, 0] = 1, np.arange(10) / 128
    params, pictures = list(zip(sums, (0 * b1, b2), strict=True)), images(8)
    pictures[3] = 0
    both(lambda m, params, images: m.batched_predict(params, images), params, pictures).agree()


@check("batched_predict", "works under jit, vmap and grad", kind="transform")
def test_batched_transforms(matrix):
    matrix(lambda m, params, images: m.batched_predict(params, images), tiny_network(), dim(2))


@check(
    "batched_predict",
    "keeps up with the compiled reference on 1024 images",
    kind="speed",
    hint="A Python loop starts every operation once per image. jax.vmap starts each once.",
)
def test_batched_speed(speed):
    speed(
        lambda m, params, images: m.batched_predict(params, images),
        inputs=lambda rng: (gaussian_network(rng), some_images(rng, 1024)),
        reference=lambda m, params, images: jax.jit(m.batched_predict)(params, images),
    ).at_most(4.0)


def some_images(rng, *shape):
    """Training images in random order, float32 of shape (*shape, 784)."""
    return DIGITS.train_images[rng.integers(0, 10_000, shape)].astype(np.float32)


# loss


@check("loss", "sums the cross-entropy over the batch")
def test_loss_values(both):
    both(
        lambda m, params, images, targets: m.loss(params, images, targets),
        *(network(), images(8), one_hot(labels(8))),
    ).agree()


@check("loss", "stays finite for large logits", hint=STABLE)
def test_loss_stable(both):
    for params in extreme_networks():
        both(
            lambda m, params, images, targets: m.loss(params, images, targets),
            *(params, images(8), one_hot(labels(8))),
        ).agree()


@check("loss", "works under jit, vmap and grad", kind="transform")
def test_loss_transforms(matrix):
    matrix(
        lambda m, params, images, labels: m.loss(params, images, jax.nn.one_hot(labels, 10)),
        *(tiny_network(), dim(2), labels(2)),
    )


# accuracy


def best_classes(reference, params, batch):
    """The classes that the reference's network finds most probable."""
    log_probs = reference(
        lambda m, params, images: m.batched_predict(params, images), params, batch
    )
    return log_probs.value.argmax(axis=1)


@check(
    "accuracy",
    "gives the fraction of right classes",
    hint="argmax along axis 1 is the class of each row, of the log-probabilities as of the targets. "
    "The fraction is the mean over the images that came, however many.",
)
def test_accuracy_values(answer, reference):
    params, batch = network(), images(8)
    best = best_classes(reference, params, batch)
    for wrong, fraction in ((3, 0.625), (0, 1.0), (8, 0.0)):
        classes = np.where(np.arange(8) < wrong, (best + 1) % 10, best)
        answer(
            lambda m, params, images, targets: m.accuracy(params, images, targets),
            *(params, batch, one_hot(classes)),
        ).equals(np.float32(fraction))


@check("accuracy", "finds the best class among large logits", hint=STABLE)
def test_accuracy_stable(both):
    for params in extreme_networks():
        both(
            lambda m, params, images, targets: m.accuracy(params, images, targets),
            *(params, images(8), one_hot(np.int32([6, 0, 9, 6, 1, 2, 6, 0]))),
        ).agree()


@check("accuracy", "works under jit and vmap", kind="transform")
def test_accuracy_transforms(matrix):
    matrix(
        lambda m, params, images, labels: m.accuracy(params, images, jax.nn.one_hot(labels, 10)),
        *(network(), images(8), labels(8)),
        rows=FORWARD,
    )


# update


@check(
    "update",
    "takes a step of size step_size down the gradient",
    hint="New w and b: the old ones minus step_size times the gradient of loss, which is a sum. "
    "The result is a list of pairs (w, b) as before.",
)
def test_update_values(training):
    args = network(), images(8), one_hot(labels(8))
    training(lambda m, params, x, y: [m.update(params, x, y)], *args)
    training(lambda m, params, x, y: [m.update(params, x, y, step_size=1e-3)], *args)
    deep = network((784, 16, 8, 16, 8, 10)), *args[1:]
    training(lambda m, params, x, y: [m.update(params, x, y, 2e-5)], *deep)


@check("update", "stays finite for large logits", hint=STABLE)
def test_update_stable(training):
    for params in extreme_networks():
        training(
            lambda m, params, x, y: [m.update(params, x, y)],
            *(params, faint(8), one_hot(labels(8))),
        )


@check("update", "works under jit, vmap and grad", kind="transform")
def test_update_transforms(matrix):
    matrix(
        lambda m, params, x, labels: m.update(params, x, jax.nn.one_hot(labels, 10), 0.125),
        *(tiny_network(), dim(2), labels(2)),
        rows=(*FORWARD, "grad"),  # a gradient of a gradient: one is enough
    )


@check(
    "update",
    "is compiled once per shapes",
    kind="structure",
    fresh=True,
    hint="Put jax.jit on the module-level function. Without it every operation is a program of its "
    "own; inside the function it makes a new program at every call.",
)
def test_update_compiled_once(answer):
    def step(batch, seed):
        start = 100 * seed
        return network(seed=seed), images(batch, start), one_hot(labels(batch, start))

    answer.compiles_once(
        lambda m, params, x, y: m.update(params, x, y), step(3, 0), step(8, 0), step(8, 1)
    )


@check(
    "update",
    "keeps up with the reference on a batch of 128",
    kind="speed",
    hint="One gradient of the loss of the whole batch, all in one compiled program: a loop over "
    "images or layers costs time inside it too.",
)
def test_update_speed(speed):
    speed(
        lambda m, params, x, y: m.update(params, x, y),
        inputs=lambda rng: (
            gaussian_network(rng),
            some_images(rng, 128),
            one_hot(rng.integers(0, 10, 128)),
        ),
    ).at_most(2.0)


# train_mnist_jax


def train_on_object(m, params, batches):
    """train_mnist_jax(params, batches, 2), where batches is an object with __iter__ alone"""

    class Batches:
        def __iter__(self):
            return iter(batches)

    return m.train_mnist_jax(params, Batches(), 2)


def small_batches(count):
    """`count` batches of eight images: a list of `(x, labels)`."""
    return [(images(8, start), labels(8, start)) for start in range(0, 8 * count, 8)]


@check("train_mnist_jax", "makes one update per batch and epoch")
def test_train_values(training):
    training(
        lambda m, params, batches: [m.train_mnist_jax(params, batches[:k], 1) for k in (1, 2, 3)],
        *(network(), small_batches(3)),
    )
    training(
        lambda m, params, batches: [
            m.train_mnist_jax(params, batches, num_epochs=k) for k in (1, 2)
        ],
        *(network(), small_batches(2)),
    )


@check(
    "train_mnist_jax",
    "makes one update for a smaller batch too",
    hint="The last batch of an epoch may be smaller. It counts like the others.",
)
def test_train_rest(training):
    training(
        lambda m, params, batches: [m.train_mnist_jax(params, batches, 1)],
        *(network(), [*small_batches(1), (images(3, 8), labels(3, 8))]),
    )


@check(
    "train_mnist_jax",
    "trains NUM_EPOCHS epochs unless told otherwise",
    hint="Is NUM_EPOCHS the default of num_epochs, and does nothing else set the number?",
)
def test_train_default(both):
    both(
        lambda m, params, batches: m.train_mnist_jax(params, batches), network(), small_batches(1)
    ).agree()
    both(
        lambda m, params, batches: m.train_mnist_jax(params, batches, 0),
        *(network(), small_batches(1)),
    ).agree()


@check(
    "train_mnist_jax",
    "takes batches that are no list",
    hint="A plain for loop over batches, inside the loop over epochs, asks for nothing but "
    "__iter__, and asks for it anew in every epoch.",
)
def test_train_object(both):
    both(train_on_object, network(), small_batches(3)).agree()


def loss_around(m, params, batches, images, targets):
    """The loss before and after train_mnist_jax(params, batches, 1)"""
    loss = jax.jit(m.loss)
    trained = m.train_mnist_jax(params, batches, 1)
    return loss(params, images, targets), loss(trained, images, targets)


@check("train_mnist_jax", "equals the reference after 20 steps, and the loss falls")
def test_train_twenty_steps(answer, training):
    params = network((784, 32, 10))
    batches = [(images(16, start), labels(16, start)) for start in range(0, 20 * 16, 16)]
    losses = answer(loss_around, params, batches, images(256), one_hot(labels(256)))
    before, after = losses.value
    losses.demand(
        after < before,
        "The loss does not fall in 20 steps of training.",
        f"got       a loss of {float(after):.1f}, {float(before):.1f} before",
    )
    training(
        lambda m, params, batches: [m.train_mnist_jax(params, batches[:k], 1) for k in (5, 20)],
        *(params, batches),
        rtol=1e-4,
        atol=1e-4,
    )


# train_epoch_scan


def epoch(steps, batch=8, start=0):
    """`(xs, ys)` of an epoch."""
    count = steps * batch
    xs, ys = images(count, start), one_hot(labels(count, start))
    return xs.reshape(steps, batch, 784), ys.reshape(steps, batch, 10)


@check(
    "train_epoch_scan",
    "equals the loop of update",
    hint="The parameters are the carry: each step starts with those of the step before. They are "
    "also the first half of what scan returns.",
)
def test_scan_values(training):
    training(
        lambda m, params, xs, ys: [m.train_epoch_scan(params, xs[:k], ys[:k]) for k in (1, 3)],
        *(network(), *epoch(3)),
    )


@check("train_epoch_scan", "works under jit, vmap and grad", kind="transform")
def test_scan_transforms(matrix):
    matrix(
        lambda m, params, xs, labels: m.train_epoch_scan(params, xs, jax.nn.one_hot(labels, 10)),
        *(tiny_network(), dim(4).reshape(2, 2, 784), labels(4).reshape(2, 2)),
        rows=(*FORWARD, "grad"),
    )


@check("train_epoch_scan", "is one scan, whatever the number of steps", kind="structure")
def test_scan_structure(answer):
    names = answer(
        lambda m, params, xs, ys: toolbox.primitives(m.train_epoch_scan, params, xs, ys),
        *(network(), *epoch(6)),
    )
    names.demand(
        "scan" in names.value,
        "There is no scan in its program.",
        f"got       {len(names.value)} operations for 6 steps",
        "Hand the step to jax.lax.scan instead of looping in Python.",
    )
    answer.constant_size(
        lambda m, params, xs, ys: m.train_epoch_scan(params, xs, ys),
        (network(), *epoch(2)),
        (network(), *epoch(6)),
        "the number of steps",
        hint="A Python loop under jit is unrolled; jax.lax.scan is not.",
    )


@check(
    "train_epoch_scan",
    "is compiled once per shapes",
    kind="structure",
    fresh=True,
    hint="jax.lax.scan outside jit compiles again for every new step function. jax.jit around "
    "train_epoch_scan keeps the program.",
)
def test_scan_compiled_once(answer):
    answer.compiles_once(
        lambda m, params, xs, ys: m.train_epoch_scan(params, xs, ys),
        (network(), *epoch(2)),
        (network(), *epoch(3)),
        (network(seed=1), *epoch(3, start=100)),
    )


def loop_of_update(m, params, xs, ys):
    """for x, y in zip(xs, ys): params = update(params, x, y)"""
    xs = xs.astype(np.float32)
    for index in range(len(xs)):  # iterating over an array compiles a program of len(xs) slices
        params = m.update(params, xs[index], ys[index])
    return params


@check(
    "train_epoch_scan",
    "is not slower than a loop of update over 64 steps",
    kind="speed",
    hint="A step of the scan is one update with one batch; nothing else belongs into it.",
)
def test_scan_speed(speed):
    speed(
        lambda m, params, xs, ys: m.train_epoch_scan(params, xs.astype(np.float32), ys),
        inputs=lambda rng: (
            gaussian_network(rng, (784, 64, 10)),  # small, so that there is time for many pairs
            DIGITS.train_images[rng.integers(0, 10_000, (64, 128))],  # bytes travel faster
            one_hot(rng.integers(0, 10, (64, 128))),
        ),
        reference=loop_of_update,
    ).at_most(1.0)
