"""What a worker gives up before it reads a stranger's code, in the order in which it must be done.

The zygote prepares what all its workers share; each worker applies it to itself, once:

    lockdown = Lockdown.prepare(wanted, readable, private)      # in the zygote
    lockdown.apply()                            # in a fork of it, while it has one thread

What this platform does not offer is left out: `mechanisms` says what is in place, and a canary
(`canary`) what that is worth.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from grader.worker import landlock, linux, seccomp

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

_ADDRESS_SPACE = 3 * 2**30  # bytes beyond what the worker has; XLA reserves much and uses little
_DATA = 2**30  # of which it may use so many; it also bounds the threads, by their stacks
_STACKS = 4 * 2**23 * (os.cpu_count() or 1)  # of the libraries' own threads, a few for each core
_CPU_SECONDS = 3600  # in case that nobody is left to enforce a deadline
_DESCRIPTORS = 64
# What the libraries read once they run; all else of the environment goes.
_KEPT_VARIABLES = {
    "JAX_PLATFORMS",
    "NPROC",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "TF_CPP_MIN_LOG_LEVEL",
}


class Refused(Exception):
    """A mechanism that seemed to be there was refused by the system; its name is the only argument."""


@dataclass(frozen=True)
class Lockdown:
    """The means in use: `rules` is a descriptor of Landlock rules, where there are any.

    `compiled` is the folder of compiled programs, "" if there is none.
    """

    mechanisms: tuple[str, ...]
    rules: int | None = None
    compiled: str = ""

    @classmethod
    def prepare(
        cls, wanted: list[str], readable: list[str], private: list[str], compiled: str = ""
    ) -> Lockdown:
        """The means among `wanted` ("landlock", "seccomp", "rlimits") that this platform has.

        Args:
            readable: the folders and files that a worker may read.
            private: what it may not, though it lies in one of them.
        """
        found, rules = [], None
        if "landlock" in wanted and landlock.version():
            rules = landlock.build(readable, private, [compiled] if compiled else [])
            found.append(f"landlock-{landlock.version()}")
        if "seccomp" in wanted and seccomp.is_offered():
            found.append("seccomp")
        if "rlimits" in wanted and resource is not None:
            found.append("rlimits")
        return cls(tuple(found), rules, compiled)

    def without(self, mechanism: str) -> Lockdown:
        """The same without a mechanism that was refused."""
        kept = tuple(name for name in self.mechanisms if name != mechanism)
        return replace(self, mechanisms=kept, rules=None if "landlock" in mechanism else self.rules)

    def apply(self) -> None:
        """Lock this process down; it must have a single thread.

        Raises:
            Refused: the system does not let it use a mechanism.
        """
        tidy()
        if linux.known():
            linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
            linux.drop_capabilities()
        for mechanism, step in self._steps():
            try:
                step()
            except (OSError, ValueError):
                raise Refused(mechanism) from None

    def _steps(self) -> Iterator[tuple[str, Callable[[], None]]]:
        sizes = _memory()  # read before files are out of reach
        for name in self.mechanisms:
            if name == "rlimits":
                yield name, lambda: _limit(sizes)
            elif name != "seccomp":
                yield name, self._restrict_files
        if "seccomp" in self.mechanisms:  # last: it forbids the other steps
            yield (
                "seccomp",
                lambda: seccomp.install(seccomp.assemble(platform.machine(), os.getpid())),
            )

    def _restrict_files(self) -> None:
        assert self.rules is not None
        landlock.restrict(self.rules)
        os.close(self.rules)


def tidy() -> None:
    """What every worker does, also one that runs nobody's code but the pack's."""
    for name in set(os.environ) - _KEPT_VARIABLES:
        del os.environ[name]
    linux.hide()


def _memory() -> tuple[int, int]:
    """The bytes of address space and of data that this process has now; 0 where nobody tells."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            pages = file.read().split()
    except OSError:
        return 0, 0
    size = os.sysconf("SC_PAGE_SIZE")
    return int(pages[0]) * size, int(pages[5]) * size


def _limit(sizes: tuple[int, int]) -> None:
    space, data = sizes
    limits = {
        "CORE": 0,
        "CPU": _CPU_SECONDS,
        "FSIZE": 0,
        "MEMLOCK": 0,
        "MSGQUEUE": 0,
        "NOFILE": _DESCRIPTORS,
    }
    if space:
        limits |= {"AS": space + _ADDRESS_SPACE + _STACKS, "DATA": data + _DATA + _STACKS}
    for name, value in limits.items():
        number = getattr(resource, f"RLIMIT_{name}", None)
        if number is None:
            continue
        _, hard = resource.getrlimit(number)
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (bound, bound))
