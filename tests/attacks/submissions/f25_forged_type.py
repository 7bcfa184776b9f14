# F25: returns an object whose type is called like lines of the sheet
# expected: double does not return what it should
# shows no: ^FORGED|\x1b


def double(x):
    return type("T\nFORGED\x1b[2J" + "x" * 10**6, (), {})()


def triple(x):
    return 3 * x
