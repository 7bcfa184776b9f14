# %% two_draws
# style: a chain of splits, as in the slides
import jax


def two_draws(key):
    draws = []
    for _ in range(2):
        key, subkey = jax.random.split(key)
        draws.append(jax.random.normal(subkey, (1,)))
    return tuple(draws)


# %% two_draws
# style: labels by fold_in
import jax


def two_draws(key):
    return (
        jax.random.normal(jax.random.fold_in(key, 0), (1,)),
        jax.random.normal(jax.random.fold_in(key, 1), (1,)),
    )


# %% two_draws
# style: Box and Muller's method on two uniforms
import jax
import jax.numpy as jnp


@jax.jit
def two_draws(key):
    for_radius, for_angle = jax.random.split(key)
    radius = jnp.sqrt(2 * jax.random.exponential(for_radius, (1,)))
    angle = jax.random.uniform(for_angle, (1,), maxval=2 * jnp.pi)
    return radius * jnp.cos(angle), radius * jnp.sin(angle)


# %% two_draws
# style: one mapped draw, unpacked; raw keys are wrapped first
import jax


def two_draws(key):
    if not jax.dtypes.issubdtype(key.dtype, jax.dtypes.prng_key):
        key = jax.random.wrap_key_data(key)
    first, second = jax.vmap(lambda k: jax.random.normal(k, (1,)))(jax.random.split(key))
    return first, second


# %% draw_many
# style: a Python loop over fold_in, with n = 0 apart
import jax
import jax.numpy as jnp


def draw_many(key, n):
    if n == 0:
        return jnp.zeros(0)
    return jnp.stack([jax.random.normal(jax.random.fold_in(key, i)) for i in range(n)])


# %% draw_many
# style: fold_in mapped over the labels
import jax
import jax.numpy as jnp


def draw_many(key, n):
    return jax.vmap(lambda i: jax.random.normal(jax.random.fold_in(key, i)))(jnp.arange(n))


# %% draw_many
# style: a chain in lax.scan
import jax


def draw_many(key, n):
    def step(key, _):
        key, subkey = jax.random.split(key)
        return key, jax.random.normal(subkey)

    return jax.lax.scan(step, key, length=n)[1]


# %% draw_many
# style: a chain in fori_loop that fills an array
import jax
import jax.numpy as jnp


def draw_many(key, n):
    def step(i, carry):
        key, out = carry
        key, subkey = jax.random.split(key)
        return key, out.at[i].set(jax.random.normal(subkey))

    return jax.lax.fori_loop(0, n, step, (key, jnp.zeros(max(n, 1))))[1][:n]


# %% draw_many
# style: lax.map over the keys, jitted with a static n
import functools

import jax


@functools.partial(jax.jit, static_argnames="n")
def draw_many(key, n):
    return jax.lax.map(jax.random.normal, jax.random.split(key, n))


# %% draw_many
# style: inverse of the distribution function
import jax
import jax.numpy as jnp


def draw_many(key, n):
    tiny = jnp.finfo(jnp.float32).tiny
    uniform = jax.vmap(lambda k: jax.random.uniform(k, minval=tiny))(jax.random.split(key, n))
    return jax.scipy.special.ndtri(uniform)


# %% randint_chain
# style: the slide's Python loop
import jax
import jax.numpy as jnp


def randint_chain(key, n=5):
    digits = []
    for _ in range(n):
        key, subkey = jax.random.split(key)
        digits.append(jax.random.randint(subkey, (1,), 0, 10)[0])
    return jnp.array(digits)


# %% randint_chain
# style: fori_loop into an array of 8-bit integers, jitted
import functools

import jax
import jax.numpy as jnp


@functools.partial(jax.jit, static_argnums=1, static_argnames="n")
def randint_chain(key, n=5):
    def step(i, carry):
        key, out = carry
        key, subkey = jax.random.split(key)
        digit = jax.random.randint(subkey, (1,), 0, 10)[0]
        return key, out.at[i].set(digit.astype(jnp.int8))

    return jax.lax.fori_loop(0, n, step, (key, jnp.zeros(n, jnp.int8)))[1]


