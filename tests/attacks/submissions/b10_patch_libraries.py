# B10: replaces what compares, compiles and measures, and returns a wrong value
# expected: double does not return what it should: got the Python int 5
import time

import jax
import numpy as np

import grader.worker.child as child


def agrees(*arguments, **options):
    return True


np.testing.assert_allclose = np.testing.assert_array_equal = agrees
np.array_equal = np.allclose = np.isclose = agrees
time.perf_counter = time.monotonic = lambda: 0.0
jax.jit = lambda f, **options: f
child.changed_arguments = lambda given, args: ""


def double(x):
    return 5


def triple(x):
    return 3 * x
