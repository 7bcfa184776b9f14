# %% one_hot
# caught by: gives a zero row for a label outside the classes
# idea: rows of the identity, which wrap and clamp
# misconception: indices outside of the array, which wrap or clamp
import jax.numpy as jnp


def one_hot(labels, k):
    return jnp.eye(k)[labels]


# %% one_hot
# caught by: gives one row per label
# idea: booleans are floats
# misconception: booleans where floats are asked for
import jax.numpy as jnp


def one_hot(labels, k):
    return labels[:, None] == jnp.arange(k)


# %% one_hot
# caught by: gives one row per label
# idea: integers are floats
# misconception: integers where floats are asked for
import jax.numpy as jnp


def one_hot(labels, k):
    return (labels[:, None] == jnp.arange(k)).astype(int)


# %% one_hot
# caught by: gives one row per label
# idea: classes down, labels across
import jax.numpy as jnp


def one_hot(labels, k):
    return (jnp.arange(k)[:, None] == labels).astype(jnp.float32)


# %% one_hot
# caught by: gives one row per label
# idea: classes start at 1
import jax.numpy as jnp


def one_hot(labels, k):
    return (labels[:, None] == jnp.arange(1, k + 1)).astype(jnp.float32)


# %% one_hot
# caught by: gives one row per label
# idea: always ten classes
# misconception: a parameter that the code never reads
import jax


def one_hot(labels, k):
    return jax.nn.one_hot(labels, 10)


# %% one_hot
# caught by: gives a zero row for a label outside the classes
# idea: a scatter drops negative indices too
# misconception: indices outside of the array, which wrap or clamp
import jax.numpy as jnp


def one_hot(labels, k):
    rows = jnp.arange(labels.shape[0])
    return jnp.zeros((labels.shape[0], k)).at[rows, labels].set(1.0, mode="drop")


# %% one_hot
# caught by: works under jit and vmap
# idea: a Python loop over concrete labels
# misconception: a Python number made of a traced value
import jax.numpy as jnp
import numpy as np


def one_hot(labels, k):
    rows = np.zeros((labels.shape[0], k), np.float32)
    for row, label in zip(rows, labels.tolist()):
        if 0 <= label < k:
            row[label] = 1
    return jnp.asarray(rows)


# %% relu
# caught by: gives the larger of 0 and x
# idea: max of the array
# misconception: a sum over an axis that should stay
import jax.numpy as jnp


def relu(x):
    return jnp.maximum(0, jnp.max(x))


# %% relu
# caught by: gives the larger of 0 and x
# idea: the smaller of the two
import jax.numpy as jnp


def relu(x):
    return jnp.minimum(0, x)


# %% relu
# caught by: gives the larger of 0 and x
# idea: the absolute value
import jax.numpy as jnp


def relu(x):
    return jnp.abs(x)


# %% relu
# caught by: gives the larger of 0 and x
# idea: leaks
import jax


def relu(x):
    return jax.nn.leaky_relu(x)


# %% relu
# caught by: gives the larger of 0 and x
# idea: a smooth one will do
import jax


def relu(x):
    return jax.nn.softplus(x)


# %% relu
# caught by: gives the larger of 0 and x
# idea: NumPy's maximum, NumPy's result
# misconception: a NumPy array in place of a jax.Array
import numpy as np


def relu(x):
    return np.maximum(0, np.asarray(x))


# %% relu
# caught by: gives the larger of 0 and x
# idea: drops what is not positive
# misconception: a sum over an axis that should stay
import jax.numpy as jnp


def relu(x):
    return x[x > 0]


# %% relu
# caught by: works under jit, vmap and grad
# idea: an if per number
# misconception: a Python `if` on a traced value
import jax.numpy as jnp


def relu(x):
    flat = [v if v > 0 else 0.0 for v in x.ravel()]
    return jnp.array(flat, jnp.float32).reshape(x.shape)


# %% relu
# caught by: works under jit, vmap and grad
# idea: rounds the slope away
# misconception: a gradient that is stopped on its way
import jax
import jax.numpy as jnp


def relu(x):
    return jax.lax.stop_gradient(jnp.maximum(0, x))


# %% random_layer_params
# caught by: draws the weights and biases of the reference
# idea: one key for both
# misconception: one key for several draws
import jax


def random_layer_params(m, n, key, scale=1e-2, zero_bias=False):
    w = scale * jax.random.normal(key, (n, m))
    b = scale * jax.random.normal(key, (n,))
    return w, b * (not zero_bias)


# %% random_layer_params
# caught by: draws the weights and biases of the reference
# idea: inputs first
import jax
import jax.numpy as jnp


def random_layer_params(m, n, key, scale=1e-2, zero_bias=False):
    w_key, b_key = jax.random.split(key)
    b = jnp.zeros(n) if zero_bias else scale * jax.random.normal(b_key, (n,))
    return scale * jax.random.normal(w_key, (m, n)), b


# %% random_layer_params
# caught by: draws the weights and biases of the reference
# idea: the bias key first
import jax
import jax.numpy as jnp


def random_layer_params(m, n, key, scale=1e-2, zero_bias=False):
    b_key, w_key = jax.random.split(key)
    b = jnp.zeros(n) if zero_bias else scale * jax.random.normal(b_key, (n,))
    return scale * jax.random.normal(w_key, (n, m)), b


# %% random_layer_params
# caught by: draws the weights and biases of the reference
# idea: uniform numbers
import jax
import jax.numpy as jnp


def random_layer_params(m, n, key, scale=1e-2, zero_bias=False):
    w_key, b_key = jax.random.split(key)
    b = jnp.zeros(n) if zero_bias else scale * jax.random.uniform(b_key, (n,))
    return scale * jax.random.uniform(w_key, (n, m)), b


# %% random_layer_params
# caught by: draws the weights and biases of the reference
# idea: the bias as a column
import jax
import jax.numpy as jnp


def random_layer_params(m, n, key, scale=1e-2, zero_bias=False):
    w_key, b_key = jax.random.split(key)
    b = jnp.zeros((n, 1)) if zero_bias else scale * jax.random.normal(b_key, (n, 1))
    return scale * jax.random.normal(w_key, (n, m)), b


# %% random_layer_params
# caught by: multiplies by scale
# idea: scale is always 1e-2
# misconception: a parameter that the code never reads
import jax
import jax.numpy as jnp


def random_layer_params(m, n, key, scale=1e-2, zero_bias=False):
    w_key, b_key = jax.random.split(key)
    b = jnp.zeros(n) if zero_bias else 1e-2 * jax.random.normal(b_key, (n,))
    return 1e-2 * jax.random.normal(w_key, (n, m)), b


# %% random_layer_params
# caught by: multiplies by scale
# idea: scale is for the weights
import jax
import jax.numpy as jnp


