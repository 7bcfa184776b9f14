# E17: returns a list that contains itself
# expected: raised (SystemError|RecursionError)|cannot be sent|refused|nested|ended early


def double(x):
    found = []
    found.append(found)
    return found


def triple(x):
    return 3 * x
