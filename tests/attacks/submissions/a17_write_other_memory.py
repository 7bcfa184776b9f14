# A17: writes to the memory of the process that all workers are forked from
# stopped at: PARTIAL
# expected: PermissionError
import ctypes
import os

from attacks.kernel import call


def double(x):
    here = ctypes.create_string_buffer(8)
    local = (ctypes.c_uint64 * 2)(ctypes.addressof(here), 8)
    call("process_vm_writev", os.getppid(), local, 1, local, 1, 0)
    return 2 * x


def triple(x):
    return 3 * x
