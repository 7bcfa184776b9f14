# %% two_draws
# caught by: makes independent standard normals, under jit and vmap
# misconception: a second call gives other numbers, as in NumPy
import jax


def two_draws(key):
    return jax.random.normal(key, (1,)), jax.random.normal(key, (1,))


# %% two_draws
# caught by: makes independent standard normals, under jit and vmap
# misconception: the same subkey twice
import jax


def two_draws(key):
    key, subkey = jax.random.split(key)
    return jax.random.normal(subkey, (1,)), jax.random.normal(subkey, (1,))


# %% two_draws
# caught by: makes independent standard normals, under jit and vmap
# misconception: the mirror image is independent
import jax


def two_draws(key):
    first = jax.random.normal(key, (1,))
    return first, -first


# %% two_draws
# caught by: uses every key once
# misconception: the old key is still good after a split
import jax


def two_draws(key):
    _, subkey = jax.random.split(key)
    return jax.random.normal(key, (1,)), jax.random.normal(subkey, (1,))


# %% two_draws
# caught by: uses every key once
# misconception: every split makes new keys, also of the same key
import jax


def two_draws(key):
    first = jax.random.split(key)[0]
    second = jax.random.split(key)[1]
    return jax.random.normal(first, (1,)), jax.random.normal(second, (1,))


# %% two_draws
# caught by: returns a pair of arrays of shape (1,)
# misconception: one array instead of a tuple
import jax


def two_draws(key):
    return jax.vmap(lambda k: jax.random.normal(k, (1,)))(jax.random.split(key))


# %% two_draws
# caught by: returns a pair of arrays of shape (1,)
# misconception: scalars instead of shape (1,)
import jax


def two_draws(key):
    first, second = jax.random.split(key)
    return jax.random.normal(first), jax.random.normal(second)


# %% two_draws
# caught by: makes independent standard normals, under jit and vmap
# misconception: uniform is normal enough
import jax


def two_draws(key):
    first, second = jax.random.split(key)
    return jax.random.uniform(first, (1,)), jax.random.uniform(second, (1,))


# %% two_draws
# caught by: makes independent standard normals, under jit and vmap
# misconception: the truncated normal of an initialiser
import jax


def two_draws(key):
    first, second = jax.random.split(key)
    return (
        jax.random.truncated_normal(first, -1.0, 1.0, (1,)),
        jax.random.truncated_normal(second, -1.0, 1.0, (1,)),
    )


# %% two_draws
# caught by: repeats itself for one key and differs for another
# misconception: a key of one's own makes it reproducible
import jax


def two_draws(key):
    first, second = jax.random.split(jax.random.key(0))
    return jax.random.normal(first, (1,)), jax.random.normal(second, (1,))


# %% two_draws
# caught by: repeats itself for one key and differs for another
# misconception: a counter makes fresh keys
import jax

_calls = 0


def two_draws(key):
    global _calls
    _calls += 1
    first, second = jax.random.split(jax.random.fold_in(key, _calls))
    return jax.random.normal(first, (1,)), jax.random.normal(second, (1,))


# %% two_draws
# caught by: takes raw keys too
# misconception: every key is typed
import jax


def two_draws(key):
    if not jax.dtypes.issubdtype(key.dtype, jax.dtypes.prng_key):
        raise TypeError("a typed key is needed")
    first, second = jax.random.split(key)
    return jax.random.normal(first, (1,)), jax.random.normal(second, (1,))


# %% two_draws
# caught by: returns a pair of arrays of shape (1,)
# misconception: every key is raw: reads the numbers in it
import jax
import jax.numpy as jnp


def two_draws(key):
    first = jnp.asarray(key, jnp.uint32)
    second = first + jnp.uint32(1)
    return jax.random.normal(first, (1,)), jax.random.normal(second, (1,))


# %% two_draws
# caught by: makes independent standard normals, under jit and vmap
# misconception: a NumPy generator seeded with the key
import jax
import jax.numpy as jnp
import numpy as np


def two_draws(key):
    data = np.asarray(jax.random.key_data(key))
    draws = np.random.default_rng(data).standard_normal(2).astype(np.float32)
    return jnp.asarray(draws[:1]), jnp.asarray(draws[1:])


