"""Every hostile submission, in every setting that this machine can produce, ends as its head says."""

import importlib.util
import json
import os
import py_compile
import re
import subprocess
import sys

import pytest
from attacks import settings
from attacks.suite import TOKEN, attacks

from grader.model import LEVELS

LEVEL = {
    "root": "FULL",
    "plain user": "FULL",
    "root without namespaces": "FILTERED",
    "plain user without namespaces": "FILTERED",
    "without namespaces and Landlock": "PARTIAL",
    "without anything": "PROCESS-ONLY",
}
SAID = 20_000  # characters of a message, which a person reads
SECONDS = 30  # that no attack needs, even on a machine with much else to do
UNCHECKED = py_compile.PycInvalidationMode.UNCHECKED_HASH
MEGABYTES = 400  # by which no attack makes the grader grow
HARMLESS = "double = lambda x: 2 * x\ntriple = lambda x: 3 * x\n"


def in_setting(setting, *command, cwd="/"):
    """A finished Python command in a setting; the test is skipped where there is no such setting."""
    obstacle = settings.obstacle(setting)
    if obstacle:
        pytest.skip(obstacle)
    return subprocess.run(
        [*settings.SETTINGS[setting](), sys.executable, *command],
        capture_output=True,
        text=True,
        env=settings.environment(),
        cwd=cwd,
        timeout=600,
    )


def made(setting):
    """The isolation in a setting, and what became of the attacks that are made in it."""
    done = in_setting(setting, "-m", "attacks.suite", *chosen(setting))
    assert done.returncode == 0, done.stderr
    isolation, *outcomes = map(json.loads, done.stdout.splitlines())
    return isolation, {outcome["attack"]: outcome for outcome in outcomes}


def chosen(setting):
    """The names of the attacks made in a setting: all that its level promises to stop where most people
    grade, and elsewhere those that no weaker level stops. ALL_ATTACKS=1 makes all of them everywhere.
    """
    level = LEVELS.index(LEVEL[setting])
    everything = setting == "plain user" or os.environ.get("ALL_ATTACKS")
    weakest = {name: LEVELS.index(attack.stopped_at) for name, attack in attacks().items()}
    return [n for n, w in weakest.items() if w == level or (everything and w < level)]


def problems(attack, outcome):
    """What is not as the head of the attack says, in words."""
    found = []
    statuses = outcome["statuses"]
    if statuses["double"] != "failed":
        found.append(f"double is {statuses['double']}")
    if not re.search(attack.expected, outcome["said"]):
        found.append(f"said {outcome['said']!r}, not {attack.expected!r}")
    shown = [line for line in outcome["sheet"].splitlines() if re.search(attack.hidden, line)]
    if attack.hidden and shown:
        found.append(f"shows {shown[0]!r}")
    if len(outcome["said"]) > SAID:
        found.append(f"says {len(outcome['said']):,} characters")
    if outcome["megabytes"] > MEGABYTES:
        found.append(f"took {outcome['megabytes']:,} MiB of the grader's memory")
    if outcome["seconds"] > SECONDS:
        found.append(f"took {outcome['seconds']} s")
    spared = {name for name in ("triple", "halve") if statuses[name] == "passed"}
    if spared != set(attack.spares):
        found.append(f"spared {sorted(spared)}")
    for secret in ("7b1d5c", TOKEN):
        if secret in json.dumps(outcome):
            found.append("shows a secret")
    return found + [f"left behind: {what}" for what in outcome["left"]]


@pytest.mark.parametrize("setting", settings.SETTINGS)
def test_every_attack_is_stopped(setting):
    isolation, outcomes = made(setting)
    assert isolation["level"] == LEVEL[setting], isolation["through"]
    assert ("bwrap" in isolation["mechanisms"]) == (LEVEL[setting] == "FULL")
    found = {name: problems(attacks()[name], outcome) for name, outcome in outcomes.items()}
    assert {name: what for name, what in found.items() if what} == {}
    assert list(outcomes) == chosen(setting)