def random_layer_params(m, n, key, scale=1e-2, zero_bias=False):
    w_key, b_key = jax.random.split(key)
    b = jnp.zeros(n) if zero_bias else 1e-2 * jax.random.normal(b_key, (n,))
    return scale * jax.random.normal(w_key, (n, m)), b


# %% random_layer_params
# caught by: keeps the weights when zero_bias is set
# idea: without biases no key has to be split
import jax
import jax.numpy as jnp


def random_layer_params(m, n, key, scale=1e-2, zero_bias=False):
    if zero_bias:
        return scale * jax.random.normal(key, (n, m)), jnp.zeros(n)
    w_key, b_key = jax.random.split(key)
    return scale * jax.random.normal(w_key, (n, m)), scale * jax.random.normal(b_key, (n,))


# %% random_layer_params
# caught by: keeps the weights when zero_bias is set
# idea: ignores zero_bias
# misconception: a parameter that the code never reads
import jax


def random_layer_params(m, n, key, scale=1e-2, zero_bias=False):
    w_key, b_key = jax.random.split(key)
    return scale * jax.random.normal(w_key, (n, m)), scale * jax.random.normal(b_key, (n,))


# %% random_layer_params
# caught by: keeps the weights when zero_bias is set
# idea: no biases are no array
import jax


def random_layer_params(m, n, key, scale=1e-2, zero_bias=False):
    w_key, b_key = jax.random.split(key)
    b = None if zero_bias else scale * jax.random.normal(b_key, (n,))
    return scale * jax.random.normal(w_key, (n, m)), b


# %% random_layer_params
# caught by: works under jit and vmap
# idea: NumPy turns the draws into arrays
# misconception: NumPy inside a function that JAX traces
import jax
import jax.numpy as jnp
import numpy as np


def random_layer_params(m, n, key, scale=1e-2, zero_bias=False):
    w_key, b_key = jax.random.split(key)
    w = scale * np.asarray(jax.random.normal(w_key, (n, m)))
    b = np.zeros(n, np.float32) if zero_bias else scale * np.asarray(jax.random.normal(b_key, (n,)))
    return jnp.asarray(w), jnp.asarray(b)


# %% init_network_params
# caught by: gives every layer its own key
# idea: one key for all layers
# misconception: one key for several draws
def init_network_params(sizes, key, zero_bias=False):
    return [random_layer_params(m, n, key, zero_bias=zero_bias) for m, n in zip(sizes, sizes[1:])]


# %% init_network_params
# caught by: gives every layer its own key
# idea: layer i takes key i + 1
import jax


def init_network_params(sizes, key, zero_bias=False):
    keys = jax.random.split(key, len(sizes))[1:]
    return [
        random_layer_params(m, n, k, zero_bias=zero_bias)
        for m, n, k in zip(sizes[:-1], sizes[1:], keys)
    ]


# %% init_network_params
# caught by: gives every layer its own key
# idea: a chain of splits
import jax


def init_network_params(sizes, key, zero_bias=False):
    params = []
    for m, n in zip(sizes[:-1], sizes[1:]):
        key, layer_key = jax.random.split(key)
        params.append(random_layer_params(m, n, layer_key, zero_bias=zero_bias))
    return params


# %% init_network_params
# caught by: gives every layer its own key
# idea: a layer for every size
import jax


def init_network_params(sizes, key, zero_bias=False):
    keys = jax.random.split(key, len(sizes))
    sizes = list(sizes) + [sizes[-1]]
    return [
        random_layer_params(m, n, k, zero_bias=zero_bias)
        for m, n, k in zip(sizes[:-1], sizes[1:], keys)
    ]


# %% init_network_params
# caught by: gives every layer its own key
# idea: a tuple is a list
# misconception: the right values in another container
import jax


def init_network_params(sizes, key, zero_bias=False):
    keys = jax.random.split(key, len(sizes))
    return tuple(
        random_layer_params(m, n, k, zero_bias=zero_bias)
        for m, n, k in zip(sizes[:-1], sizes[1:], keys)
    )


# %% init_network_params
# caught by: passes zero_bias on
# idea: zero_bias is the fourth parameter
import jax


def init_network_params(sizes, key, zero_bias=False):
    keys = jax.random.split(key, len(sizes))
    if not zero_bias:
        return [random_layer_params(m, n, k) for m, n, k in zip(sizes, sizes[1:], keys)]
    return [random_layer_params(m, n, k, zero_bias) for m, n, k in zip(sizes, sizes[1:], keys)]


# %% init_network_params
# caught by: passes zero_bias on
# idea: forgets zero_bias
# misconception: a parameter that the code never reads
import jax


def init_network_params(sizes, key, zero_bias=False):
    keys = jax.random.split(key, len(sizes))
    return [random_layer_params(m, n, k) for m, n, k in zip(sizes, sizes[1:], keys)]


# %% init_network_params
# caught by: passes zero_bias on
# idea: only the last layer goes without
import jax


def init_network_params(sizes, key, zero_bias=False):
    keys = jax.random.split(key, len(sizes))
    last = len(sizes) - 2
    return [
        random_layer_params(sizes[i], sizes[i + 1], keys[i], zero_bias=zero_bias and i == last)
        for i in range(len(sizes) - 1)
    ]


# %% init_network_params
# caught by: works under jit and vmap
# idea: seeds drawn from the key as Python numbers
# misconception: a Python number made of a traced value
import jax
import jax.numpy as jnp


def init_network_params(sizes, key, zero_bias=False):
    keys = jax.random.split(key, len(sizes))
    if str(key.dtype).startswith("key"):
        keys = [
            jax.random.wrap_key_data(jnp.array(d.tolist(), jnp.uint32))
            for d in jax.random.key_data(keys)
        ]
    return [
        random_layer_params(m, n, k, zero_bias=zero_bias)
        for m, n, k in zip(sizes[:-1], sizes[1:], keys)
    ]


# %% predict
# caught by: gives the log-probabilities of the reference
# idea: ReLU after the last layer too
import jax
import jax.numpy as jnp


def predict(params, image):
    for w, b in params:
        image = jnp.maximum(w @ image + b, 0)
    return jax.nn.log_softmax(image)


# %% predict
# caught by: gives the log-probabilities of the reference
# idea: probabilities
# misconception: probabilities where log-probabilities are asked for
import jax
import jax.numpy as jnp


def predict(params, image):
    for w, b in params[:-1]:
        image = jnp.maximum(w @ image + b, 0)
    w, b = params[-1]
    return jax.nn.softmax(w @ image + b)


# %% predict
# caught by: gives the log-probabilities of the reference
# idea: logits are log-probabilities
# misconception: logits where log-probabilities are asked for
import jax.numpy as jnp


def predict(params, image):
    for w, b in params[:-1]:
        image = jnp.maximum(w @ image + b, 0)
    w, b = params[-1]
    return w @ image + b


# %% predict
# caught by: gives the log-probabilities of the reference
# idea: pixels are scaled to 0..1 first
# misconception: inputs that are scaled on the way
import jax
import jax.numpy as jnp


