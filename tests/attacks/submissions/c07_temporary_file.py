# C07: leaves a file among the temporary ones
# stopped at: PARTIAL
# expected: PermissionError


def double(x):
    open("/tmp/left-by-an-attack", "w").close()
    return 2 * x


def triple(x):
    return 3 * x
