"""The reference for chapter 1."""


def total(x):
    """The sum of all entries."""
    return x.sum()


def mean(x):
    """The mean of all entries."""
    return total(x) / x.size


def spread(x):
    """The mean squared distance from the mean."""
    return mean((x - mean(x)) ** 2)
