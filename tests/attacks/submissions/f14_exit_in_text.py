# F14: raises an exception whose text ends the process that writes it
# expected: double (raised Evil|ended early)
import os


class Evil(Exception):
    def __str__(self):
        os._exit(0)


def double(x):
    raise Evil


def triple(x):
    return 3 * x
