# B49: gives the worker's code other modules to work with
# expected: double does not multiply
import types

from grader.worker import child

original = child.cloudpickle.loads


def loads(data):
    thing = original(data)
    if getattr(thing, "__name__", "") == "<lambda>" and "primitives" in thing.__code__.co_names:
        return lambda m, x: ["mul"]
    return thing


child.cloudpickle = types.SimpleNamespace(loads=loads)


def double(x):
    return x + x


def triple(x):
    return 3 * x
