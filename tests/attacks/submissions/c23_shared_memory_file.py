# C23: leaves POSIX shared memory behind
# stopped at: PARTIAL
# expected: PermissionError
import _posixshmem
import os


def double(x):
    os.close(_posixshmem.shm_open("/left-by-an-attack", os.O_CREAT | os.O_RDWR, 0o600))
    return 2 * x


def triple(x):
    return 3 * x
