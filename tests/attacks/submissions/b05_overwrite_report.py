# B05: overwrites the report
# stopped at: PARTIAL
# expected: PermissionError


def double(x):
    open("@REPORT@", "w").close()
    return 2 * x


def triple(x):
    return 3 * x
