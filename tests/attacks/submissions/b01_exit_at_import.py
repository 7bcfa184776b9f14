# B01: ends its process while it is imported
# expected: exited with status 0
# spares: halve
import os

os._exit(0)


def double(x):
    return 2 * x
