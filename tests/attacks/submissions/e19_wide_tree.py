# E19: returns a list of 100,000 numbers
# expected: more than [\d,]+ nodes|ended early|cannot be sent|refused|raised


def double(x):
    return [x] * 10**5


def triple(x):
    return 3 * x
