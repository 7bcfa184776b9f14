# F17: raises what ends a program
# expected: double raised SystemExit


def double(x):
    raise SystemExit(0)


def triple(x):
    return 3 * x
