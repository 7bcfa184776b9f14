"""Chapter 7: splittable random numbers.

NumPy keeps a hidden state: every call to `np.random.normal()` changes it. A pure function has no
place for such a state. In JAX, randomness is an argument, a *key*: the same key gives the same
numbers, in eager mode, under `jit` and on any device.

    >>> import jax
    >>> key = jax.random.key(42)
    >>> bool(jax.random.uniform(key) == jax.random.uniform(key))
    True

What changes is not the key but which key you use. `jax.random.split(key, n)` makes `n` new keys
whose numbers have nothing to do with each other, or with those of the old key:

    >>> heads, tails = jax.random.split(key)
    >>> bool(jax.random.uniform(heads) == jax.random.uniform(tails))
    False
    >>> jax.random.split(key, 4).shape
    (4,)

One rule follows: **a key is consumed once.** Drawing consumes it, splitting consumes it too.
Afterwards only its children may be used. Whoever breaks the rule gets numbers that look random
and are copies of one another: weights that equal their biases, the same dropout mask at every
step, the same order of the data in every epoch. No error says so, unless you ask for it:

    with jax.debug_key_reuse(True):
        ...                     # now a second use of a key raises a KeyReuseError

The checker follows typed keys through `jit`, `vmap` and `scan`. It is careful: a loop body that
picks `keys[i]` out of an array made outside the loop counts as reuse, although every `i` is
another one. Map over the keys, scan over them, or carry the key along.

    2020 (slides)                              today
    random.PRNGKey(0), raw uint32[2]           random.key(0), typed; it prints as a key and is
                                               no array of numbers that could be added up
    key, subkey = random.split(key)            the same
    normal(key) after split(key)               the same mistake; the checker finds it now

The old form still works, so your functions take both. They never need to look inside a key.

Three shapes of programs with many draws:

* A chain: `key, subkey = split(key)` before every draw, the old name bound to the new key. It
  suits loops whose length is open.
* A fan: `keys = split(key, n)` and one key for each draw. `jax.vmap` maps a sampler over the
  keys, `jax.lax.scan` and a Python loop walk along them.
* A label: `jax.random.fold_in(key, i)` makes the key number `i` without an array of keys. The
  checker cannot see when one label is used twice.

A worked example, the noise of a walk, where every walker gets a key of its own:

    >>> def walk(key, steps):
    ...     return jax.random.rademacher(key, (steps,)).cumsum()
    >>> walkers = jax.random.split(jax.random.key(0), 3)
    >>> ends = jax.vmap(lambda key: walk(key, 100))(walkers)
    >>> ends.shape
    (3, 100)
    >>> bool((ends[0] == ends[1]).all())
    False

The checks of this chapter judge distributions, not numbers, except where an exercise fixes the
order of the splits. A correct answer is turned down less than once in a million times.
"""

import jax  # noqa: F401
import jax.numpy as jnp  # noqa: F401


def two_draws(key):
    """Return two independent standard normals.

    Slides: the same key gives the same numbers; split it to get others.

    Args:
        key: random key, typed or raw.

    Returns:
        tuple of two float32 arrays, each of shape (1,).

    Example:
        >>> first, second = two_draws(jax.random.key(0))
        >>> first.shape, second.shape, bool(first[0] == second[0])
        ((1,), (1,), False)
    """
    # TODO: make two keys out of one, and use each of them once.
    raise NotImplementedError


def draw_many(key, n):
    """Return `n` independent standard normals, each drawn from its own subkey.

    Slides: one split can give many subkeys.

    Args:
        key: random key, typed or raw.
        n: number of draws, a Python integer >= 0.

    Returns:
        float32 array of shape (n,); with `n = 0` an empty one.

    Example:
        >>> draw_many(jax.random.key(0), 4).shape
        (4,)
    """
    # TODO: n subkeys, one scalar draw from each.
    raise NotImplementedError


def randint_chain(key, n=5):
    """Return `n` random digits, drawn by the loop of the slides.

    Slides: `n` times `key, subkey = split(key)`, then `randint(subkey, (1,), 0, 10)[0]`. The
    order of the splits is part of the result, so the digits are the same for everybody.

    Args:
        key: random key, typed or raw.
        n: number of digits, a Python integer.

    Returns:
        integer array of shape (n,), entries in 0 .. 9.

    Example:
        >>> randint_chain(jax.random.key(0)).tolist()
        [2, 8, 3, 1, 2]
    """
    # TODO: write the chain, as a Python loop or with jax.lax.scan.
    raise NotImplementedError


def dropout(key, x, rate):
    """Zero entries of `x` with probability `rate` and scale the others by `1 / (1 - rate)`.

    Slides: layers that need randomness take a key like any other argument. The scaling ("inverted
    dropout") preserves the mean, so nothing needs to change at test time.

    Args:
        key: random key, typed or raw.
        x: float32 array of any shape.
        rate: Python number with 0 <= rate < 1; with 0.0, `x` comes back.

    Returns:
        float32 array of the shape of `x`.

    Example:
        >>> set(dropout(jax.random.key(0), jnp.ones(100), 0.5).tolist()) == {0.0, 2.0}
        True
    """
    # TODO: decide for every entry whether it stays, then scale or zero it.
    raise NotImplementedError


def bootstrap_means(key, x, n):
    """Return the means of `n` bootstrap resamples of `x`.

    A resample draws `len(x)` entries of `x` with replacement.

    Slides: split the key once, then `vmap` over the subkeys instead of looping.

    Args:
        key: random key, typed or raw.
        x: float32 array of shape (size,).
        n: number of resamples, a Python integer.

    Returns:
        float32 array of shape (n,).

    Example:
        >>> bootstrap_means(jax.random.key(0), jnp.full(5, 3.0), 4).tolist()
        [3.0, 3.0, 3.0, 3.0]
    """
    # TODO: write the mean of one resample for one key, then map it over n subkeys.
    raise NotImplementedError


def epoch_orders(key, n_items, n_epochs):
    """Return the order of the data for every epoch: independent random permutations.

    Slides: shuffling needs a new key in every epoch, or every epoch is the same.

    Args:
        key: random key, typed or raw.
        n_items: number of items, a Python integer.
        n_epochs: number of epochs, a Python integer.

    Returns:
        integer array of shape (n_epochs, n_items); every row holds 0 .. n_items - 1 once.

    Example:
        >>> orders = epoch_orders(jax.random.key(0), 4, 2)
        >>> jnp.sort(orders, axis=1).tolist()
        [[0, 1, 2, 3], [0, 1, 2, 3]]
    """
    # TODO: one subkey for each epoch, one permutation from each.
    raise NotImplementedError