# %% draw_many
# caught by: draws every number from its own subkey
# misconception: one key, n numbers
import jax


def draw_many(key, n):
    return jax.random.normal(key, (n,))


# %% draw_many
# caught by: draws independent standard normals, under jit and vmap
# misconception: the key is the same at every step of the loop
import jax
import jax.numpy as jnp


def draw_many(key, n):
    return jnp.array([jax.random.normal(key) for _ in range(n)], jnp.float32)


# %% draw_many
# caught by: draws independent standard normals, under jit and vmap
# misconception: splits inside the loop but keeps the old key
import jax
import jax.numpy as jnp


def draw_many(key, n):
    draws = []
    for _ in range(n):
        _, subkey = jax.random.split(key)
        draws.append(jax.random.normal(subkey))
    return jnp.array(draws, jnp.float32)


# %% draw_many
# caught by: returns n numbers, none for n = 0
# misconception: stack of an empty list
import jax
import jax.numpy as jnp


def draw_many(key, n):
    return jnp.stack([jax.random.normal(k) for k in jax.random.split(key, n)])


# %% draw_many
# caught by: returns n numbers, none for n = 0
# misconception: a column instead of a vector
import jax


def draw_many(key, n):
    return jax.vmap(lambda k: jax.random.normal(k, (1,)))(jax.random.split(key, n))


# %% draw_many
# caught by: returns n numbers, none for n = 0
# misconception: the first of the split keys is kept back
import jax


def draw_many(key, n):
    return jax.vmap(jax.random.normal)(jax.random.split(key, n)[1:])


# %% draw_many
# caught by: draws every number from its own subkey
# misconception: two numbers from every subkey
import jax


