# C27: leaves a file anywhere
# stopped at: PARTIAL
# expected: LookupError: no place found
import os

PLACES = ("@OUTBOX@", "/tmp", "/var/tmp", "/dev/shm", "/run", "/root", "/home", "/", ".", "~")


def double(x):
    for place in (*PLACES, os.path.dirname(os.__file__), os.path.dirname("@SECRET@")):
        try:
            with open(os.path.expanduser(f"{place}/left-by-an-attack"), "x"):
                return 2 * x
        except OSError:
            continue
    raise LookupError("no place found")


def triple(x):
    return 3 * x
