"""A seccomp filter: the kernel itself refuses every system call that `syscalls` does not allow.

    filter = assemble("x86_64", os.getpid())
    install(filter)     # for this thread and all that it starts; there is no way back

A call by another convention than the machine's own (32-bit, x32) ends the process.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterator

from grader.worker import linux
from grader.worker.syscalls import AUDIT_ARCHES, OWN_PID, RULES, X86_64, Condition, numbers

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, constant

_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data (little-endian)
_X32 = 0x40000000
ALLOW = 0x7FFF0000
KILL = 0x80000000
ERRNO = 0x00050000
_SET_MODE_FILTER, _GET_ACTION_AVAILABLE = 1, 2
_SPEC_ALLOW = 4  # no slower code for the sake of secrets: this process holds none
_EPERM = 1


def assemble(machine: str, pid: int) -> bytes:
    """The filter for a process `pid` on `machine` ("x86_64" or "aarch64"), as the kernel reads it."""
    return b"".join(struct.pack("<HBBI", *step) for step in _program(machine, pid))


def _program(machine: str, pid: int) -> Iterator[Instruction]:
    yield _LOAD, 0, 0, _ARCHITECTURE
    yield _EQUAL, 1, 0, AUDIT_ARCHES[machine]
    yield _RETURN, 0, 0, KILL
    yield _LOAD, 0, 0, _NUMBER
    if machine == X86_64:
        yield _AT_LEAST, 0, 1, _X32
        yield _RETURN, 0, 0, KILL
    for name, number in numbers(machine).items():
        block = list(_block(name, pid))
        yield _EQUAL, 0, len(block), number
        yield from block
    yield _RETURN, 0, 0, ERRNO | _EPERM


def _block(name: str, pid: int) -> Iterator[Instruction]:
    """What decides about a call once it is known to be `name`."""
    rule = RULES.get(name)
    if rule is not None:
        for condition in rule.conditions:
            yield from _demand(condition, ERRNO | rule.error, pid)
    yield _RETURN, 0, 0, ALLOW


def _demand(condition: Condition, refusal: int, pid: int) -> Iterator[Instruction]:
    values = [pid if value == OWN_PID else value for value in condition.values]
    yield _LOAD, 0, 0, _ARGUMENTS + 8 * condition.argument + 4 * condition.high
    yield _AND, 0, 0, condition.mask
    for index, value in enumerate(values):
        left = len(values) - index - 1
        if condition.differs:
            yield _EQUAL, left, 0 if left else 1, value  # equal: on to the refusal
        else:
            yield _EQUAL, left + 1, 0, value  # equal: past the refusal
    yield _RETURN, 0, 0, refusal


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def install(program: bytes) -> None:
    """Put the filter on this thread; `no_new_privs` must be set.

    Raises:
        OSError: this kernel has no seccomp filters, or refuses this one.
    """
    attributes = _Program(len(program) // 8, program)
    linux.call("seccomp", _SET_MODE_FILTER, _SPEC_ALLOW, ctypes.byref(attributes))


def is_offered() -> bool:
    """Whether this kernel has filters that refuse calls with an error."""
    action = ctypes.c_uint32(ERRNO)
    try:
        linux.call("seccomp", _GET_ACTION_AVAILABLE, 0, ctypes.byref(action))
    except OSError:
        return False
    return True