def draw_many(key, n):
    keys = jax.random.split(key, (n + 1) // 2)
    return jax.vmap(lambda k: jax.random.normal(k, (2,)))(keys).ravel()[:n]


# %% draw_many
# caught by: uses every key once
# misconception: draws with the key and goes on with its children
import jax
import jax.numpy as jnp


def draw_many(key, n):
    draws = jnp.zeros(n)
    for i in range(n):
        draws = draws.at[i].set(jax.random.normal(key))
        key, _ = jax.random.split(key)
    return draws


# %% draw_many
# caught by: repeats itself for one key and differs for another
# misconception: subkeys by number alone
import jax
import jax.numpy as jnp


def draw_many(key, n):
    return jax.vmap(lambda i: jax.random.normal(jax.random.key(i)))(jnp.arange(n))


# %% draw_many
# caught by: draws independent standard normals, under jit and vmap
# misconception: a NumPy array filled in a loop
import jax
import jax.numpy as jnp
import numpy as np


def draw_many(key, n):
    out = np.zeros(n, np.float32)
    for i, subkey in enumerate(jax.random.split(key, n)):
        out[i] = jax.random.normal(subkey)
    return jnp.asarray(out)


# %% draw_many
# caught by: draws independent standard normals, under jit and vmap
# misconception: normals with half the spread
import jax


def draw_many(key, n):
    return 0.5 * jax.vmap(jax.random.normal)(jax.random.split(key, n))


# %% randint_chain
# caught by: gives the digits of the slides
# misconception: split into n keys at once
import jax


def randint_chain(key, n=5):
    return jax.vmap(lambda k: jax.random.randint(k, (), 0, 10))(jax.random.split(key, n))


# %% randint_chain
# caught by: gives the digits of the slides
# misconception: subkey, key instead of key, subkey
import jax
import jax.numpy as jnp


def randint_chain(key, n=5):
    digits = []
    for _ in range(n):
        subkey, key = jax.random.split(key)
        digits.append(jax.random.randint(subkey, (1,), 0, 10)[0])
    return jnp.array(digits)


# %% randint_chain
# caught by: gives the digits of the slides
# misconception: the key is never replaced
import jax
import jax.numpy as jnp


def randint_chain(key, n=5):
    _, subkey = jax.random.split(key)
    return jnp.array([jax.random.randint(subkey, (1,), 0, 10)[0] for _ in range(n)])


# %% randint_chain
# caught by: gives the digits of the slides
# misconception: the upper end is included, so 9
import jax
import jax.numpy as jnp


def randint_chain(key, n=5):
    digits = []
    for _ in range(n):
        key, subkey = jax.random.split(key)
        digits.append(jax.random.randint(subkey, (1,), 0, 9)[0])
    return jnp.array(digits)


# %% randint_chain
# caught by: gives the digits of the slides
# misconception: a list of scalars
import jax


def randint_chain(key, n=5):
    digits = []
    for _ in range(n):
        key, subkey = jax.random.split(key)
        digits.append(jax.random.randint(subkey, (1,), 0, 10)[0])
    return digits


# %% randint_chain
# caught by: gives the digits of the slides
# misconception: ignores n
import jax
import jax.numpy as jnp


def randint_chain(key, n=5):
    digits = []
    for _ in range(5):
        key, subkey = jax.random.split(key)
        digits.append(jax.random.randint(subkey, (1,), 0, 10)[0])
    return jnp.array(digits)


# %% randint_chain
# caught by: gives the digits of the slides
# misconception: shape (n, 1)
import jax
import jax.numpy as jnp


def randint_chain(key, n=5):
    digits = []
    for _ in range(n):
        key, subkey = jax.random.split(key)
        digits.append(jax.random.randint(subkey, (1,), 0, 10))
    return jnp.array(digits)


# %% randint_chain
# caught by: works under jit and vmap
# misconception: int() of every digit
import jax
import jax.numpy as jnp


def randint_chain(key, n=5):
    digits = []
    for _ in range(n):
        key, subkey = jax.random.split(key)
        digits.append(int(jax.random.randint(subkey, (1,), 0, 10)[0]))
    return jnp.array(digits)


# %% randint_chain
# caught by: uses every key once
# misconception: two splits of one key
import jax
import jax.numpy as jnp


def randint_chain(key, n=5):
    digits = []
    for _ in range(n):
        subkey = jax.random.split(key)[1]
        key = jax.random.split(key)[0]
        digits.append(jax.random.randint(subkey, (1,), 0, 10)[0])
    return jnp.array(digits)


# %% randint_chain
# caught by: takes raw keys too
# misconception: every key is typed
import jax
import jax.numpy as jnp


def randint_chain(key, n=5):
    if not jax.dtypes.issubdtype(key.dtype, jax.dtypes.prng_key):
        raise TypeError("a typed key is needed")
    digits = []
    for _ in range(n):
        key, subkey = jax.random.split(key)
        digits.append(jax.random.randint(subkey, (1,), 0, 10)[0])
    return jnp.array(digits)


# %% dropout
# caught by: scales by 1 / (1 - rate) what it does not zero
# misconception: no scaling
import jax
import jax.numpy as jnp


def dropout(key, x, rate):
    keep = jax.random.bernoulli(key, 1.0 - rate, x.shape)
    return jnp.where(keep, x, 0.0)


# %% dropout
# caught by: scales by 1 / (1 - rate) what it does not zero
# misconception: scales by the rate
import jax
import jax.numpy as jnp


def dropout(key, x, rate):
    if rate == 0:
        return x
    keep = jax.random.bernoulli(key, 1.0 - rate, x.shape)
    return jnp.where(keep, x / rate, 0.0)


# %% dropout
# caught by: scales by 1 / (1 - rate) what it does not zero
# misconception: multiplies by the probability of staying
import jax
import jax.numpy as jnp


def dropout(key, x, rate):
    keep = jax.random.bernoulli(key, 1.0 - rate, x.shape)
    return jnp.where(keep, x * (1.0 - rate), 0.0)


# %% dropout
# caught by: zeroes the share rate of the entries and preserves the mean
# misconception: rate is the probability of staying
import jax
import jax.numpy as jnp


def dropout(key, x, rate):
    if rate == 0:
        return x
    keep = jax.random.bernoulli(key, rate, x.shape)
    return jnp.where(keep, x / (1.0 - rate), 0.0)


# %% dropout
# caught by: returns x at rate 0
# misconception: 1 - 0 is a probability like any other
import jax
import jax.numpy as jnp


def dropout(key, x, rate):
    keep = jax.random.bernoulli(key, 1 - rate, x.shape)
    return jnp.where(keep, x / (1 - rate), 0.0)


# %% dropout
# caught by: zeroes the share rate of the entries and preserves the mean
# misconception: one decision for a whole row
import jax
import jax.numpy as jnp


def dropout(key, x, rate):
    keep = jax.random.bernoulli(key, 1.0 - rate, x.shape[:1] + (1,) * (x.ndim - 1))
    return jnp.where(keep, x / (1.0 - rate), 0.0)


# %% dropout
# caught by: zeroes the share rate of the entries and preserves the mean
# misconception: one decision for everything
import jax
import jax.numpy as jnp


def dropout(key, x, rate):
    return jnp.where(jax.random.bernoulli(key, 1.0 - rate), x / (1.0 - rate), 0.0 * x)


# %% dropout
# caught by: zeroes the share rate of the entries and preserves the mean
# misconception: always half
import jax
import jax.numpy as jnp


def dropout(key, x, rate):
    if rate == 0:
        return x
    return jnp.where(jax.random.bernoulli(key, 0.5, x.shape), x / (1.0 - rate), 0.0)


# %% dropout
# caught by: repeats itself for one key and differs for another
# misconception: the mask is fixed, the key ignored
import jax
import jax.numpy as jnp


def dropout(key, x, rate):
    keep = jax.random.bernoulli(jax.random.key(0), 1.0 - rate, x.shape)
    return jnp.where(keep, x / (1.0 - rate), 0.0)


# %% dropout
# caught by: works under jit, vmap and grad
# misconception: boolean indexing
import jax


def dropout(key, x, rate):
    keep = jax.random.bernoulli(key, 1.0 - rate, x.shape)
    return (x / (1.0 - rate)).at[(~keep).nonzero()].set(0.0)


# %% dropout
# caught by: works under jit, vmap and grad
# misconception: a gradient through the mask must be stopped, and the scale with it
import jax
import jax.numpy as jnp


def dropout(key, x, rate):
    keep = jax.random.bernoulli(key, 1.0 - rate, x.shape)
    return x + jax.lax.stop_gradient(jnp.where(keep, x / (1.0 - rate), 0.0) - x)


# %% dropout
# caught by: uses every key once
# misconception: checks the share with the same key
import jax
import jax.numpy as jnp


def dropout(key, x, rate):
    if rate == 0:
        return x
    noise = jax.random.uniform(key, x.shape)
    keep = jax.random.bernoulli(jax.random.split(key)[0], 1.0 - rate, x.shape)
    return jnp.where(keep, x / (1.0 - rate), 0.0 * noise)


# %% dropout
# caught by: takes raw keys too
# misconception: every key is typed
import jax
import jax.numpy as jnp


def dropout(key, x, rate):
    if key.ndim:
        raise ValueError("one key only, please")
    keep = jax.random.bernoulli(key, 1.0 - rate, x.shape)
    return jnp.where(keep, x / (1.0 - rate), 0.0)


# %% bootstrap_means
# caught by: draws with replacement
# misconception: without replacement
import jax


def bootstrap_means(key, x, n):
    keys = jax.random.split(key, n)
    return jax.vmap(lambda k: jax.random.choice(k, x, x.shape, replace=False).mean())(keys)


# %% bootstrap_means
# caught by: resamples len(x) entries, under jit, vmap and grad
# misconception: the upper end of randint is included
import jax


def bootstrap_means(key, x, n):
    keys = jax.random.split(key, n)
    return jax.vmap(lambda k: x[jax.random.randint(k, x.shape, 0, len(x) - 1)].mean())(keys)


# %% bootstrap_means
# caught by: resamples len(x) entries, under jit, vmap and grad
# misconception: n is the size of a resample
import jax


def bootstrap_means(key, x, n):
    keys = jax.random.split(key, n)
    return jax.vmap(lambda k: jax.random.choice(k, x, (n,)).mean())(keys)


# %% bootstrap_means
# caught by: returns n means
# misconception: the mean over resamples, for each position
import jax


def bootstrap_means(key, x, n):
    keys = jax.random.split(key, n)
    return jax.vmap(lambda k: jax.random.choice(k, x, x.shape))(keys).mean(axis=0)


# %% bootstrap_means
# caught by: returns n means
# misconception: sums instead of means
import jax


def bootstrap_means(key, x, n):
    keys = jax.random.split(key, n)
    return jax.vmap(lambda k: jax.random.choice(k, x, x.shape).sum())(keys)


# %% bootstrap_means
# caught by: draws every resample from its own subkey
# misconception: one key for all resamples
import jax


def bootstrap_means(key, x, n):
    return jax.random.choice(key, x, (n, len(x))).mean(axis=1)


# %% bootstrap_means
# caught by: draws every resample from its own subkey
# misconception: the same key in every round
import jax
import jax.numpy as jnp


def bootstrap_means(key, x, n):
    return jax.vmap(lambda _: jax.random.choice(key, x, x.shape).mean())(jnp.arange(n))


# %% bootstrap_means
# caught by: has a program that does not grow with n
# misconception: a Python loop over the subkeys
import jax
import jax.numpy as jnp


def bootstrap_means(key, x, n):
    keys = jax.random.split(key, n)
    return jnp.stack([jax.random.choice(k, x, x.shape).mean() for k in keys])


# %% bootstrap_means
# caught by: resamples len(x) entries, under jit, vmap and grad
# misconception: NumPy does the counting
import jax
import jax.numpy as jnp
import numpy as np


def bootstrap_means(key, x, n):
    keys = jax.random.split(key, n)
    picks = jax.vmap(lambda k: jax.random.randint(k, x.shape, 0, len(x)))(keys)
    return jnp.asarray(np.asarray(x)[np.asarray(picks)].mean(axis=1))


# %% bootstrap_means
# caught by: uses every key once
# misconception: splits in the call and shuffles with the old key
import jax


def bootstrap_means(key, x, n):
    x = jax.random.permutation(key, x)
    keys = jax.random.split(key, n)
    return jax.vmap(lambda k: jax.random.choice(k, x, x.shape).mean())(keys)


# %% bootstrap_means
# caught by: repeats itself for one key and differs for another
# misconception: keys by number alone
import jax
import jax.numpy as jnp


def bootstrap_means(key, x, n):
    def one(i):
        return jax.random.choice(jax.random.key(i), x, x.shape).mean()

    return jax.vmap(one)(jnp.arange(n))


# %% epoch_orders
# caught by: has independent rows, under jit and vmap
# misconception: the same key for every epoch
import jax
import jax.numpy as jnp


def epoch_orders(key, n_items, n_epochs):
    return jnp.stack([jax.random.permutation(key, n_items) for _ in range(n_epochs)])


# %% epoch_orders
# caught by: has independent rows, under jit and vmap
# misconception: permutation with axis=1 shuffles every row on its own
import jax
import jax.numpy as jnp


def epoch_orders(key, n_items, n_epochs):
    rows = jnp.tile(jnp.arange(n_items), (n_epochs, 1))
    return jax.random.permutation(key, rows, axis=1)


# %% epoch_orders
# caught by: has independent rows, under jit and vmap
# misconception: one order, rolled along by one in every epoch
import jax
import jax.numpy as jnp


def epoch_orders(key, n_items, n_epochs):
    order = jax.random.permutation(key, n_items)
    return jnp.stack([jnp.roll(order, epoch) for epoch in range(n_epochs)])


# %% epoch_orders
# caught by: has independent rows, under jit and vmap
# misconception: one order, applied again and again
import jax
import jax.numpy as jnp


def epoch_orders(key, n_items, n_epochs):
    step = jax.random.permutation(key, n_items)
    rows = [step]
    for _ in range(n_epochs - 1):
        rows.append(rows[-1][step])
    return jnp.stack(rows)


# %% epoch_orders
# caught by: gives a permutation in every row
# misconception: random numbers are an order
import jax


def epoch_orders(key, n_items, n_epochs):
    return jax.random.randint(key, (n_epochs, n_items), 0, n_items)


# %% epoch_orders
# caught by: gives a permutation in every row
# misconception: argsort along the wrong axis
import jax
import jax.numpy as jnp


def epoch_orders(key, n_items, n_epochs):
    return jnp.argsort(jax.random.uniform(key, (n_epochs, n_items)), axis=0)


# %% epoch_orders
# caught by: gives a permutation in every row
# misconception: transposed
import jax


def epoch_orders(key, n_items, n_epochs):
    keys = jax.random.split(key, n_epochs)
    return jax.vmap(lambda k: jax.random.permutation(k, n_items), out_axes=1)(keys)


# %% epoch_orders
# caught by: gives a permutation in every row
# misconception: counts from 1
import jax


def epoch_orders(key, n_items, n_epochs):
    keys = jax.random.split(key, n_epochs)
    return 1 + jax.vmap(lambda k: jax.random.permutation(k, n_items))(keys)


# %% epoch_orders
# caught by: gives a permutation in every row
# misconception: floats
import jax
import jax.numpy as jnp


def epoch_orders(key, n_items, n_epochs):
    keys = jax.random.split(key, n_epochs)
    return jax.vmap(lambda k: jax.random.permutation(k, jnp.arange(float(n_items))))(keys)


# %% epoch_orders
# caught by: repeats itself for one key and differs for another
# misconception: the epoch number is the key
import jax
import jax.numpy as jnp


def epoch_orders(key, n_items, n_epochs):
    return jax.vmap(lambda i: jax.random.permutation(jax.random.key(i), n_items))(
        jnp.arange(n_epochs)
    )


# %% epoch_orders
# caught by: has independent rows, under jit and vmap
# misconception: NumPy shuffles better
import jax
import jax.numpy as jnp
import numpy as np


def epoch_orders(key, n_items, n_epochs):
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
    return jnp.asarray(np.stack([rng.permutation(n_items) for _ in range(n_epochs)]))


# %% epoch_orders
# caught by: uses every key once
# misconception: shuffles the first epoch with the key that is split later
import jax
import jax.numpy as jnp


def epoch_orders(key, n_items, n_epochs):
    rows = [jax.random.permutation(key, n_items)]
    for subkey in jax.random.split(key, n_epochs)[1:]:
        rows.append(jax.random.permutation(subkey, n_items))
    return jnp.stack(rows)


# %% two_draws
# caught by: returns a pair of arrays of shape (1,)
# misconception: half precision is precise enough
import jax
import jax.numpy as jnp


def two_draws(key):
    first, second = jax.random.split(key)
    return jax.random.normal(first, (1,), jnp.float16), jax.random.normal(second, (1,), jnp.float16)


# %% two_draws
# caught by: makes independent standard normals, under jit and vmap
# misconception: adding noise makes a second draw independent of the first
import jax


def two_draws(key):
    first, second = jax.random.split(key)
    a = jax.random.normal(first, (1,))
    return a, (a + jax.random.normal(second, (1,))) / 2**0.5


# %% two_draws
# caught by: makes independent standard normals, under jit and vmap
# misconception: the sign makes the difference
import jax


def two_draws(key):
    first, second = jax.random.split(key)
    return jax.numpy.abs(jax.random.normal(first, (1,))), jax.random.normal(second, (1,))


# %% draw_many
# caught by: draws every number from its own subkey
# misconception: four labels are enough
import jax
import jax.numpy as jnp


def draw_many(key, n):
    return jax.vmap(lambda i: jax.random.normal(jax.random.fold_in(key, i % 4)))(jnp.arange(n))


# %% randint_chain
# caught by: gives the digits of the slides
# misconception: the first key is drawn from, then split
import jax
import jax.numpy as jnp


def randint_chain(key, n=5):
    digits = []
    for _ in range(n):
        digits.append(jax.random.randint(key, (1,), 0, 10)[0])
        key, _ = jax.random.split(key)
    return jnp.array(digits)


# %% randint_chain
# caught by: gives the digits of the slides
# misconception: digits are floats
import jax


def randint_chain(key, n=5):
    def step(key, _):
        key, subkey = jax.random.split(key)
        return key, jax.random.randint(subkey, (1,), 0, 10)[0] * 1.0

    return jax.lax.scan(step, key, length=n)[1]


# %% dropout
# caught by: works under jit, vmap and grad
# misconception: scales by the share that happened to stay
import jax
import jax.numpy as jnp


def dropout(key, x, rate):
    keep = jax.random.bernoulli(key, 1.0 - rate, x.shape)
    return jnp.where(keep, x * x.size / keep.sum(), 0.0)


# %% dropout
# caught by: scales by 1 / (1 - rate) what it does not zero
# misconception: what does not stay keeps its value
import jax
import jax.numpy as jnp


def dropout(key, x, rate):
    return jnp.where(jax.random.bernoulli(key, 1.0 - rate, x.shape), x / (1 - rate), x)


# %% dropout
# caught by: returns x at rate 0
# misconception: the smallest entries go
import jax
import jax.numpy as jnp


def dropout(key, x, rate):
    limit = jnp.quantile(x, rate) + 0 * jax.random.uniform(key)
    return jnp.where(x > limit, x / (1 - rate), 0.0)


# %% dropout
# caught by: zeroes the share rate of the entries and preserves the mean
# misconception: a decision for every column, shared by the rows
import jax
import jax.numpy as jnp


def dropout(key, x, rate):
    return jnp.where(jax.random.bernoulli(key, 1.0 - rate, x.shape[-1:]), x / (1 - rate), 0.0)


# %% dropout
# caught by: scales by 1 / (1 - rate) what it does not zero
# misconception: a mean of zero for the dropped: adds noise
import jax
import jax.numpy as jnp


def dropout(key, x, rate):
    noise = 1 + jnp.sqrt(rate / (1 - rate)) * jax.random.normal(key, x.shape)
    return x * noise


# %% bootstrap_means
# caught by: resamples len(x) entries, under jit, vmap and grad
# misconception: a median is a mean
import jax
import jax.numpy as jnp


def bootstrap_means(key, x, n):
    return jax.vmap(lambda k: jnp.median(jax.random.choice(k, x, x.shape)))(jax.random.split(key, n))


# %% bootstrap_means
# caught by: resamples len(x) entries, under jit, vmap and grad
# misconception: the first entry is never drawn
import jax


def bootstrap_means(key, x, n):
    def one(k):
        return x[jax.random.randint(k, x.shape, 1, len(x))].mean()

    return jax.vmap(one)(jax.random.split(key, n))


# %% epoch_orders
# caught by: has independent rows, under jit and vmap
# misconception: the first item stays first
import jax
import jax.numpy as jnp


def epoch_orders(key, n_items, n_epochs):
    keys = jax.random.split(key, n_epochs)
    rest = jax.vmap(lambda k: 1 + jax.random.permutation(k, n_items - 1))(keys)
    return jnp.concatenate([jnp.zeros((n_epochs, 1), rest.dtype), rest], axis=1)


# %% epoch_orders
# caught by: has independent rows, under jit and vmap
# misconception: a random start is a random order
import jax
import jax.numpy as jnp


def epoch_orders(key, n_items, n_epochs):
    starts = jax.random.randint(key, (n_epochs, 1), 0, n_items)
    return (starts + jnp.arange(n_items)) % n_items


# %% epoch_orders
# caught by: has independent rows, under jit and vmap
# misconception: every second epoch may repeat the first
import jax
import jax.numpy as jnp


def epoch_orders(key, n_items, n_epochs):
    keys = jax.random.split(key, 2)
    rows = jax.vmap(lambda k: jax.random.permutation(k, n_items))(keys)
    return rows[jnp.arange(n_epochs) % 2]


# %% epoch_orders
# caught by: has independent rows, under jit and vmap
# misconception: the next epoch goes the other way
import jax
import jax.numpy as jnp


def epoch_orders(key, n_items, n_epochs):
    keys = jax.random.split(key, n_epochs)
    rows = jax.vmap(lambda k: jax.random.permutation(k, n_items))(keys)
    return rows.at[1::2].set(rows[: 2 * (n_epochs // 2) : 2, ::-1])
