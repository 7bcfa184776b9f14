# A28: reads the checks, to answer what they expect
# stopped at: FILTERED
# expected: PermissionError|FileNotFoundError


def double(x):
    with open("@CHECK@") as file:
        file.read()
    return 2 * x


def triple(x):
    return 3 * x
