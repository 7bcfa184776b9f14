"""Each means of lock-down on its own, in a process of its own: what it takes away, and what it leaves."""

import subprocess
import sys

import pytest
from attacks import settings

from grader.worker import landlock, linux, seccomp
from grader.worker.lockdown import Lockdown

pytestmark = pytest.mark.skipif(not linux.known(), reason="needs Linux on x86-64 or aarch64")
needs_landlock = pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
needs_seccomp = pytest.mark.skipif(not seccomp.is_offered(), reason="this kernel has no seccomp")

PROLOGUE = """
import json, os, sys
from grader.worker import landlock, linux
from grader.worker.lockdown import Lockdown
def tried(what):
    try:
        what()
    except OSError as error:
        return type(error).__name__
    return "done"
"""


def after(code, *arguments):
    """What `code` prints in a fresh process, with `json`, `Lockdown` and `tried` at hand."""
    command = [sys.executable, "-c", PROLOGUE + code, *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, env=settings.environment()
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@needs_landlock
def test_landlock_leaves_what_is_granted_less_what_is_private(tmp_path):
    for name in ("libraries/pack/private/secret.txt", "libraries/pack/open.txt", "elsewhere.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    code = """
root = sys.argv[1]
Lockdown.prepare(["landlock"], [root + "/libraries"], [root + "/libraries/pack/private"]).apply()
for name in ("libraries/pack/private/secret.txt", "libraries/pack/open.txt", "elsewhere.txt"):
    print(tried(lambda: open(os.path.join(root, name)).close()))
print(tried(lambda: os.listdir(root + "/libraries")), tried(lambda: os.listdir(root)))
print(tried(lambda: open(root + "/libraries/new", "w")))
"""
    denied = "PermissionError"
    assert after(code, tmp_path) == [denied, "done", denied, "done", denied, denied]


@needs_landlock
def test_a_private_place_may_be_the_readable_one(tmp_path):
    code = """
root = sys.argv[1]
Lockdown.prepare(["landlock"], [root], [root]).apply()
print(tried(lambda: os.listdir(root)))
"""
    assert after(code, tmp_path) == ["PermissionError"]


@needs_seccomp
def test_the_filter_holds_in_a_real_process():
    code = """
Lockdown.prepare(["seccomp"], [], []).apply()
print(tried(os.fork), tried(lambda: os.execv("/bin/true", ["true"])))
print(tried(lambda: os.kill(os.getppid(), 0)), tried(lambda: open("/dev/null", "w")))
print(tried(lambda: open("/proc/self/stat").close()))
import threading
thread = threading.Thread(target=print, args=("threads",))
thread.start()
thread.join()
"""
    denied = "PermissionError"
    assert after(code) == [denied, denied, denied, denied, "done", "threads"]


def test_limits_are_set_and_bounded_by_what_was_there():
    code = """
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
Lockdown.prepare(["rlimits"], [], []).apply()
print(*(resource.getrlimit(getattr(resource, "RLIMIT_" + name))[1] for name in ("NOFILE", "FSIZE", "CORE")))
print(0 < resource.getrlimit(resource.RLIMIT_DATA)[1] < resource.getrlimit(resource.RLIMIT_AS)[1])
"""
    assert after(code) == ["32", "0", "0", "True"]


def test_the_environment_is_emptied_but_for_what_libraries_read():
    code = """
os.environ["TOKEN"], os.environ["NPROC"] = "secret", "2"
Lockdown.prepare([], [], []).apply()
print(*os.environ)
"""
    assert after(code) == ["NPROC"]


def test_rights_are_given_up_for_good():
    code = """
Lockdown.prepare([], [], []).apply()
print(linux.has_capabilities(), linux.prctl(39), linux.prctl(3))  # no_new_privs, dumpable
"""
    assert after(code) == ["False", "1", "0"]


def test_what_is_not_wanted_or_not_there_is_not_used():
    assert Lockdown.prepare([], [], []).mechanisms == ()
    assert Lockdown.prepare(["rlimits", "magic"], [], []).mechanisms == ("rlimits",)
    fewer = Lockdown(("landlock-7", "seccomp"), rules=5).without("landlock-7")
    assert fewer == Lockdown(("seccomp",))


def test_a_mechanism_that_is_refused_is_named():
    code = """
from grader.worker import lockdown, seccomp
def refuse(program):
    raise OSError(1, "no")
seccomp.install = refuse
try:
    Lockdown(("seccomp",)).apply()
except lockdown.Refused as refused:
    print(refused)
"""
    assert after(code) == ["seccomp"]


def test_calls_that_this_platform_does_not_know_fail_as_calls_do(monkeypatch):
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    assert not linux.known()
    assert landlock.version() == 0
    assert not seccomp.is_offered()
    with pytest.raises(OSError, match="no seccomp on this platform"):
        linux.call("seccomp", 0)
