"""Landlock: a process gives up all files but those it is granted, TCP, and signals to others.

    rules = build(["/usr/lib", "/etc/ld.so.cache"], private=["/usr/lib/pack/solutions"])
    restrict(rules)     # for this thread and all that it starts; there is no way back

Rights are granted by folder and cannot be taken back below it, so a folder that holds something private
is granted piece by piece.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

from grader.worker import linux

_VERSION_FLAG = 1
_PATH_BENEATH = 1
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_ALL_TCP, _ALL_SCOPES = 0b11, 0b11
# By the version that brought them: all rights on files, as a mask.
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("tcp", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """The version of Landlock that this kernel offers; 0 if none."""
    try:
        return linux.call("landlock_create_ruleset", None, 0, _VERSION_FLAG)
    except OSError:
        return 0


def build(readable: Iterable[str], private: Iterable[str], unlisted: Iterable[str] = ()) -> int:
    """A descriptor of rules under which what lies in `readable`, less `private`, can be read, no more.

    Args:
        unlisted: folders whose files can be read by those who know their names.

    Raises:
        OSError: this kernel has no Landlock, or it is switched off.
    """
    abi = version()
    files = max((mask for since, mask in _FILE_RIGHTS.items() if since <= abi), default=0)
    attributes = _Ruleset(files, _ALL_TCP if abi >= 4 else 0, _ALL_SCOPES if abi >= 6 else 0)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8  # older kernels refuse fields they do not know
    rules = linux.call("landlock_create_ruleset", ctypes.byref(attributes), size, 0)
    secrets = [Path(path) for path in private]
    for path in readable:
        _grant(rules, Path(path), secrets)
    for path in unlisted:
        _add(rules, Path(path), _READ_FILE)
    return rules


def _grant(rules: int, path: Path, private: list[Path]) -> None:
    """Let `path`, and what lies below it, be read, but for what is `private`."""
    if path in private:
        return
    inside = [secret for secret in private if path in secret.parents]
    if not inside:
        _add(rules, path, _READ_FILE | _READ_DIR)
        return
    _add(rules, path, _READ_DIR)
    for child in path.iterdir():
        if not child.is_symlink():
            _grant(rules, child, inside)


def _add(rules: int, path: Path, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # not on this machine, or not for us: nothing to grant
        return
    try:
        kept = rights if path.is_dir() else rights & _READ_FILE
        attributes = _PathBeneath(kept, parent)
        linux.call("landlock_add_rule", rules, _PATH_BENEATH, ctypes.byref(attributes), 0)
    finally:
        os.close(parent)


def restrict(rules: int) -> None:
    """Bind this thread to `rules`; `no_new_privs` must be set.

    Raises:
        OSError: the kernel refuses.
    """
    linux.call("landlock_restrict_self", rules, 0)
