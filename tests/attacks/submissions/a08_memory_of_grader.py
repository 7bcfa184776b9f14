# A08: reads the grader's memory
# stopped at: PARTIAL
# expected: PermissionError|FileNotFoundError


def double(x):
    with open("/proc/@GRADER@/mem", "rb") as file:
        file.seek(4096)
    return 2 * x


def triple(x):
    return 3 * x
