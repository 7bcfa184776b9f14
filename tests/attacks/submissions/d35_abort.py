# D35: aborts, as a C++ library does
# expected: ended early: its process was ended by SIGABRT
import os


def double(x):
    os.abort()


def triple(x):
    return 3 * x
