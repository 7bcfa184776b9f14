"""The settings in which attacks are made: who runs the grader, and what the machine lacks.

Each is a command that another is put behind.
"""

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
_NOBODY = 65534


def _lacking(*features):
    return [sys.executable, str(HERE / "confine.py"), ",".join(features)]


def _plain_user():
    """A user without rights, who can reach this Python and this folder even where they lie in root's home.

    In a mount namespace of its own, homes that are closed to others are replaced by empty folders in which
    only what is needed is mounted.
    """
    needed = {Path(sys.prefix), Path(sys.base_prefix), ROOT}
    closed = {
        parent
        for path in needed
        for parent in path.parents
        if parent.stat().st_mode & 0o005 != 0o005
    }
    tops = [p for p in closed if not any(other in p.parents for other in closed)]
    script = ["set -e"]
    for top in sorted(tops):
        inside = [path for path in sorted(needed) if top in path.parents]
        for index, path in enumerate(inside):
            script += [f"mkdir -p /mnt/kit{index}", f"mount --bind '{path}' /mnt/kit{index}"]
        script.append(f"mount -t tmpfs -o mode=755 none '{top}'")
        for index, path in enumerate(inside):
            script += [f"mkdir -p '{path}'", f"mount --move /mnt/kit{index} '{path}'"]
    user = f"--reuid={_NOBODY} --regid={_NOBODY} --clear-groups --inh-caps=-all"
    script.append(f'exec setpriv {user} "$@"')
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(script), "sh"]


SETTINGS = {
    "root": lambda: [],
    "plain user": _plain_user,
    "root without namespaces": lambda: _lacking("namespaces"),
    "plain user without namespaces": lambda: [*_plain_user(), *_lacking("namespaces")],
    "without namespaces and Landlock": lambda: _lacking("namespaces", "landlock"),
    "without anything": lambda: _lacking("namespaces", "landlock", "seccomp"),
}


def obstacle(setting):
    """Why a setting cannot be had on this machine; "" if it can."""
    if not sys.platform.startswith("linux"):
        return "needs Linux"
    if setting.startswith(("root", "plain")) and os.geteuid() != 0:
        return "needs root, to become someone else"
    try:
        done = subprocess.run(
            [*SETTINGS[setting](), "true"], capture_output=True, text=True, env=environment()
        )
    except OSError as error:
        return f"cannot be had here: {error}"
    return "" if done.returncode == 0 else f"cannot be had here: {done.stderr.strip()[-200:]}"


def environment():
    """The environment in which the suite finds the kit."""
    return {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