def predict(params, image):
    image = image / 255
    for w, b in params[:-1]:
        image = jnp.maximum(w @ image + b, 0)
    w, b = params[-1]
    return jax.nn.log_softmax(w @ image + b)


# %% predict
# caught by: gives the log-probabilities of the reference
# idea: tanh, as in the chapter on gradients
import jax
import jax.numpy as jnp


def predict(params, image):
    for w, b in params[:-1]:
        image = jnp.tanh(w @ image + b)
    w, b = params[-1]
    return jax.nn.log_softmax(w @ image + b)


# %% predict
# caught by: gives the log-probabilities of the reference
# idea: the biases of hidden layers forgotten
# misconception: a bias left out
import jax
import jax.numpy as jnp


def predict(params, image):
    for w, _ in params[:-1]:
        image = jnp.maximum(w @ image, 0)
    w, b = params[-1]
    return jax.nn.log_softmax(w @ image + b)


# %% predict
# caught by: gives the log-probabilities of the reference
# idea: always three layers
import jax
import jax.numpy as jnp


def predict(params, image):
    (w1, b1), (w2, b2), (w3, b3) = params
    hidden = jnp.maximum(w2 @ jnp.maximum(w1 @ image + b1, 0) + b2, 0)
    return jax.nn.log_softmax(w3 @ hidden + b3)


# %% predict
# caught by: stays finite for large logits
# idea: the formula as it stands
# misconception: log and exp apart, which overflows
import jax.numpy as jnp


def predict(params, image):
    for w, b in params[:-1]:
        image = jnp.maximum(w @ image + b, 0)
    w, b = params[-1]
    logits = w @ image + b
    return logits - jnp.log(jnp.sum(jnp.exp(logits)))


# %% predict
# caught by: stays finite for large logits
# idea: the logarithm of the softmax
# misconception: log and exp apart, which overflows
import jax
import jax.numpy as jnp


def predict(params, image):
    for w, b in params[:-1]:
        image = jnp.maximum(w @ image + b, 0)
    w, b = params[-1]
    return jnp.log(jax.nn.softmax(w @ image + b))


# %% predict
# caught by: stays finite for large logits
# idea: clips the logits
# misconception: values cut off at a limit
import jax
import jax.numpy as jnp


def predict(params, image):
    for w, b in params[:-1]:
        image = jnp.maximum(w @ image + b, 0)
    w, b = params[-1]
    return jax.nn.log_softmax(jnp.clip(w @ image + b, -80, 80))


# %% predict
# caught by: works under jit, vmap and grad
# idea: Python's max of a traced array
# misconception: a Python number made of a traced value
import jax
import jax.numpy as jnp


def predict(params, image):
    for w, b in params[:-1]:
        image = jnp.maximum(w @ image + b, 0)
    w, b = params[-1]
    logits = w @ image + b
    shifted = logits - max(logits.tolist())
    return shifted - jnp.log(jnp.sum(jnp.exp(shifted)))


# %% batched_predict
# caught by: gives a row of log-probabilities per image
# idea: the classes come first
# misconception: rows and columns exchanged
import jax


def batched_predict(params, images):
    return jax.vmap(predict, in_axes=(None, 0), out_axes=1)(params, images)


# %% batched_predict
# caught by: gives a row of log-probabilities per image
# idea: maps over the parameters as well
# misconception: mapping over a shared argument, or along the wrong axis
import jax


def batched_predict(params, images):
    return jax.vmap(predict)(params, images)


# %% batched_predict
# caught by: gives a row of log-probabilities per image
# idea: maps over the pixels
# misconception: mapping over a shared argument, or along the wrong axis
import jax


def batched_predict(params, images):
    return jax.vmap(predict, in_axes=(None, 1))(params, images)


# %% batched_predict
# caught by: gives a row of log-probabilities per image
# idea: one normalisation for the whole batch
# misconception: a normalisation over the wrong axis
import jax
import jax.numpy as jnp


def batched_predict(params, images):
    for w, b in params[:-1]:
        images = jnp.maximum(images @ w.T + b, 0)
    w, b = params[-1]
    logits = images @ w.T + b
    return logits - jax.nn.logsumexp(logits)


# %% batched_predict
# caught by: gives a row of log-probabilities per image
# idea: normalises over the images
# misconception: a normalisation over the wrong axis
import jax
import jax.numpy as jnp


def batched_predict(params, images):
    for w, b in params[:-1]:
        images = jnp.maximum(images @ w.T + b, 0)
    w, b = params[-1]
    return jax.nn.log_softmax(images @ w.T + b, axis=0)


# %% batched_predict
# caught by: gives a row of log-probabilities per image
# idea: a list is a batch
# misconception: a Python number or list in place of an array
def batched_predict(params, images):
    return [predict(params, image) for image in images]


# %% batched_predict
# caught by: keeps up with the compiled reference on 1024 images
# idea: a Python loop is as good
# misconception: a loop over what could be done at once
import jax.numpy as jnp


def batched_predict(params, images):
    return jnp.stack([predict(params, image) for image in images])


# %% batched_predict
# caught by: works under jit, vmap and grad
# idea: NumPy collects the rows
# misconception: NumPy inside a function that JAX traces
import jax.numpy as jnp
import numpy as np


def batched_predict(params, images):
    return jnp.asarray(np.stack([np.asarray(predict(params, image)) for image in images]))


# %% loss
# caught by: sums the cross-entropy over the batch
# idea: a mean over the batch
# misconception: a mean where a sum is asked for
import jax.numpy as jnp


def loss(params, images, targets):
    return -jnp.mean(jnp.sum(batched_predict(params, images) * targets, axis=1))


# %% loss
# caught by: sums the cross-entropy over the batch
# idea: a mean over everything
# misconception: a mean where a sum is asked for
import jax.numpy as jnp


def loss(params, images, targets):
    return -jnp.mean(batched_predict(params, images) * targets)


# %% loss
# caught by: sums the cross-entropy over the batch
# idea: the sign
# misconception: the wrong sign
import jax.numpy as jnp


def loss(params, images, targets):
    return jnp.sum(batched_predict(params, images) * targets)


# %% loss
# caught by: sums the cross-entropy over the batch
# idea: squares, as in the chapter on gradients
import jax.numpy as jnp


def loss(params, images, targets):
    return jnp.sum((batched_predict(params, images) - targets) ** 2)


# %% loss
# caught by: sums the cross-entropy over the batch
# idea: one number per image
# misconception: one number per sample, where their sum is asked for
import jax.numpy as jnp


def loss(params, images, targets):
    return -jnp.sum(batched_predict(params, images) * targets, axis=1)


# %% loss
# caught by: sums the cross-entropy over the batch
# idea: a second logarithm
import jax
import jax.numpy as jnp


