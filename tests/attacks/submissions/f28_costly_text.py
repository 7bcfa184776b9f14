# F28: has so many names that whoever looks for mistakes in it is busy for hours
# expected: double does not return what it should


def double(x):
    wrong = 5
    "@NAMES@"
    return wrong


"@STATEMENTS@"


def triple(x):
    return 3 * x
