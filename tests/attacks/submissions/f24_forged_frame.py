# F24: fails in a function that is called like lines of the sheet
# expected: double raised ValueError
# shows no: ^FORGED|\x1b


def fails():
    raise ValueError("wrong")


fails.__code__ = fails.__code__.replace(co_name="f\nFORGED\x1b[2J")


def double(x):
    fails()


def triple(x):
    return 3 * x
