# F15: raises an exception with a text of 100 MB
# expected: double (raised ValueError: x{100}|ended early)


def double(x):
    raise ValueError("x" * 10**8)


def triple(x):
    return 3 * x
