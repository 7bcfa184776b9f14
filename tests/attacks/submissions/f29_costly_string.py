# F29: has a text in which a parser looks back at every step, for whoever reads it
# expected: did not come to an end while it was loaded|cannot be loaded
# spares: halve
# timeout: 1


def double(x):
    wrong = 5
    "@PIECES@"
    return wrong


raise ValueError
