# E18: returns a tree that is deeper than any recursion
# expected: raised (SystemError|RecursionError)|cannot be sent|refused|nested|ended early


def double(x):
    found = x
    for _ in range(100_000):
        found = [found]
    return found


def triple(x):
    return 3 * x
