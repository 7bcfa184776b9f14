"""The filter of system calls, on both architectures: what the kernel would decide, worked out here."""

import errno
import os
import re
import struct
from pathlib import Path

import pytest

from grader.worker import linux, seccomp, syscalls

PID = 4711
CLONE_THREAD, CLONE_VM, CLONE_NEWUSER = 0x10000, 0x100, 0x10000000
EPERM, EACCES, ENOSYS = errno.EPERM, errno.EACCES, errno.ENOSYS
ALLOWED = "allowed"
# What programs may do, and what they may not, by arguments.
DECISIONS = [
    ("read", (0,), ALLOWED),
    ("write", (1,), ALLOWED),
    ("openat", (-100, 0, os.O_RDONLY | os.O_CLOEXEC), ALLOWED),
    ("openat", (-100, 0, os.O_WRONLY), EACCES),
    ("openat", (-100, 0, os.O_RDWR), EACCES),
    ("openat", (-100, 0, os.O_RDONLY | os.O_CREAT), EACCES),
    ("openat", (-100, 0, os.O_RDONLY | os.O_TRUNC), EACCES),
    ("openat", (-100, 0, 0o20200000 | os.O_RDWR), EACCES),  # O_TMPFILE
    ("openat2", (-100, 0, 0), ENOSYS),
    ("clone", (CLONE_THREAD | CLONE_VM,), ALLOWED),
    ("clone", (CLONE_VM,), EPERM),
    ("clone", (17,), EPERM),  # a fork
    ("clone", (CLONE_THREAD | CLONE_NEWUSER,), EPERM),
    ("clone3", (0,), ENOSYS),
    ("mmap", (0, 4096, 3, 0x22), ALLOWED),
    ("mmap", (0, 4096, 1, 0x01), ALLOWED),  # a file, shared
    ("mmap", (0, 4096, 3, 0x21), EPERM),  # memory, shared
    ("mmap", (0, 4096, 3, 0x23), EPERM),
    ("mmap", (0, 4096, 3, 0x40022), EPERM),  # huge pages
    ("fcntl", (3, 1030, 0), ALLOWED),
    ("fcntl", (3, 8, 1), EPERM),  # F_SETOWN
    ("fcntl", (3, 1031, 2**20), EPERM),  # F_SETPIPE_SZ
    ("fcntl", (3, 4, 0o20000), EPERM),  # O_ASYNC
    ("ioctl", (0, 0x5401), ALLOWED),
    ("ioctl", (0, 0x5412), EPERM),  # TIOCSTI
    ("ioctl", (0, 0x5412 + 2**32), EPERM),
    ("prctl", (15,), ALLOWED),
    ("prctl", (4, 1), EPERM),  # PR_SET_DUMPABLE
    ("prctl", (1, 0), EPERM),  # PR_SET_PDEATHSIG
    ("prlimit64", (0, 7, 0, 99), ALLOWED),
    ("prlimit64", (PID, 7, 0, 99), ALLOWED),
    ("prlimit64", (1, 7, 0, 99), EPERM),
    ("prlimit64", (0, 7, 99, 0), EPERM),
    ("prlimit64", (0, 7, 99 << 32, 0), EPERM),
    ("tgkill", (PID, 5, 6), ALLOWED),
    ("tgkill", (1, 5, 6), EPERM),
]
# Numbers on x86-64 and aarch64 of calls that nobody may make.
FORBIDDEN = {
    "execve": (59, 221),
    "execveat": (322, 281),
    "fork": (57, None),
    "vfork": (58, None),
    "kill": (62, 129),
    "tkill": (200, 130),
    "socket": (41, 198),
    "socketpair": (53, 199),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "io_uring_setup": (425, 425),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "memfd_create": (319, 279),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "chroot": (161, 51),
    "pivot_root": (155, 41),
    "chmod": (90, None),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "fchownat": (260, 54),
    "utimensat": (280, 88),
    "linkat": (265, 37),
    "symlinkat": (266, 36),
    "renameat2": (316, 276),
    "unlinkat": (263, 35),
    "mkdirat": (258, 34),
    "mknodat": (259, 33),
    "truncate": (76, 45),
    "ftruncate": (77, 46),
    "setxattr": (188, 5),
    "setrlimit": (160, 164),
    "setpriority": (141, 140),
    "sched_setaffinity": (203, 122),
    "setuid": (105, 146),
    "personality": (135, 92),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "inotify_init1": (294, 26),
    "seccomp": (317, 277),
    "landlock_create_ruleset": (444, 444),
    "timer_create": (222, 107),
    "rt_sigqueueinfo": (129, 138),
    "splice": (275, 76),
    "vmsplice": (278, 75),
    "process_madvise": (440, 440),
    "mbind of the future": (10_000, 10_000),
}


