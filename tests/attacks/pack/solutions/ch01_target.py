"""Numbers."""

SECRET = "the reference must not be seen: 7b1d5c"


def double(x):
    return 2 * x


def triple(x):
    return 3 * x
