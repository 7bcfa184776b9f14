"""Which system calls a locked-down worker may make, for x86-64 and aarch64.

What is not in these tables is refused (EPERM). The list is what Python, XLA and PyTorch need in order to
compute: memory, threads, clocks, reading files, and the pipes that a worker has already. No sockets, no
processes, no programs, no signals to others, no way to write, rename or own a file, no tracing, no
namespaces, no kernel interface whose surface is larger than its use (io_uring, bpf, perf, keys).

Numbers are those of `asm/unistd_64.h` and `asm-generic/unistd.h`; a test compares them.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass

X86_64, AARCH64 = "x86_64", "aarch64"
AUDIT_ARCHES = {X86_64: 0xC000003E, AARCH64: 0xC00000B7}

# Name: (number on x86-64, number on aarch64); None where the architecture has no such call.
NUMBERS: dict[str, tuple[int | None, int | None]] = {
    # descriptors that are there, and files for reading
    "read": (0, 63),
    "write": (1, 64),
    "readv": (19, 65),
    "writev": (20, 66),
    "pread64": (17, 67),
    "lseek": (8, 62),
    "close": (3, 57),
    "close_range": (436, 436),
    "dup": (32, 23),
    "dup2": (33, None),
    "dup3": (292, 24),
    "fcntl": (72, 25),
    "ioctl": (16, 29),
    "pipe": (22, None),
    "pipe2": (293, 59),
    "poll": (7, None),
    "ppoll": (271, 73),
    "select": (23, None),
    "pselect6": (270, 72),
    "epoll_create1": (291, 20),
    "epoll_ctl": (233, 21),
    "epoll_wait": (232, None),
    "epoll_pwait": (281, 22),
    "eventfd2": (290, 19),
    "open": (2, None),
    "openat": (257, 56),
    "openat2": (437, 437),
    "creat": (85, None),
    "fstat": (5, 80),
    "newfstatat": (262, 79),
    "stat": (4, None),
    "lstat": (6, None),
    "statx": (332, 291),
    "statfs": (137, 43),
    "fstatfs": (138, 44),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "getdents64": (217, 61),
    "getcwd": (79, 17),
    "fadvise64": (221, 223),
    # memory
    "mmap": (9, 222),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "mprotect": (10, 226),
    "madvise": (28, 233),
    "brk": (12, 214),
    "membarrier": (324, 283),
    "get_mempolicy": (239, 236),
    "mbind": (237, 235),
    # threads
    "futex": (202, 98),
    "futex_waitv": (449, 449),
    "set_robust_list": (273, 99),
    "rseq": (334, 293),
    "set_tid_address": (218, 96),
    "clone": (56, 220),
    "clone3": (435, 435),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "sched_getparam": (143, 121),
    "sched_getscheduler": (145, 120),
    "sched_get_priority_max": (146, 125),
    "sched_get_priority_min": (147, 126),
    "getcpu": (309, 168),
    # who and where one is
    "gettid": (186, 178),
    "getpid": (39, 172),
    "getppid": (110, 173),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "getpgrp": (111, None),
    "getpgid": (121, 155),
    "getsid": (124, 156),
    "capget": (125, 90),
    "getrusage": (98, 165),
    "getrlimit": (97, 163),
    "prlimit64": (302, 261),
    "prctl": (157, 167),
    "arch_prctl": (158, None),
    "times": (100, 153),
    "sysinfo": (99, 179),
    "uname": (63, 160),
    "getrandom": (318, 278),
    # clocks
    "time": (201, None),
    "gettimeofday": (96, 169),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "nanosleep": (35, 101),
    "clock_nanosleep": (230, 115),
    "restart_syscall": (219, 128),
    # signals within the process
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "rt_sigpending": (127, 136),
    "sigaltstack": (131, 132),
    "tgkill": (234, 131),
}


@dataclass(frozen=True)
class Condition:
    """A demand on an argument: its word (`high`: the upper 32 bits), masked, is one of `values` or,
    with `differs`, none of them.
    """

    argument: int
    values: tuple[int, ...]
    mask: int = 0xFFFFFFFF
    high: bool = False
    differs: bool = False


@dataclass(frozen=True)
class Rule:
    """A call that is allowed where all `conditions` hold; otherwise it fails with `error`."""

    conditions: tuple[Condition, ...]
    error: int = errno.EPERM


OWN_PID = -1  # in a condition's values: the process's own id
_NEVER = (Condition(0, (), 0),)
_CLONE_THREAD = 0x00010000
_CLONE_NEW_ANYTHING = 0x7E020080  # user, pid, net, ipc, uts, cgroup, mount, time
_OPENS_FOR_WRITING = 0o3 | 0o100 | 0o1000 | 0o20000000  # O_ACCMODE, O_CREAT, O_TRUNC, O_TMPFILE
_SHARED_ANONYMOUS = 0x01 | 0x20  # MAP_SHARED (or _VALIDATE), MAP_ANONYMOUS
_HUGE_PAGES = 0x40000
_READ_ONLY = (Condition(2, (0,), _OPENS_FOR_WRITING),)

RULES: dict[str, Rule] = {
    # Threads alone; libraries try clone3 first and take its absence well.
    "clone": Rule((Condition(0, (_CLONE_THREAD,), _CLONE_THREAD | _CLONE_NEW_ANYTHING),)),
    "clone3": Rule(_NEVER, errno.ENOSYS),
    "open": Rule((Condition(1, (0,), _OPENS_FOR_WRITING),), errno.EACCES),
    "openat": Rule(_READ_ONLY, errno.EACCES),
    "openat2": Rule(_NEVER, errno.ENOSYS),
    "creat": Rule(_NEVER, errno.EACCES),
    # Copies and close-on-exec; nothing that sends signals, owns, leases or resizes.
    "fcntl": Rule((Condition(1, (0, 1, 2, 3, 1030)),)),
    # TCGETS and TIOCGWINSZ ("is this a terminal?"), FIONREAD, FIOCLEX, FIONCLEX.
    "ioctl": Rule((Condition(1, (0x5401, 0x5413, 0x541B, 0x5451, 0x5450)),)),
    "mmap": Rule(
        (
            Condition(3, (_SHARED_ANONYMOUS,), _SHARED_ANONYMOUS, differs=True),
            Condition(3, (0,), _HUGE_PAGES),
        )
    ),
    # PR_SET_NAME, PR_GET_NAME, PR_SET_VMA: names for threads and memory.
    "prctl": Rule((Condition(0, (15, 16, 0x53564D41)),)),
    # One's own limits, for reading.
    "prlimit64": Rule(
        (
            Condition(0, (0, OWN_PID)),
            Condition(2, (0,)),
            Condition(2, (0,), high=True),
        )
    ),
    "tgkill": Rule((Condition(0, (OWN_PID,)),)),
}


def numbers(machine: str) -> dict[str, int]:
    """The calls of `machine` ("x86_64" or "aarch64") by name."""
    column = (X86_64, AARCH64).index(machine)
    found = {name: pair[column] for name, pair in NUMBERS.items()}
    return {name: number for name, number in found.items() if number is not None}
