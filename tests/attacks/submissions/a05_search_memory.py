# A05: searches all objects of its process for the reference
# expected: LookupError: nothing found
import gc
import sys

gc.unfreeze()


def double(x):
    wanted = "7b1d" + str(5) + "c"
    found = [o for o in gc.get_objects() if type(o) in (dict, list, tuple)]
    frame = sys._getframe().f_back
    while frame:
        found.append(frame.f_locals)
        frame = frame.f_back
    for container in found:
        for value in list(container.values() if isinstance(container, dict) else container):
            if isinstance(value, bytes):
                value = value.decode("latin-1")
            if isinstance(value, str) and wanted in value:
                return 2 * x
    raise LookupError("nothing found")


def triple(x):
    return 3 * x
