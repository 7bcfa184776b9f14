"""Runs a command as on a machine that lacks something: namespaces, Landlock, seccomp.

    python confine.py namespaces,landlock COMMAND …

The calls in question fail as they do there: namespaces as in an unprivileged container (EPERM), the others
as on a kernel that does not know them (ENOSYS).
"""

import errno
import os
import platform
import struct
import sys

from grader.worker import linux, seccomp

_CLONE_NEW_ANYTHING = 0x7E020080
_CALLS = {  # number on x86-64 and aarch64, and the error
    "namespaces": {
        "unshare": (272, 97, errno.EPERM),
        "mount": (165, 40, errno.EPERM),
        "setns": (308, 268, errno.EPERM),
        "clone3": (435, 435, errno.ENOSYS),
    },
    "landlock": {"landlock_create_ruleset": (444, 444, errno.ENOSYS)},
    "seccomp": {"seccomp": (317, 277, errno.ENOSYS)},
}
_CLONE = (56, 220)


def program(lacking):
    """A filter that refuses what is `lacking` and lets everything else through."""
    column = linux.MACHINES.index(platform.machine())
    steps = [(0x20, 0, 0, 0)]  # load the number of the call
    for feature in lacking:
        for *numbers, error in _CALLS[feature].values():
            steps += [(0x15, 0, 1, numbers[column]), (0x06, 0, 0, seccomp.ERRNO | error)]
        if feature == "namespaces":  # clone, by its flags
            steps += [
                (0x15, 0, 4, _CLONE[column]),
                (0x20, 0, 0, 16),
                (0x54, 0, 0, _CLONE_NEW_ANYTHING),
                (0x15, 1, 0, 0),
                (0x06, 0, 0, seccomp.ERRNO | errno.EPERM),
                (0x20, 0, 0, 0),
            ]
    steps.append((0x06, 0, 0, seccomp.ALLOW))
    return b"".join(struct.pack("<HBBI", *step) for step in steps)


if __name__ == "__main__":
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.install(program(sys.argv[1].split(",")))
    os.execvp(sys.argv[2], sys.argv[2:])
