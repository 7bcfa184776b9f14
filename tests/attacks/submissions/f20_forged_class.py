# F20: raises an exception whose class is called like lines of the sheet
# expected: double raised
# shows no: ^FORGED|\x1b|\x9b


def double(x):
    raise type("Error\nFORGED\x1b[2J", (Exception,), {})


def triple(x):
    return 3 * x
