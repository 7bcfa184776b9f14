"""What a canary proves, what follows from it, and where workers may read."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from attacks import settings

from grader.errors import InternalError, IsolationError
from grader.model import LEVELS, Isolation
from grader.worker import bubblewrap, linux
from grader.worker.canary import ATTACKS, SEEING_NAMES
from grader.worker.launcher import Launcher, _level
from grader.worker.places import PACKAGE, Places, find_places
from grader.worker.processes import MECHANISMS

linux_only = pytest.mark.skipif(not linux.known(), reason="needs Linux on x86-64 or aarch64")


@pytest.mark.parametrize(
    ("through", "mechanisms", "level"),
    [
        ((), MECHANISMS, "FULL"),
        ((SEEING_NAMES,), ("landlock-7", "seccomp", "rlimits"), "FILTERED"),
        ((SEEING_NAMES, "starts a process"), ("landlock-7",), "PARTIAL"),
        (("starts a process",), ("seccomp", "rlimits"), "PARTIAL"),
        (("starts a process",), ("rlimits",), "PROCESS-ONLY"),
        (tuple(ATTACKS), (), "PROCESS-ONLY"),
    ],
)
def test_the_level_follows_from_what_got_through(through, mechanisms, level):
    assert _level(through, mechanisms) == level


@linux_only
def test_every_attack_of_the_canary_can_get_through(tmp_path):
    """In a process which nothing confines: an attack that never succeeds would prove nothing."""
    file = tmp_path / "private.txt"
    file.write_text("x")
    code = (
        "import json, os, sys; from grader.worker import canary; os.open(os.devnull, os.O_RDONLY); "
        "os.dup(3); os.dup(3); print(json.dumps(canary.attempt(sys.argv[1], 0o600, os.getpid())))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(file)],
        capture_output=True,
        text=True,
        timeout=60,
        env=settings.environment(),
    )
    assert done.returncode == 0, done.stderr
    through = json.loads(done.stdout)["through"]
    may_fail = {"looks into the grader's memory", "has capabilities of root", "connects by TCP"}
    assert set(ATTACKS) - set(through) <= may_fail | (
        {"sends by UDP"} if not _has_network() else set()
    )
    assert file.read_text() == "x"


def _has_network():
    return Path("/sys/class/net/lo/operstate").exists()


@linux_only
def test_without_any_means_the_canary_gets_through(tmp_path):
    (tmp_path / "private.txt").write_text("x")
    launcher = Launcher([tmp_path], mechanisms=())
    try:
        isolation = launcher.isolation()
    finally:
        launcher.close()
    assert isolation.level == "PROCESS-ONLY"
    assert isolation.mechanisms == ()
    assert {"reads a private file", "starts a process"} <= set(isolation.through)
    assert isolation.stopped == isolation.tried - len(isolation.through)


def test_a_level_that_is_not_reached_stops_the_first_worker(tmp_path):
    (tmp_path / "private.txt").write_text("x")
    launcher = Launcher([tmp_path], required="FILTERED", mechanisms=("rlimits",))
    try:
        with pytest.raises(
            IsolationError, match="FILTERED is required, and this machine offers PROCESS-ONLY"
        ):
            launcher.start()
        with pytest.raises(IsolationError):
            launcher.isolation()
    finally:
        launcher.close()


def test_isolation_is_the_weakest_of_all_kinds_of_workers():
    launcher = Launcher()
    launcher._proved = {(): Isolation("FULL"), ("torch",): Isolation("FILTERED")}
    assert launcher.isolation().level == "FILTERED"
    launcher.close()


def test_a_sandbox_that_does_not_start_is_done_without(tmp_path, monkeypatch):
    """As where bubblewrap is installed and the system forbids what it needs."""
    monkeypatch.setattr(bubblewrap, "command", lambda program, places: ["false"])
    (tmp_path / "private.txt").write_text("x")
    launcher = Launcher([tmp_path])
    try:
        isolation = launcher.isolation()
        assert "bwrap" not in isolation.mechanisms
        assert LEVELS.index(isolation.level) < LEVELS.index("FULL")
    finally:
        launcher.close()


def test_a_zygote_that_cannot_start_says_why(monkeypatch):
    monkeypatch.setattr("grader.worker.boot._BOOT", "raise RuntimeError('no way')  # {module}")
    launcher = Launcher(mechanisms=())
    for ask in (launcher.start, launcher.isolation):  # and says it again
        with pytest.raises(InternalError, match=r"zygote did not start:\n[\s\S]*no way"):
            ask()
    launcher.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs zygotes")
def test_a_zygote_that_ends_at_every_fork_is_replaced_once(monkeypatch):
    started = []

    def fork(zygote, trusted=False):
        started.append(zygote)
        raise EOFError("gone")

    monkeypatch.setattr("grader.worker.processes.Zygote.fork", fork)
    launcher = Launcher(mechanisms=())
    launcher._proved[()] = Isolation("PROCESS-ONLY")
    with pytest.raises(InternalError, match="ends whenever it is to fork"):
        launcher.start()
    assert len(started) == 2
    launcher.close()


# Places.


def test_libraries_are_readable_and_the_kit_is_not():
    places = find_places([PACKAGE.parent])
    import numpy

    site = Path(numpy.__file__).parents[1]
    assert any(Path(path) == site or Path(path) in site.parents for path in places.libraries)
    assert str(PACKAGE / "worker") in places.libraries
    for secret in (PACKAGE.parent, PACKAGE, PACKAGE / "misconceptions", Path.cwd(), Path.home()):
        assert str(secret) not in places.libraries
    assert places.private == (str(PACKAGE.parent),)


def test_folders_of_the_users_own_are_no_libraries(tmp_path, monkeypatch):
    own, developed, installed = tmp_path / "own", tmp_path / "sources", tmp_path / "site-packages"
    for folder in (own, developed / "jax", installed):
        folder.mkdir(parents=True)
    (developed / "jax" / "__init__.py").write_text("")
    missing = tmp_path / "none" / "site-packages"
    found = [str(own), str(developed), str(installed), str(missing), ""]
    monkeypatch.setattr(sys, "path", [*found, *sys.path])
    places = find_places([])
    assert places.search[:2] == (str(developed), str(installed))
    assert not {str(own), str(missing), ""} & {*places.search, *places.libraries}


def test_folders_of_shared_libraries_are_readable(tmp_path, monkeypatch):
    monkeypatch.setenv("LD_LIBRARY_PATH", f"{tmp_path}{os.pathsep}/nonexistent{os.pathsep}")
    libraries = find_places([]).libraries
    assert str(tmp_path) in libraries
    assert not {"", "/nonexistent", "."} & set(libraries)


def test_a_sandbox_shows_the_libraries_and_hides_what_is_private_in_them(tmp_path):
    inside, outside = tmp_path / "lib" / "pack", tmp_path / "elsewhere"
    inside.mkdir(parents=True)
    outside.mkdir()
    places = Places((str(tmp_path / "lib"),), (), (str(inside), str(outside)))
    command = bubblewrap.command(["python"], places)
    if shutil.which("bwrap") is None:
        assert command is None
        return
    words = " ".join(command)
    assert f"--ro-bind-try {tmp_path / 'lib'} {tmp_path / 'lib'}" in words
    assert f"--tmpfs {inside} --remount-ro {inside}" in words
    assert str(outside) not in words
    assert words.endswith("-- python")


def test_an_installed_pack_is_out_of_reach(tmp_path, monkeypatch):
    """Its solutions lie in site-packages, which workers must be able to read."""
    site = tmp_path / "site-packages"
    secret = site / "some_pack" / "solutions"
    secret.mkdir(parents=True)
    (secret / "ch01.py").write_text("x")
    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    if not linux.known():
        pytest.skip("needs Linux on x86-64 or aarch64")
    for mechanisms in (MECHANISMS, MECHANISMS[1:]):
        launcher = Launcher([secret, site / "some_pack"], mechanisms=mechanisms)
        try:
            isolation = launcher.isolation()
        finally:
            launcher.close()
        if {"bwrap", "landlock-7"} & set(isolation.mechanisms):
            assert "reads a private file" not in isolation.through
