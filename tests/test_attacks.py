"""Every hostile submission, in every setting that this machine can produce, ends as its head says."""

import functools
import json
import re
import subprocess
import sys

import pytest
from attacks import settings
from attacks.suite import attacks

from grader.model import LEVELS

LEVEL = {
    "root": "FULL",
    "plain user": "FULL",
    "root without namespaces": "FILTERED",
    "plain user without namespaces": "FILTERED",
    "without namespaces and Landlock": "PARTIAL",
    "without anything": "PROCESS-ONLY",
}
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


@functools.cache
def made(setting):
    """The isolation in a setting, and what became of each attack that it promises to stop."""
    done = in_setting(setting, "-m", "attacks.suite")
    assert done.returncode == 0, done.stderr
    isolation, *outcomes = map(json.loads, done.stdout.splitlines())
    return isolation, {outcome["attack"]: outcome for outcome in outcomes}


def problems(attack, outcome):
    """What is not as the head of the attack says, in words."""
    found = []
    statuses = outcome["statuses"]
    if statuses["double"] != "failed":
        found.append(f"double is {statuses['double']}")
    if not re.search(attack.expected, outcome["said"]):
        found.append(f"said {outcome['said']!r}, not {attack.expected!r}")
    spared = {name for name in ("triple", "halve") if statuses[name] == "passed"}
    if spared != set(attack.spares):
        found.append(f"spared {sorted(spared)}")
    if "7b1d5c" in json.dumps(outcome):
        found.append("shows the reference")
    return found + [f"left behind: {what}" for what in outcome["left"]]


@pytest.mark.parametrize("setting", settings.SETTINGS)
def test_every_attack_is_stopped(setting):
    isolation, outcomes = made(setting)
    level = LEVELS.index(isolation["level"])
    promised = {a.name for a in attacks().values() if LEVELS.index(a.stopped_at) <= level}
    assert set(outcomes) == promised
    assert {
        name: problems(attacks()[name], outcome)
        for name, outcome in outcomes.items()
        if problems(attacks()[name], outcome)
    } == {}


@pytest.mark.parametrize("setting", settings.SETTINGS)
def test_the_level_is_what_the_setting_allows(setting):
    isolation, _ = made(setting)
    assert (isolation["level"], isolation["through"]) == (LEVEL[setting], isolation["through"])
    assert ("bwrap" in isolation["mechanisms"]) == (LEVEL[setting] == "FULL")


def test_an_attack_that_gets_through_is_seen():
    done = in_setting("without anything", "-m", "attacks.suite", "a01_open_reference")
    outcome = json.loads(done.stdout.splitlines()[1])
    assert "double is passed" in problems(attacks()["a01_open_reference"], outcome)


def test_there_are_attacks_of_every_kind_and_enough_of_them():
    kinds = {"A": 15, "B": 19, "C": 14, "D": 19, "E": 13, "F": 7}
    named = {name[:3].upper() for name in attacks()}
    known = {name for name in named if int(name[1:]) <= kinds[name[0]]}
    assert len(known) >= 34
    assert len(attacks()) >= len(known) + 30


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