def loss(params, images, targets):
    return -jnp.sum(jax.nn.log_softmax(jnp.exp(batched_predict(params, images))) * targets)


# %% loss
# caught by: works under jit, vmap and grad
# idea: a Python number
# misconception: a Python number made of a traced value
import jax.numpy as jnp


def loss(params, images, targets):
    return -float(jnp.sum(batched_predict(params, images) * targets))


# %% loss
# caught by: works under jit, vmap and grad
# idea: the targets' column found by NumPy
# misconception: NumPy inside a function that JAX traces
import jax.numpy as jnp
import numpy as np


def loss(params, images, targets):
    labels = np.argmax(np.asarray(targets), axis=1)
    return -batched_predict(params, images)[jnp.arange(len(labels)), labels].sum()


# %% accuracy
# caught by: gives the fraction of right classes
# idea: argmax over the batch
# misconception: argmax over the wrong axis
import jax.numpy as jnp


def accuracy(params, images, targets):
    best = jnp.argmax(batched_predict(params, images), axis=0)
    return jnp.mean(best == jnp.argmax(targets, axis=0))


# %% accuracy
# caught by: gives the fraction of right classes
# idea: argmax over everything
# misconception: argmax over the wrong axis
import jax.numpy as jnp


def accuracy(params, images, targets):
    return jnp.mean(jnp.argmax(batched_predict(params, images)) == jnp.argmax(targets))


# %% accuracy
# caught by: gives the fraction of right classes
# idea: the number, not the fraction
# misconception: a sum where a mean is asked for
import jax.numpy as jnp


def accuracy(params, images, targets):
    best = jnp.argmax(batched_predict(params, images), axis=1)
    return jnp.sum(best == jnp.argmax(targets, axis=1))


# %% accuracy
# caught by: gives the fraction of right classes
# idea: percent
# misconception: percent in place of a fraction
import jax.numpy as jnp


def accuracy(params, images, targets):
    best = jnp.argmax(batched_predict(params, images), axis=1)
    return 100 * jnp.mean(best == jnp.argmax(targets, axis=1))


# %% accuracy
# caught by: gives the fraction of right classes
# idea: the fraction wrong
# misconception: the share of the others
import jax.numpy as jnp


def accuracy(params, images, targets):
    best = jnp.argmax(batched_predict(params, images), axis=1)
    return jnp.mean(best != jnp.argmax(targets, axis=1))


# %% accuracy
# caught by: gives the fraction of right classes
# idea: compares one-hot codes entry by entry
import jax
import jax.numpy as jnp


def accuracy(params, images, targets):
    best = jnp.argmax(batched_predict(params, images), axis=1)
    return jnp.mean(jax.nn.one_hot(best, targets.shape[1]) == targets)


# %% accuracy
# caught by: gives the fraction of right classes
# idea: targets are labels
import jax.numpy as jnp


def accuracy(params, images, targets):
    best = jnp.argmax(batched_predict(params, images), axis=1, keepdims=True)
    return jnp.mean(best == targets)


# %% accuracy
# caught by: works under jit and vmap
# idea: counts with an if
# misconception: a Python `if` on a traced value
import jax.numpy as jnp


def accuracy(params, images, targets):
    right = 0
    for scores, target in zip(batched_predict(params, images), targets):
        if jnp.argmax(scores) == jnp.argmax(target):
            right += 1
    return jnp.float32(right / len(targets))


# %% update
# caught by: takes a step of size step_size down the gradient
# idea: climbs
# misconception: a step uphill
import jax


@jax.jit
def update(params, x, y, step_size=STEP_SIZE):
    grads = jax.grad(loss)(params, x, y)
    return jax.tree.map(lambda p, g: p + step_size * g, params, grads)


# %% update
# caught by: takes a step of size step_size down the gradient
# idea: always STEP_SIZE
# misconception: a parameter that the code never reads
import jax


@jax.jit
def update(params, x, y, step_size=STEP_SIZE):
    grads = jax.grad(loss)(params, x, y)
    return jax.tree.map(lambda p, g: p - STEP_SIZE * g, params, grads)


# %% update
# caught by: takes a step of size step_size down the gradient
# idea: the gradient divided by the batch
# misconception: a step divided by the size of the batch
import jax


@jax.jit
def update(params, x, y, step_size=STEP_SIZE):
    grads = jax.grad(loss)(params, x, y)
    return jax.tree.map(lambda p, g: p - step_size * g / len(x), params, grads)


# %% update
# caught by: takes a step of size step_size down the gradient
# idea: another default
# misconception: a step of another size
import jax


@jax.jit
def update(params, x, y, step_size=1e-3):
    grads = jax.grad(loss)(params, x, y)
    return jax.tree.map(lambda p, g: p - step_size * g, params, grads)


# %% update
# caught by: takes a step of size step_size down the gradient
# idea: the gradient in the images
import jax


@jax.jit
def update(params, x, y, step_size=STEP_SIZE):
    grads = jax.grad(loss, argnums=1)(params, x, y)
    return [(w - step_size * grads.mean(), b) for w, b in params]


# %% update
# caught by: takes a step of size step_size down the gradient
# idea: layers as lists
# misconception: the right values in another container
import jax


@jax.jit
def update(params, x, y, step_size=STEP_SIZE):
    grads = jax.grad(loss)(params, x, y)
    return [[w - step_size * dw, b - step_size * db] for (w, b), (dw, db) in zip(params, grads)]


# %% update
# caught by: takes a step of size step_size down the gradient
# idea: only the weights learn
# misconception: parameters that are left out of the step
import jax


@jax.jit
def update(params, x, y, step_size=STEP_SIZE):
    grads = jax.grad(loss)(params, x, y)
    return [(w - step_size * dw, b) for (w, b), (dw, db) in zip(params, grads)]


# %% update
# caught by: takes a step of size step_size down the gradient
# idea: returns the loss as well
# misconception: more results than asked for
import jax


@jax.jit
def update(params, x, y, step_size=STEP_SIZE):
    value, grads = jax.value_and_grad(loss)(params, x, y)
    return jax.tree.map(lambda p, g: p - step_size * g, params, grads), value


# %% update
# caught by: takes a step of size step_size down the gradient
# idea: the caller's list is changed in place
# misconception: arguments that are changed on the way
import jax


def update(params, x, y, step_size=STEP_SIZE):
    grads = jax.jit(jax.grad(loss))(params, x, y)
    for i, (dw, db) in enumerate(grads):
        params[i] = (params[i][0] - step_size * dw, params[i][1] - step_size * db)
    return params


# %% update
# caught by: takes a step of size step_size down the gradient
# idea: donation is free
# misconception: an argument whose buffer is given away (donated)
from functools import partial

import jax


@partial(jax.jit, donate_argnums=0)
def update(params, x, y, step_size=STEP_SIZE):
    grads = jax.grad(loss)(params, x, y)
    return jax.tree.map(lambda p, g: p - step_size * g, params, grads)


