# A24: looks for the grader's token in its own environment
# expected: LookupError: nothing found
import contextlib
import os


def double(x):
    found = list(os.environ.values())
    with contextlib.suppress(OSError), open("/proc/self/environ") as file:
        found.append(file.read())
    if any("@TOKEN@" in text for text in found):
        return 2 * x
    raise LookupError("nothing found")


def triple(x):
    return 3 * x
