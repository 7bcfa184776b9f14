"""Where a worker's files are: what the libraries need is readable, and nothing else is.

Found by the grader, for the zygote that it starts: bubblewrap shows these places alone, Landlock grants
them. A private folder stays out of reach even where it lies in one of them (an installed pack).
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader.worker import compiled

PACKAGE = Path(__file__).resolve().parents[1]
_SYSTEM = (
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/local/lib",
    "/lib",
    "/lib64",
    "/nix/store",
    "/gnu/store",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/sys/devices/system/cpu",
    "/sys/devices/system/node",
)
_LIBRARIES = ("jax", "jaxlib", "numpy", "ml_dtypes", "msgpack", "cloudpickle", "torch")
_KERNEL = ("/proc/cpuinfo", "/proc/meminfo", "/dev/null", "/dev/zero", "/dev/urandom")


@dataclass(frozen=True)
class Places:
    """What a worker may read.

    Args:
        libraries: folders and files that exist wherever they are looked at.
        search: the folders in which packages are found, beyond Python's own.
        private: what must not be read though it lies in one of `libraries`.
        compiled: the folder of programs that have been compiled before (`compiled`); "" without one.
    """

    libraries: tuple[str, ...]
    search: tuple[str, ...]
    private: tuple[str, ...]
    compiled: str = ""

    @property
    def readable(self) -> list[str]:
        """All of it, the files of the kernel included."""
        return [*self.libraries, *_KERNEL]


def find_places(private: Iterable[Path]) -> Places:
    """The places on this machine, for workers to which `private` is closed."""
    secrets = tuple(str(path.resolve()) for path in private)
    search = tuple(filter(_holds_packages, sys.path))
    own = [f"{prefix}/{lib}" for prefix in _prefixes() for lib in ("lib", "lib64")]
    own += [sysconfig.get_path(name) for name in ("stdlib", "platstdlib")]
    program = [sys.executable, f"{sys.prefix}/pyvenv.cfg"]
    program += [str(PACKAGE / name) for name in ("__init__.py", "worker")]
    shared = filter(os.path.isabs, os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep))
    found = dict.fromkeys([*_SYSTEM, *shared, *own, *search, *program])
    there = tuple(path for path in found if os.path.exists(path))
    return Places(there, search, secrets, str(compiled.find_folder() or ""))


def _prefixes() -> tuple[str, ...]:
    return tuple(dict.fromkeys((sys.prefix, sys.base_prefix, sys.base_exec_prefix)))


def _holds_packages(path: str) -> bool:
    """Whether a folder of `sys.path` is for installed packages, not for the user's own files."""
    if os.path.basename(path) in ("site-packages", "dist-packages"):
        return os.path.isdir(path)
    return any(os.path.isfile(f"{path}/{name}/__init__.py") for name in _LIBRARIES)