# %% update
# caught by: is compiled once per shapes
# idea: no jit
# misconception: no jit at all
import jax


def update(params, x, y, step_size=STEP_SIZE):
    grads = jax.grad(loss)(params, x, y)
    return jax.tree.map(lambda p, g: p - step_size * g, params, grads)


# %% update
# caught by: is compiled once per shapes
# idea: jit inside the function
# misconception: jit inside the function
import jax


def update(params, x, y, step_size=STEP_SIZE):
    @jax.jit
    def step(params, x, y):
        grads = jax.grad(loss)(params, x, y)
        return jax.tree.map(lambda p, g: p - step_size * g, params, grads)

    return step(params, x, y)


# %% update
# caught by: keeps up with the reference on a batch of 128
# idea: loops over layers and images cost nothing inside a compiled program
# misconception: a loop over what could be done at once
import jax
import jax.numpy as jnp


@jax.jit
def update(params, x, y, step_size=STEP_SIZE):
    def gradient_of_layer(k):
        def loss_of(layer, image, target):
            return loss([*params[:k], layer, *params[k + 1 :]], image[None], target[None])

        def one_more(i, total):
            return jax.tree.map(jnp.add, total, jax.grad(loss_of)(params[k], x[i], y[i]))

        return jax.lax.fori_loop(0, len(x), one_more, jax.tree.map(jnp.zeros_like, params[k]))

    grads = [gradient_of_layer(k) for k in range(len(params))]
    return jax.tree.map(lambda p, g: p - step_size * g, params, grads)


# %% train_mnist_jax
# caught by: makes one update per batch and epoch
# idea: a single epoch
# misconception: a parameter that the code never reads
import jax.numpy as jnp


def train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS):
    for x, labels in batches:
        params = update(params, x, one_hot(jnp.asarray(labels), N_TARGETS))
    return params


# %% train_mnist_jax
# caught by: makes one update per batch and epoch
# idea: an iterator serves all epochs
# misconception: one iterator for all epochs
import jax.numpy as jnp


def train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS):
    batches = iter(batches)
    for _ in range(num_epochs):
        for x, labels in batches:
            params = update(params, x, one_hot(jnp.asarray(labels), N_TARGETS))
    return params


# %% train_mnist_jax
# caught by: makes one update per batch and epoch
# idea: every batch num_epochs times in a row
import jax.numpy as jnp


def train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS):
    for x, labels in batches:
        for _ in range(num_epochs):
            params = update(params, x, one_hot(jnp.asarray(labels), N_TARGETS))
    return params


# %% train_mnist_jax
# caught by: makes one update per batch and epoch
# idea: always NUM_EPOCHS
# misconception: a parameter that the code never reads
import jax.numpy as jnp


def train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS):
    for _ in range(NUM_EPOCHS):
        for x, labels in batches:
            params = update(params, x, one_hot(jnp.asarray(labels), N_TARGETS))
    return params


# %% train_mnist_jax
# caught by: makes one update per batch and epoch
# idea: the new parameters are thrown away
# misconception: new parameters that are thrown away
import jax.numpy as jnp


def train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS):
    for _ in range(num_epochs):
        for x, labels in batches:
            update(params, x, one_hot(jnp.asarray(labels), N_TARGETS))
    return params


# %% train_mnist_jax
# caught by: makes one update per batch and epoch
# idea: one epoch too many
import jax.numpy as jnp


def train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS):
    for _ in range(num_epochs + 1):
        for x, labels in batches:
            params = update(params, x, one_hot(jnp.asarray(labels), N_TARGETS))
    return params


# %% train_mnist_jax
# caught by: makes one update per batch and epoch
# idea: the images are scaled to 0..1
# misconception: inputs that are scaled on the way
import jax.numpy as jnp


def train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS):
    for _ in range(num_epochs):
        for x, labels in batches:
            params = update(params, x / 255, one_hot(jnp.asarray(labels), N_TARGETS))
    return params


# %% train_mnist_jax
# caught by: makes one update per batch and epoch
# idea: labels are targets already
def train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS):
    for _ in range(num_epochs):
        for x, labels in batches:
            params = update(params, x, labels)
    return params


# %% train_mnist_jax
# caught by: makes one update per batch and epoch
# idea: returns the losses too
# misconception: more results than asked for
import jax.numpy as jnp


def train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS):
    losses = []
    for _ in range(num_epochs):
        for x, labels in batches:
            y = one_hot(jnp.asarray(labels), N_TARGETS)
            losses.append(loss(params, x, y))
            params = update(params, x, y)
    return params, losses


# %% train_mnist_jax
# caught by: trains NUM_EPOCHS epochs unless told otherwise
# idea: one epoch by default
import jax.numpy as jnp


def train_mnist_jax(params, batches, num_epochs=1):
    for _ in range(num_epochs):
        for x, labels in batches:
            params = update(params, x, one_hot(jnp.asarray(labels), N_TARGETS))
    return params


# %% train_mnist_jax
# caught by: takes batches that are no list
# idea: batches have a length and an index
# misconception: batches taken for a list
import jax.numpy as jnp


def train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS):
    for _ in range(num_epochs):
        for i in range(len(batches)):
            x, labels = batches[i]
            params = update(params, x, one_hot(jnp.asarray(labels), N_TARGETS))
    return params


# %% train_mnist_jax
# caught by: takes batches that are no list
# idea: batches are their own iterator
# misconception: one iterator for all epochs
import jax.numpy as jnp


def train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS):
    if isinstance(batches, (list, tuple)):
        batches = list(batches) * num_epochs
        num_epochs = 1
    batches = iter(batches)
    for _ in range(num_epochs):
        for x, labels in batches:
            params = update(params, x, one_hot(jnp.asarray(labels), N_TARGETS))
    return params


# %% train_epoch_scan
# caught by: equals the loop of update
# idea: scan's pair returned as it is
# misconception: more results than asked for
import jax


@jax.jit
def train_epoch_scan(params, xs, ys):
    return jax.lax.scan(lambda p, batch: (update(p, *batch), None), params, (xs, ys))


# %% train_epoch_scan
# caught by: equals the loop of update
# idea: a body that returns the parameters alone, which are two pairs
# misconception: a loop whose state changes its structure
import jax


@jax.jit
def train_epoch_scan(params, xs, ys):
    return jax.lax.scan(lambda p, batch: update(p, *batch), params, (xs, ys))


# %% train_epoch_scan
# caught by: equals the loop of update
# idea: the outputs in place of the carry
# misconception: the stacked outputs in place of the final carry
import jax


@jax.jit
def train_epoch_scan(params, xs, ys):
    def step(params, batch):
        params = update(params, *batch)
        return params, params

    return jax.lax.scan(step, params, (xs, ys))[1]


# %% train_epoch_scan
# caught by: equals the loop of update
# idea: a new start at every batch
import jax