def decide(program, number, arguments, machine, architecture=None):
    """What the kernel does with a call: "allowed", "killed", or the number of an error."""
    words = [a & (2**64 - 1) for a in (*arguments, 0, 0, 0, 0, 0, 0)[:6]]
    arch = syscalls.AUDIT_ARCHES[machine] if architecture is None else architecture
    data = struct.pack("<iIQ6Q", number, arch, 0, *words)
    steps = list(struct.iter_unpack("<HBBI", program))
    value, position = 0, 0
    while True:
        code, true, false, constant = steps[position]
        position += 1
        if code == 0x20:
            (value,) = struct.unpack_from("<I", data, constant)
        elif code == 0x54:
            value &= constant
        elif code == 0x15:
            position += true if value == constant else false
        elif code == 0x35:
            position += true if value >= constant else false
        else:
            assert code == 0x06
            if constant == seccomp.ALLOW:
                return ALLOWED
            if constant == seccomp.KILL:
                return "killed"
            assert constant & 0xFFFF0000 == seccomp.ERRNO
            return constant & 0xFFFF


@pytest.fixture(params=linux.MACHINES)
def machine(request):
    return request.param


@pytest.fixture
def program(machine):
    return seccomp.assemble(machine, PID)


@pytest.mark.parametrize(("name", "arguments", "decision"), DECISIONS)
def test_what_is_decided_by_arguments(machine, program, name, arguments, decision):
    number = syscalls.numbers(machine)[name]
    assert decide(program, number, arguments, machine) == decision


@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_nobody_may_do(machine, program, name):
    number = FORBIDDEN[name][linux.MACHINES.index(machine)]
    if number is not None:
        assert decide(program, number, (), machine) == EPERM


def test_every_call_of_the_table_is_decided(machine, program):
    for name, number in syscalls.numbers(machine).items():
        decision = decide(program, number, (), machine)
        assert (decision == ALLOWED) or name in syscalls.RULES, name
    assert set(syscalls.RULES) <= set(syscalls.NUMBERS)


def test_calls_by_another_convention_end_the_process(machine, program):
    assert decide(program, 0, (), machine, architecture=0x40000003) == "killed"  # 32-bit x86
    x32 = decide(program, 0x40000000 + 59, (), machine)
    assert x32 == ("killed" if machine == "x86_64" else EPERM)


def test_every_jump_stays_within_its_field(machine, program):
    for code, true, false, _ in struct.iter_unpack("<HBBI", program):
        assert code in (0x06, 0x15, 0x20, 0x35, 0x54)
        assert max(true, false) <= 255
    assert len(program) // 8 <= 4096  # the kernel's limit


def in_headers(text):
    return {
        name: int(number)
        for name, number in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text)
    }


HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


def test_the_numbers_are_those_of_the_kernels_headers(machine):
    path = HEADERS[machine]
    if not path.exists():
        pytest.skip(f"{path} is not installed")
    known = in_headers(path.read_text())
    known["newfstatat"] = known.get("newfstatat", known.get("fstatat"))
    ours = syscalls.numbers(machine)
    column = linux.MACHINES.index(machine)
    ours |= {name: pair[column] for name, pair in linux.NUMBERS.items()}
    ours |= {
        name: pair[column]
        for name, pair in FORBIDDEN.items()
        if pair[column] is not None and " " not in name
    }
    common = ours.keys() & known.keys()
    assert len(common) >= len(ours) - 6  # headers may be older than the newest calls
    assert {name: ours[name] for name in common} == {name: known[name] for name in common}
