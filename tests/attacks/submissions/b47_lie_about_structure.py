# B47: puts a module of its own in the place of one that a probe uses
# expected: double does not multiply
import sys
import types

import grader.worker.toolbox
from grader.worker import toolbox


class Fake(types.ModuleType):
    def __getattr__(self, name):
        return getattr(toolbox, name)

    def primitives(self, f, *args):
        return ["mul"]


def double(x):
    sys.modules["grader.worker.toolbox"] = grader.worker.toolbox = Fake("toolbox")
    return x + x


def triple(x):
    return 3 * x