def test_an_attack_that_gets_through_is_seen():
    done = in_setting("without anything", "-m", "attacks.suite", "a01_open_reference")
    outcome = json.loads(done.stdout.splitlines()[1])
    assert "double is passed" in problems(attacks()["a01_open_reference"], outcome)


def test_there_are_attacks_of_every_kind_and_enough_of_them():
    kinds = {"A": 15, "B": 19, "C": 14, "D": 19, "E": 13, "F": 7}
    named = {name[:3].upper() for name in attacks()}
    known = {name for name in named if int(name[1:]) <= kinds[name[0]]}
    assert len(known) >= 34
    assert len(attacks()) >= len(known) + 100


@pytest.mark.parametrize("setting", ["without namespaces and Landlock", "without anything"])
def test_work_of_others_is_refused_where_it_could_do_harm(setting, tmp_path):
    (tmp_path / "ch01_target.py").write_text(HARMLESS)
    pack = str(settings.HERE / "pack")
    command = ["-m", "grader", "--pack", pack, "--student", str(tmp_path)]
    done = in_setting(setting, *command)
    assert done.returncode == 4
    level = LEVEL[setting]
    assert f"Isolation FILTERED is required, and this machine offers {level}" in done.stderr
    assert "it reads a private file" in done.stderr
    assert f"--require-isolation {level}" in done.stderr
    done = in_setting(setting, *command, "--require-isolation", level)
    assert done.returncode == 1  # halve is not there
    assert f"Isolation: {level}" in done.stdout


CONFIGURATION = {  # what some program or other reads in the folder where it is started
    "pytest.ini": "[pytest]\naddopts = --collect-only\n",
    "setup.cfg": "[tool:pytest]\naddopts = --collect-only\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = ['--collect-only']\n",
    "workshop.toml": "[workshop]\nname = 'FORGED'\n",
    "report.json": '{"score": 77}',
}
MODULES = (
    *(
        "conftest",
        "sitecustomize",
        "usercustomize",
        "jax",
        "numpy",
        "pytest",
        "json",
        "click",
        "rich",
        "site",
    ),
    *("msgpack", "cloudpickle", "hypothesis", "typing", "ast", "traceback", "ch01_target/__init__"),
    *("ch02_bystander/__init__", "exercises/ch01_target", "checks/conftest", "tests/conftest"),
    *("exercises/checks/test_ch01_target", ".hypothesis/x", "__pycache__/conftest"),
)


@pytest.fixture
def trap(tmp_path):
    """A folder full of files that leave a mark when a grader that works in it runs them."""
    folder = tmp_path / "trap"
    mark = f"open({str(tmp_path / 'mark')!r}, 'w')\n"
    texts = (
        CONFIGURATION
        | {f"{name}.py": mark for name in MODULES}
        | {"attack.pth": f"import os; {mark}"}
    )
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    forged = importlib.util.cache_from_source(folder / "ch01_target.py")
    py_compile.compile(str(folder / "jax.py"), forged, invalidation_mode=UNCHECKED)
    (folder / "ch01_target.py").write_text(HARMLESS.replace("2 * x", "5"))
    os.mkfifo(folder / "ch02_bystander.py")
    return folder


def test_a_folder_full_of_traps_is_graded_like_any_other(trap):
    before = sorted(trap.rglob("*"))
    report = trap.parent / "report.json"
    command = ["-m", "grader", "--student", ".", "--pack", str(settings.HERE / "pack")]
    command += ["--json", str(report), "--require-isolation", "PROCESS-ONLY"]
    done = in_setting("root", *command, cwd=trap)
    assert done.returncode == 1, done.stderr
    statuses = {e["name"]: e["status"] for e in json.loads(report.read_text())["exercises"]}
    assert statuses == {"double": "failed", "triple": "passed", "halve": "failed"}
    assert "ch02_bystander.py is no regular file" in done.stdout
    assert "FORGED" not in done.stdout + report.read_text()
    assert not (trap.parent / "mark").exists()
    assert sorted(trap.rglob("*")) == before


def test_the_traps_work(trap):
    in_setting("root", "-c", "import jax", cwd=trap)
    assert (trap.parent / "mark").exists()
