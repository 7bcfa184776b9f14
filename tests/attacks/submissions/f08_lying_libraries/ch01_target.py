# F08: brings libraries of its own, which create a file where they are imported
# expected: double does not return what it should
import json


def double(x):
    return json.wrong if hasattr(json, "wrong") else 5


def triple(x):
    return 3 * x
