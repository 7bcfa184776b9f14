# A29: copies the answer of another learner
# stopped at: FILTERED
# expected: PermissionError|FileNotFoundError


def double(x):
    with open("@NEIGHBOUR@") as file:
        file.read()
    return 2 * x


def triple(x):
    return 3 * x
