# B48: replaces what reads questions, so that another one is answered
# expected: double does not multiply
import pickle

import cloudpickle

original = pickle.loads


def loads(data):
    thing = original(data)
    if getattr(thing, "__name__", "") == "<lambda>" and "primitives" in thing.__code__.co_names:
        return lambda m, x: ["mul"]
    return thing


cloudpickle.loads = cloudpickle.pickle.loads = pickle.loads = loads


def double(x):
    return x + x


def triple(x):
    return 3 * x
