"""Other numbers."""


def halve(x):
    return x / 2