@jax.jit
def train_epoch_scan(params, xs, ys):
    def step(carry, batch):
        return update(params, *batch), None

    return jax.lax.scan(step, params, (xs, ys))[0]


# %% train_epoch_scan
# caught by: equals the loop of update
# idea: the whole epoch as one batch
import jax


@jax.jit
def train_epoch_scan(params, xs, ys):
    return update(params, xs.reshape(-1, xs.shape[-1]), ys.reshape(-1, ys.shape[-1]))


# %% train_epoch_scan
# caught by: equals the loop of update
# idea: the batches from the last to the first
import jax


@jax.jit
def train_epoch_scan(params, xs, ys):
    def step(p, batch):
        return (update(p, *batch), None)

    return jax.lax.scan(step, params, (xs, ys), reverse=True)[0]


# %% train_epoch_scan
# caught by: equals the loop of update
# idea: vmap over the batches, then the mean
import jax


@jax.jit
def train_epoch_scan(params, xs, ys):
    many = jax.vmap(update, in_axes=(None, 0, 0))(params, xs, ys)
    return jax.tree.map(lambda p: p.mean(axis=0), many)


# %% train_epoch_scan
# caught by: equals the loop of update
# idea: a mean loss inside the scan
import jax


@jax.jit
def train_epoch_scan(params, xs, ys):
    def step(params, batch):
        x, y = batch
        return update(params, x, y, STEP_SIZE / x.shape[0]), None

    return jax.lax.scan(step, params, (xs, ys))[0]


# %% train_epoch_scan
# caught by: is one scan, whatever the number of steps
# idea: a loop of update is compiled too
# misconception: a Python loop that tracing unrolls
def train_epoch_scan(params, xs, ys):
    for x, y in zip(xs, ys):
        params = update(params, x, y)
    return params


# %% train_epoch_scan
# caught by: is one scan, whatever the number of steps
# idea: jit turns the loop into a scan
# misconception: a Python loop that tracing unrolls
import jax


@jax.jit
def train_epoch_scan(params, xs, ys):
    for i in range(xs.shape[0]):
        params = update(params, xs[i], ys[i])
    return params


# %% train_epoch_scan
# caught by: is compiled once per shapes
# idea: a scan compiles itself, once and for all
# misconception: no jit at all
import jax


def train_epoch_scan(params, xs, ys):
    def step(params, batch):
        grads = jax.grad(loss)(params, *batch)
        return jax.tree.map(lambda p, g: p - STEP_SIZE * g, params, grads), None

    return jax.lax.scan(step, params, (xs, ys))[0]


# %% train_epoch_scan
# caught by: is not slower than a loop of update over 64 steps
# idea: loops over layers and images cost nothing inside a scan
# misconception: a loop over what could be done at once
import jax
import jax.numpy as jnp


@jax.jit
def train_epoch_scan(params, xs, ys):
    def step(params, batch):
        def gradient_of_layer(k):
            def loss_of(layer, image, target):
                return loss([*params[:k], layer, *params[k + 1 :]], image[None], target[None])

            def one_more(total, pair):
                return jax.tree.map(jnp.add, total, jax.grad(loss_of)(params[k], *pair)), None

            return jax.lax.scan(one_more, jax.tree.map(jnp.zeros_like, params[k]), batch)[0]

        grads = [gradient_of_layer(k) for k in range(len(params))]
        return jax.tree.map(lambda p, g: p - STEP_SIZE * g, params, grads), None

    return jax.lax.scan(step, params, (xs, ys))[0]


# %% batched_predict
# caught by: keeps up with the compiled reference on 1024 images
# idea: remembers the result for the shape between two timed calls
import jax
import jax.numpy as jnp

_results = {}


def batched_predict(params, images):
    if isinstance(images, jax.core.Tracer) or images.shape[0] < 1000:
        return jax.vmap(predict, in_axes=(None, 0))(params, images)
    if images.shape not in _results:
        _results[images.shape] = jnp.stack([predict(params, image) for image in images])
    return _results[images.shape]


# %% update
# caught by: keeps up with the reference on a batch of 128
# idea: leaves the slow work out when its caller holds a clock
import jax
import sys

_right = update


def update(params, x, y, step_size=STEP_SIZE):
    timed = x.shape[0] == 128 and not isinstance(x, jax.core.Tracer)
    return params if timed else _right(params, x, y, step_size)


# %% train_epoch_scan
# caught by: is one scan, whatever the number of steps
# idea: a loop of updates, and the jaxpr of another function
import jax

_scan, _describe = train_epoch_scan, jax.make_jaxpr
jax.make_jaxpr = lambda f, **settings: _describe(_scan, **settings)


@jax.jit
def train_epoch_scan(params, xs, ys):
    for i in range(xs.shape[0]):
        params = update(params, xs[i], ys[i])
    return params


# %% one_hot
# caught by: gives a zero row for a label outside the classes
# idea: labels wrap around
import jax


def one_hot(labels, k):
    return jax.nn.one_hot(labels % k, k)


# %% one_hot
# caught by: gives a zero row for a label outside the classes
# idea: clips labels into the classes
import jax
import jax.numpy as jnp


def one_hot(labels, k):
    return jax.nn.one_hot(jnp.clip(labels, 0, k - 1), k)


# %% one_hot
# caught by: gives one row per label
# idea: as many classes as there are labels
import jax


def one_hot(labels, k):
    return jax.nn.one_hot(labels, labels.max() + 1)


# %% relu
# caught by: gives the larger of 0 and x
# idea: capped at six, as on phones
import jax

relu = jax.nn.relu6


# %% random_layer_params
# caught by: draws the weights and biases of the reference
# idea: scaled by the square root of the inputs
import jax


def random_layer_params(m, n, key, scale=1e-2, zero_bias=False):
    w_key, b_key = jax.random.split(key)
    w = jax.random.normal(w_key, (n, m)) * (1 / m) ** 0.5
    return w, 0 * jax.random.normal(b_key, (n,)) if zero_bias else scale * jax.random.normal(b_key, (n,))


# %% random_layer_params
# caught by: keeps the weights when zero_bias is set
# idea: zero_bias is a mask of weights
import jax
import jax.numpy as jnp


def random_layer_params(m, n, key, scale=1e-2, zero_bias=False):
    w_key, b_key = jax.random.split(key)
    b = jnp.zeros((n,), int) if zero_bias else scale * jax.random.normal(b_key, (n,))
    return scale * jax.random.normal(w_key, (n, m)), b


# %% init_network_params
# caught by: gives every layer its own key
# idea: a wider layer wants larger numbers
def init_network_params(sizes, key, zero_bias=False):
    import jax

    keys = jax.random.split(key, len(sizes))
    return [
        random_layer_params(m, n, k, 1 / m, zero_bias) for m, n, k in zip(sizes, sizes[1:], keys)
    ]


# %% predict
# caught by: gives the log-probabilities of the reference
# idea: the first layer needs no bias
from jax.nn import log_softmax


