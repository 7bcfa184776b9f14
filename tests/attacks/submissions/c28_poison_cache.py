# C28: replaces the compiled form of a library that the grader imports
# stopped at: PARTIAL
# expected: PermissionError
import importlib.util

import grader.worker.wire


def double(x):
    open(importlib.util.cache_from_source(grader.worker.wire.__file__), "r+b").close()
    return 2 * x


def triple(x):
    return 3 * x
