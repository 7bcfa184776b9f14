# A25: looks for descriptors that the grader or other workers have left open
# expected: LookupError: nothing found
import contextlib
import os

found = []
for number in range(5, 1000):
    with contextlib.suppress(OSError):
        found.append(os.fstat(number))


def double(x):
    if not found:
        raise LookupError("nothing found")
    return 2 * x


def triple(x):
    return 3 * x