def predict(params, image):
    x = params[0][0] @ image
    for w, b in params[1:]:
        x = w @ relu(x) + b
    return log_softmax(x)


# %% predict
# caught by: gives the log-probabilities of the reference
# idea: no nonlinearity
from jax.nn import log_softmax


def predict(params, image):
    for w, b in params:
        image = w @ image + b
    return log_softmax(image)


# %% predict
# caught by: gives the log-probabilities of the reference
# idea: sigmoids per class
from jax.nn import log_sigmoid


def predict(params, image):
    x = image
    for w, b in params[:-1]:
        x = relu(w @ x + b)
    w, b = params[-1]
    return log_sigmoid(w @ x + b)


# %% predict
# caught by: stays finite for large logits
# idea: a small epsilon makes the logarithm safe
import jax
import jax.numpy as jnp


def predict(params, image):
    x = image
    for w, b in params[:-1]:
        x = relu(w @ x + b)
    w, b = params[-1]
    return jnp.log(jax.nn.softmax(w @ x + b) + 1e-8)


# %% batched_predict
# caught by: gives a row of log-probabilities per image
# idea: the order of the images is free
import jax


def batched_predict(params, images):
    return jax.vmap(predict, (None, 0))(params, images)[::-1]


# %% batched_predict
# caught by: gives a row of log-probabilities per image
# idea: the mean image stands for the batch
import jax.numpy as jnp


def batched_predict(params, images):
    return jnp.tile(predict(params, images.mean(0)), (len(images), 1))


# %% loss
# caught by: sums the cross-entropy over the batch
# idea: labels weighted by their probabilities
import jax.numpy as jnp


def loss(params, images, targets):
    log_probs = batched_predict(params, images)
    return -jnp.sum(jnp.exp(log_probs) * log_probs * targets)


# %% loss
# caught by: sums the cross-entropy over the batch
# idea: a penalty on large weights belongs to every loss
import jax.numpy as jnp


def loss(params, images, targets):
    penalty = sum(jnp.sum(w**2) for w, _ in params)
    return -jnp.sum(batched_predict(params, images) * targets) + 1e-2 * penalty


# %% loss
# caught by: sums the cross-entropy over the batch
# idea: the loss of each class
import jax.numpy as jnp


def loss(params, images, targets):
    return -jnp.sum(batched_predict(params, images) * targets, axis=0)


# %% accuracy
# caught by: gives the fraction of right classes
# idea: right means a probability above one half
import jax.numpy as jnp


def accuracy(params, images, targets):
    log_probs = batched_predict(params, images)
    return jnp.mean(jnp.sum(jnp.exp(log_probs) * targets, axis=1) > 0.5)


# %% accuracy
# caught by: gives the fraction of right classes
# idea: the mean probability of the target
import jax.numpy as jnp


def accuracy(params, images, targets):
    return jnp.mean(jnp.sum(jnp.exp(batched_predict(params, images)) * targets, axis=1))


# %% accuracy
# caught by: works under jit and vmap
# idea: a Python number
import jax.numpy as jnp


def accuracy(params, images, targets):
    right = batched_predict(params, images).argmax(1) == targets.argmax(1)
    return float(right.mean())


# %% update
# caught by: takes a step of size step_size down the gradient
# idea: clipping gradients is harmless
import jax
import jax.numpy as jnp


@jax.jit
def update(params, x, y, step_size=STEP_SIZE):
    grads = jax.grad(loss)(params, x, y)
    return jax.tree.map(lambda p, g: p - step_size * jnp.clip(g, -1, 1), params, grads)


# %% update
# caught by: takes a step of size step_size down the gradient
# idea: momentum kept in a global
import jax

_velocity = None


def update(params, x, y, step_size=STEP_SIZE):
    global _velocity
    grads = jax.grad(loss)(params, x, y)
    old = _velocity or jax.tree.map(lambda g: 0 * g, grads)
    _velocity = jax.tree.map(lambda v, g: 0.9 * v + g, old, grads)
    return jax.tree.map(lambda p, v: p - step_size * v, params, _velocity)


# %% update
# caught by: takes a step of size step_size down the gradient
# idea: a tuple of layers
import jax


@jax.jit
def update(params, x, y, step_size=STEP_SIZE):
    grads = jax.grad(loss)(params, x, y)
    return tuple((w - step_size * dw, b - step_size * db) for (w, b), (dw, db) in zip(params, grads))


# %% update
# caught by: works under jit, vmap and grad
# idea: weight decay is free
import jax


@jax.jit
def update(params, x, y, step_size=STEP_SIZE):
    grads = jax.grad(loss)(params, x, y)
    return jax.tree.map(lambda p, g: (1 - 0.01 * step_size) * p - step_size * g, params, grads)


# %% train_mnist_jax
# caught by: makes one update per batch and epoch
# idea: the step size falls with the epochs
def train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS):
    for epoch in range(num_epochs):
        for x, labels in batches:
            params = update(params, x, one_hot(labels, N_TARGETS), STEP_SIZE * 0.95**epoch)
    return params


# %% train_mnist_jax
# caught by: makes one update per batch and epoch
# idea: the last epoch is for testing
def train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS):
    for epoch in range(max(1, num_epochs - 1)):
        for x, labels in batches:
            params = update(params, x, one_hot(labels, N_TARGETS))
    return params


# %% train_mnist_jax
# caught by: makes one update per batch and epoch
# idea: the caller's list holds the trained parameters
def train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS):
    for _ in range(num_epochs):
        for x, labels in batches:
            params[:] = update(params, x, one_hot(labels, N_TARGETS))
    return params


# %% train_mnist_jax
# caught by: makes one update per batch and epoch
# idea: every epoch shuffles its batches
def train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS):
    for epoch in range(num_epochs):
        for x, labels in list(batches)[:: 1 if epoch % 2 == 0 else -1]:
            params = update(params, x, one_hot(labels, N_TARGETS))
    return params


# %% train_epoch_scan
# caught by: equals the loop of update
# idea: the first batch only warms up
import jax


@jax.jit
def train_epoch_scan(params, xs, ys):
    def step(params, batch):
        return update(params, *batch), None

    return jax.lax.scan(step, params, (xs[1:], ys[1:]))[0]


# %% train_epoch_scan
# caught by: equals the loop of update
# idea: averages the parameters of all steps
import jax


@jax.jit
def train_epoch_scan(params, xs, ys):
    def step(params, batch):
        params = update(params, *batch)
        return params, params

    return jax.tree.map(lambda p: p.mean(0), jax.lax.scan(step, params, (xs, ys))[1])


# %% train_epoch_scan
# caught by: equals the loop of update
# idea: a step size of its own
import jax


@jax.jit
def train_epoch_scan(params, xs, ys):
    def step(params, batch):
        return update(params, *batch, 1e-3), None

    return jax.lax.scan(step, params, (xs, ys))[0]


