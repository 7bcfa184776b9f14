# D28: computes a number for hours, in a call that nothing interrupts
# expected: gave no answer within 1 s|MemoryError
# timeout: 1


def double(x):
    return 7 ** (7**10)


def triple(x):
    return 3 * x
