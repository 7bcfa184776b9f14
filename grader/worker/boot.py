"""How a process of workers begins: its command, its environment, its first message."""

from __future__ import annotations

import os
import sys
from typing import Any

from grader.worker.places import PACKAGE, Places

# JAX starts every plugin that is installed, also where it is told to use the CPU alone: a GPU's library
# takes more memory than a worker may have. `None` there means that there are none.
_BOOT = (
    "import os, sys; sys.modules['jax_plugins'] = None; found = filter(None, sys.argv[2].split(os.pathsep)); "
    "sys.path.extend(path for path in found if path not in sys.path); "
    "sys.path.insert(0, sys.argv[1]); import grader; del sys.path[0], found; "
    "from grader.worker import {module} as start; start.main({arguments})"
)


def clean_environment() -> dict[str, str]:
    """The environment of a worker: what the libraries need, nothing of the user's."""
    kept = (
        "PATH",
        "LANG",
        "LC_ALL",
        "TMPDIR",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "SYSTEMROOT",
        "OPENBLAS_CORETYPE",
        "OPENBLAS_L2_SIZE",
        "MALLOC_MMAP_THRESHOLD_",  # where memory is short
        "MALLOC_TRIM_THRESHOLD_",
    )
    fixed = {
        "JAX_PLATFORMS": "cpu",
        "NPROC": "2",
        "MALLOC_ARENA_MAX": "2",  # every thread would have its own, of 64 MiB, and count as memory
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONHASHSEED": "0",
    }
    return {name: os.environ[name] for name in kept if name in os.environ} | fixed


def command(places: Places, module: str, arguments: str, *argv: str) -> list[str]:
    """The command that starts `grader.worker.MODULE.main(ARGUMENTS)` in a Python without the user's settings."""
    code = _BOOT.format(module=module, arguments=arguments)
    search = os.pathsep.join(places.search)
    return [sys.executable, "-I", "-B", "-c", code, str(PACKAGE.parent), search, *argv]


def settings(
    preload: tuple[str, ...], places: Places, mechanisms: tuple[str, ...]
) -> dict[str, Any]:
    """What a worker, or the zygote of many, must know to prepare itself and to lock itself down."""
    return {
        "preload": preload,
        "readable": places.readable,
        "private": places.private,
        "compiled": places.compiled,
        "mechanisms": mechanisms,
    }
