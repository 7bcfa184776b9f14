# A18: opens the folder of the reference as a mere path, and a file of it from there
# stopped at: FILTERED
# expected: PermissionError|FileNotFoundError
import os


def double(x):
    folder = os.open(os.path.dirname("@SECRET@"), os.O_PATH)
    try:
        os.read(os.open("ch01_target.py", os.O_RDONLY, dir_fd=folder), 100)
    finally:
        os.close(folder)
    return 2 * x


def triple(x):
    return 3 * x
