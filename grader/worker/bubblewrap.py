"""A process in a file system, a network and a list of processes of its own, by `bwrap`, where it is there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from grader.worker.places import Places


def command(program: list[str], places: Places) -> list[str] | None:
    """The command that runs `program` where nothing but `places` exists; None without bubblewrap."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        return None
    shown = [word for path in places.libraries for word in ("--ro-bind-try", path, path)]
    return [
        bwrap,
        "--unshare-all",
        "--die-with-parent",
        "--new-session",
        *("--cap-drop", "ALL"),
        *("--tmpfs", "/tmp"),  # for libraries that insist on it when they are imported
        *shown,
        *(("--bind", places.compiled, places.compiled) if places.compiled else ()),
        *(word for path in _inside(places) for word in ("--tmpfs", path, "--remount-ro", path)),
        *("--proc", "/proc"),
        *("--dev", "/dev"),
        *("--remount-ro", "/dev"),
        *("--remount-ro", "/"),
        *("--chdir", "/"),
        "--",
        *program,
    ]


def _inside(places: Places) -> list[str]:
    """The private folders that would be seen in one of the libraries'."""
    shown = {os.path.realpath(path) for path in places.libraries}
    return [
        path
        for path in places.private
        if Path(path).is_dir() and shown & {str(parent) for parent in Path(path).parents}
    ]
