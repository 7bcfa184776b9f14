"""The commands of docs/gradebooks.md, run on a small class."""

import json
import shlex

import pytest
from gradebook_class import make_store, report
from test_acceptance import ALL_COMMANDS, ELSEWHERE

from grader.batch.entries import Learner

COMMANDS = [command for command in ALL_COMMANDS if command.startswith(ELSEWHERE)]
ROSTERS = {
    "gradebook.csv": "Student,ID,Section,Workshop (1)\nAda Lovelace,1,A,\n",
    "worksheet.csv": "Identifier,Full name,Grade,Last modified (grade)\nParticipant 1,Ada Lovelace,,-\n",
    "participants.csv": "Full name,Email address\nAda Lovelace,ada@uni.example\n",
}


def test_there_are_commands_for_every_form():
    text = " ".join(COMMANDS)
    for form in ("csv", "canvas", "moodle", "gradescope", "github", "junit"):
        assert f"--format {form}" in text
    assert "package gradescope" in text
    assert "package github" in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_page_runs(command, cli, pack, tmp_path):
    learner = Learner("Ada Lovelace", "1", "ada@uni.example")
    make_store(tmp_path / "OUT", {"NAME": (learner, report("NAME"))}).close()
    for name, text in ROSTERS.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "report.json").write_text(json.dumps(report()))
    arguments = shlex.split(command)[3:]
    if "gradescope" in arguments[1] or "--files" in arguments:
        arguments += ["--pack", str(pack.root)]
    done = cli(*arguments, cwd=tmp_path, code=0)
    assert "wrote" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    if "--roster" in arguments:
        assert "no grade" not in done.stderr