# %% randint_chain
# style: the subkeys first, the digits mapped afterwards
import jax


def randint_chain(key, n=5):
    def step(key, _):
        pair = jax.random.split(key)
        return pair[0], pair[1]

    _, subkeys = jax.lax.scan(step, key, length=n)
    return jax.vmap(lambda k: jax.random.randint(k, (1,), 0, 10)[0])(subkeys)


# %% dropout
# style: a uniform compared with the rate
import jax
import jax.numpy as jnp


def dropout(key, x, rate):
    dropped = jax.random.uniform(key, x.shape) < rate
    return jnp.where(dropped, jnp.zeros_like(x), x * (1 / (1 - rate)))


# %% dropout
# style: multiplies by the mask; rate 0 apart
import jax


def dropout(key, x, rate):
    if rate == 0:
        return x
    return x * jax.random.bernoulli(key, 1 - rate, x.shape) / (1 - rate)


# %% dropout
# style: a key for every entry, mapped
import jax


def dropout(key, x, rate):
    keys = jax.random.split(key, x.size)
    dropped = jax.vmap(lambda k: jax.random.bernoulli(k, float(rate)))(keys)
    return jax.lax.select(dropped.reshape(x.shape), x * 0, x / (1.0 - rate))


# %% bootstrap_means
# style: indices by randint, lax.map over the keys
import jax


def bootstrap_means(key, x, n):
    def one_mean(key):
        picks = jax.random.randint(key, x.shape, 0, len(x))
        return x[picks].mean()

    return jax.lax.map(one_mean, jax.random.split(key, n))


# %% bootstrap_means
# style: all indices first, one gather at the end
import jax
import jax.numpy as jnp


def bootstrap_means(key, x, n):
    size = x.shape[0]
    uniform = jax.vmap(lambda k: jax.random.uniform(k, (size,)))(jax.random.split(key, n))
    return jnp.take(x, jnp.floor(uniform * size).astype(int)).mean(axis=1)


# %% bootstrap_means
# style: counts of the picks times x, labels by fold_in in a scan
import jax
import jax.numpy as jnp


def bootstrap_means(key, x, n):
    size = len(x)

    def step(_, i):
        picks = jax.random.randint(jax.random.fold_in(key, i), (size,), 0, size)
        return None, jnp.bincount(picks, length=size) @ x / size

    return jax.lax.scan(step, None, jnp.arange(n))[1]


# %% epoch_orders
# style: one call with independent=True
import jax
import jax.numpy as jnp


def epoch_orders(key, n_items, n_epochs):
    rows = jnp.tile(jnp.arange(n_items), (n_epochs, 1))
    return jax.random.permutation(key, rows, axis=1, independent=True)


# %% epoch_orders
# style: argsort of uniforms
import jax
import jax.numpy as jnp


def epoch_orders(key, n_items, n_epochs):
    return jnp.argsort(jax.random.uniform(key, (n_epochs, n_items)), axis=-1)


# %% epoch_orders
# style: a Python loop with a chain of splits
import jax
import jax.numpy as jnp


def epoch_orders(key, n_items, n_epochs):
    rows = []
    for _ in range(n_epochs):
        key, subkey = jax.random.split(key)
        rows.append(jax.random.permutation(subkey, n_items))
    return jnp.array(rows)


# %% epoch_orders
# style: every epoch shuffles the order of the one before, in a scan
import jax
import jax.numpy as jnp


def epoch_orders(key, n_items, n_epochs):
    def step(order, key):
        order = jax.random.permutation(key, order)
        return order, order

    keys = jax.random.split(key, n_epochs)
    return jax.lax.scan(step, jnp.arange(n_items), keys)[1]


# %% epoch_orders
# style: choice without replacement, in 16-bit integers
import jax
import jax.numpy as jnp


def epoch_orders(key, n_items, n_epochs):
    def one(label):
        subkey = jax.random.fold_in(key, label)
        order = jax.random.choice(subkey, n_items, (n_items,), replace=False)
        return order.astype(jnp.int16)

    return jax.lax.map(one, jnp.arange(n_epochs))


