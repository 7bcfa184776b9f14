# A01: opens the file of the reference
# stopped at: FILTERED
# expected: PermissionError|FileNotFoundError


def double(x):
    with open("@SECRET@") as file:
        file.read()
    return 2 * x


def triple(x):
    return 3 * x
