# A23: reads the grader's environment, where tokens are
# stopped at: PARTIAL
# expected: PermissionError|FileNotFoundError


def double(x):
    with open("/proc/@GRADER@/environ", "rb") as file:
        file.read()
    return 2 * x


def triple(x):
    return 3 * x