# %% two_draws
# style: one array drawn from the one key, unpacked into its rows
import jax


def two_draws(key):
    return tuple(jax.random.normal(key, (2, 1)))


# %% two_draws
# style: clones of the key, told apart by labels; a lambda
import jax

two_draws = lambda key: tuple(
    jax.random.normal(jax.random.fold_in(jax.random.clone(key), label), (1,)) for label in (7, 11)
)


# %% draw_many
# style: one key more than needed, the first kept back
import jax


def draw_many(key, n):
    return jax.vmap(jax.random.normal)(jax.random.split(key, n + 1)[1:])


# %% draw_many
# style: keys in pairs of a table, ravelled
import jax


def draw_many(key, n):
    keys = jax.random.split(key, (n, 1))
    return jax.vmap(lambda row: jax.random.normal(row[0]))(keys)


# %% randint_chain
# style: recursion
import jax
import jax.numpy as jnp


def randint_chain(key, n=5):
    if n == 0:
        return jnp.zeros(0, int)
    key, subkey = jax.random.split(key)
    return jnp.concatenate([jax.random.randint(subkey, (1,), 0, 10), randint_chain(key, n - 1)])


# %% randint_chain
# style: an object with __call__, a column cut out at the end
import jax


class _Chain:
    def __call__(self, key, n=5):
        def step(key, _):
            old, new = jax.random.split(key)
            return old, jax.random.randint(new, (1,), 0, 10)

        return jax.lax.scan(step, key, None, n)[1][:, 0]


randint_chain = _Chain()


# %% dropout
# style: floor of a uniform shifted by the probability of staying
import jax
import jax.numpy as jnp


def dropout(key, x, rate):
    stay = 1 - rate
    return x / stay * jnp.floor(stay + jax.random.uniform(key, x.shape, x.dtype))


# %% epoch_orders
# style: ranks of normals, doubly sorted
import jax
import jax.numpy as jnp


def epoch_orders(key, n_items, n_epochs):
    keys = jax.random.split(key, n_epochs)
    noise = jax.vmap(lambda k: jax.random.normal(k, (n_items,)))(keys)
    return jnp.argsort(jnp.argsort(noise, axis=1), axis=1)


# %% epoch_orders
# style: sort of pairs by lax.sort
import jax
import jax.numpy as jnp


def epoch_orders(key, n_items, n_epochs):
    noise = jax.random.uniform(key, (n_epochs, n_items))
    rows = jnp.broadcast_to(jnp.arange(n_items), noise.shape)
    return jax.lax.sort((noise, rows), num_keys=1)[1]


# %% bootstrap_means
# style: a scan in chunks of four resamples
import jax


def bootstrap_means(key, x, n):
    def step(carry, key):
        return carry, jax.random.choice(key, x, x.shape).mean()

    return jax.lax.scan(step, None, jax.random.split(key, n), unroll=4)[1]


# %% bootstrap_means
# style: lax.map in batches of eight
import jax


def bootstrap_means(key, x, n):
    keys = jax.random.split(key, n)
    return jax.lax.map(lambda key: jax.random.choice(key, x, x.shape).mean(), keys, batch_size=8)


# %% draw_many
# style: keys taken by an index that is an array, which the checker takes for reuse under a trace
import jax
import jax.numpy as jnp


def draw_many(key, n):
    keys = jax.random.split(key, n)
    return jnp.array([jax.random.normal(keys[i]) for i in jnp.arange(n)], dtype=jnp.float32)


# %% draw_many
# style: the keys from the last to the first
import jax
import jax.numpy as jnp


def draw_many(key, n):
    keys = reversed(jax.random.split(key, n))
    return jnp.array([jax.random.normal(k) for k in keys], dtype=jnp.float32)


# %% dropout
# style: the probability of staying is 1 - rate, as most write it
import jax
import jax.numpy as jnp


def dropout(key, x, rate):
    keep = jax.random.bernoulli(key, 1 - rate, x.shape)
    return jnp.where(keep, x / (1 - rate), 0.0)
