"""Chapter 7, solved: splittable random numbers."""

import functools

import jax
import jax.numpy as jnp


def two_draws(key):
    """Return two independent standard normals, each of shape `(1,)`."""
    first, second = jax.random.split(key)
    return jax.random.normal(first, (1,)), jax.random.normal(second, (1,))


def draw_many(key, n):
    """Return `n` independent standard normals, each drawn from its own subkey."""
    return jax.vmap(jax.random.normal)(jax.random.split(key, n))


@functools.partial(jax.jit, static_argnames="n")
def randint_chain(key, n=5):
    """Return `n` digits, each from the second key of another split of the chain."""

    def step(key, _):
        key, subkey = jax.random.split(key)  # the old key ends here: its name is bound anew
        return key, jax.random.randint(subkey, (1,), 0, 10)[0]

    _, digits = jax.lax.scan(step, key, length=n)
    return digits


def dropout(key, x, rate):
    """Return `x` with entries zeroed with probability `rate`, the others scaled up."""
    stay = 1.0 - rate
    keep = jax.random.bernoulli(key, stay, x.shape)
    # Dividing by the probability of staying preserves the mean: stay * (x / stay) = x.
    return jnp.where(keep, x / stay, 0.0)


def bootstrap_means(key, x, n):
    """Return the means of `n` resamples of the vector `x`, drawn with replacement."""

    def one_mean(key):
        return jax.random.choice(key, x, x.shape).mean()

    return jax.vmap(one_mean)(jax.random.split(key, n))


def epoch_orders(key, n_items, n_epochs):
    """Return `n_epochs` independent permutations of `0 .. n_items - 1`, one in each row."""
    keys = jax.random.split(key, n_epochs)
    return jax.vmap(lambda key: jax.random.permutation(key, n_items))(keys)