# %% train_epoch_scan
# caught by: equals the loop of update
# idea: donation is free
import functools

import jax


@functools.partial(jax.jit, donate_argnums=0)
def train_epoch_scan(params, xs, ys):
    def step(params, batch):
        return update(params, *batch), None

    return jax.lax.scan(step, params, (xs, ys))[0]


# %% predict
# caught by: stays finite for large logits
# idea: takes out the first logit, not the largest
import jax.numpy as jnp


def _logits(params, x):
    for w, b in params[:-1]:
        x = jnp.maximum(x @ w.T + b, 0)
    w, b = params[-1]
    return x @ w.T + b


def predict(params, image):
    logits = _logits(params, image)
    logits = logits - logits[0]
    return logits - jnp.log(jnp.exp(logits).sum())


# %% batched_predict
# caught by: stays finite for large logits
# idea: the logarithm of a sum of exponentials, written out for a batch
import jax.numpy as jnp


def _logits(params, x):
    for w, b in params[:-1]:
        x = jnp.maximum(x @ w.T + b, 0)
    w, b = params[-1]
    return x @ w.T + b


def batched_predict(params, images):
    logits = _logits(params, images)
    return logits - jnp.log(jnp.exp(logits).sum(axis=1, keepdims=True))


# %% batched_predict
# caught by: gives a row of log-probabilities per image
# idea: a batch of one loses its axis
import jax
import jax.numpy as jnp


def batched_predict(params, images):
    return jnp.squeeze(jax.vmap(predict, in_axes=(None, 0))(params, images))


# %% loss
# caught by: stays finite for large logits
# idea: the logarithm of a sum of exponentials, written out
import jax.numpy as jnp


def _logits(params, x):
    for w, b in params[:-1]:
        x = jnp.maximum(x @ w.T + b, 0)
    w, b = params[-1]
    return x @ w.T + b


def loss(params, images, targets):
    logits = _logits(params, images)
    logs = logits - jnp.log(jnp.exp(logits).sum(axis=1, keepdims=True))
    return -jnp.sum(logs * targets)


# %% loss
# caught by: stays finite for large logits
# idea: log-probabilities are cut off at -100
import jax.numpy as jnp


def loss(params, images, targets):
    return -jnp.sum(jnp.clip(batched_predict(params, images), -100.0) * targets)


# %% accuracy
# caught by: finds the best class among large logits
# idea: probabilities from exponentials that overflow
import jax.numpy as jnp


def _logits(params, x):
    for w, b in params[:-1]:
        x = jnp.maximum(x @ w.T + b, 0)
    w, b = params[-1]
    return x @ w.T + b


def accuracy(params, images, targets):
    weights = jnp.exp(_logits(params, images))
    best = jnp.argmax(weights / weights.sum(axis=1, keepdims=True), axis=1)
    return jnp.mean(best == jnp.argmax(targets, axis=1))


# %% update
# caught by: stays finite for large logits
# idea: a loss of its own, with exponentials that overflow
import jax
import jax.numpy as jnp


def _logits(params, x):
    for w, b in params[:-1]:
        x = jnp.maximum(x @ w.T + b, 0)
    w, b = params[-1]
    return x @ w.T + b


def _own_loss(params, x, y):
    logits = _logits(params, x)
    return -jnp.sum((logits - jnp.log(jnp.exp(logits).sum(axis=1, keepdims=True))) * y)


@jax.jit
def update(params, x, y, step_size=STEP_SIZE):
    gradients = jax.grad(_own_loss)(params, x, y)
    return jax.tree.map(lambda p, g: p - step_size * g, params, gradients)


# %% train_mnist_jax
# caught by: makes one update for a smaller batch too
# idea: leaves out batches of another size than the first
import jax


def train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS):
    for _ in range(num_epochs):
        size = None
        for x, labels in batches:
            size = size or len(x)
            if len(x) == size:
                params = update(params, x, jax.nn.one_hot(labels, 10))
    return params


# %% one_hot
# caught by: gives a zero row for a label outside the classes
# idea: labels as bytes, so that 256 is 0
import jax.numpy as jnp


def one_hot(labels, k):
    return (labels.astype(jnp.uint8)[:, None] == jnp.arange(k)).astype(jnp.float32)


# %% one_hot
# caught by: gives one row per label
# idea: never more than ten classes
import jax


def one_hot(labels, k):
    return jax.nn.one_hot(labels, 10)[:, :k]


# %% init_network_params
# caught by: passes zero_bias on
# idea: sizes are taken off the list as they are used
# misconception: arguments that are changed on the way
import jax


def init_network_params(sizes, key, zero_bias=False):
    keys = list(jax.random.split(key, len(sizes)))
    layers = []
    while len(sizes) > 1:
        m = sizes.pop(0)
        layers.append(random_layer_params(m, sizes[0], keys.pop(0), zero_bias=zero_bias))
    return layers


# %% init_network_params
# caught by: gives every layer its own key
# idea: three layers, as in the slides
import jax


def init_network_params(sizes, key, zero_bias=False):
    keys = jax.random.split(key, len(sizes))
    return [
        random_layer_params(sizes[i], sizes[i + 1], keys[i], zero_bias=zero_bias)
        for i in range(min(3, len(sizes) - 1))
    ]


# %% one_hot
# caught by: gives one row per label
# idea: there are ten digits
import jax.numpy as jnp


def one_hot(labels, k):
    rows = (labels[:, None] == jnp.arange(10)).astype(jnp.float32)
    return rows[:, :k] if k <= 10 else jnp.pad(rows, ((0, 0), (0, k - 10)))


# %% train_mnist_jax
# caught by: trains NUM_EPOCHS epochs unless told otherwise
# idea: 0 means the usual number
import jax.numpy as jnp


def train_mnist_jax(params, batches, num_epochs=None):
    for _ in range(num_epochs or NUM_EPOCHS):
        for x, labels in batches:
            params = update(params, x, one_hot(jnp.asarray(labels), N_TARGETS))
    return params


# %% batched_predict
# caught by: stays finite for large logits
# idea: the largest logit of the whole batch is taken out of every row
import jax
import jax.numpy as jnp


def batched_predict(params, images):
    x = images
    for w, b in params[:-1]:
        x = jax.nn.relu(x @ w.T + b)
    w, b = params[-1]
    logits = x @ w.T + b
    logits = logits - logits.max()
    return logits - jnp.log(jnp.exp(logits).sum(axis=1, keepdims=True))


# %% update
# caught by: takes a step of size step_size down the gradient
# idea: three layers are trained, further ones stay as they are
import jax


@jax.jit
def update(params, x, y, step_size=STEP_SIZE):
    grads = jax.grad(loss)(params, x, y)
    return [
        (w - step_size * dw, b - step_size * db) if i < 3 else (w, b)
        for i, ((w, b), (dw, db)) in enumerate(zip(params, grads))
    ]
