"""Chapter 1 of the miniature workshop: sums."""

import jax.numpy as jnp  # noqa: F401


def total(x):
    """The sum of all entries of `x`, a float32 array."""
    # TODO: add them
    raise NotImplementedError


def mean(x):
    """The mean of all entries of `x`, a float32 array."""
    # TODO: use total
    raise NotImplementedError


def spread(x):
    """The mean squared distance of the entries of `x` from their mean."""
    # TODO: use mean
    raise NotImplementedError
