"""The kit as its users meet it: the real commands on the real pack."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [
    *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY")),
    *sorted((ROOT / "docs").glob("*.md")),
]
SET_UP = ("make ", "python3 -m venv", ". .venv", "pip install")


def run(command, cwd):
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    return subprocess.run(
        command,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=900,
        env=inherited | {"COLUMNS": "100"},
    )


def grade(*arguments, cwd=ROOT):
    return run([sys.executable, "-m", "grader", *arguments], cwd)


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    """A copy of the kit as a learner gets it."""
    folder = tmp_path_factory.mktemp("kit") / "workshop"
    folder.mkdir()
    for name in ("exercises", "solutions", "grader"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(".progress.json"))
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    for stub in (folder / "exercises" / ".stubs").glob("*.py"):
        shutil.copy(stub, folder / "exercises" / stub.name)
    return folder


def counted(report):
    return [e for e in report["exercises"] if e["status"] != "unavailable"]


def test_the_untouched_kit_scores_nothing_and_everything_is_todo(kit, tmp_path):
    done = grade("--student", "--json", str(tmp_path / "report.json"), cwd=kit)
    assert done.returncode == 1, done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["score"] == 0
    assert len(report["exercises"]) == 77
    assert {e["status"] for e in counted(report)} == {"todo"}


def test_the_solutions_pass_every_check(kit, tmp_path):
    """Of some chapters: the selfcheck of the whole run passes them all."""
    chosen = [f"--only={chapter}" for chapter in ("ch02", "ch11")]
    done = grade("--solutions", *chosen, "--json", str(tmp_path / "report.json"), cwd=kit)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert {e["status"] for e in counted(report)} == {"passed"}
    assert report["score"] == report["max_score"] == len(counted(report))


def test_a_copy_of_the_solutions_passes_with_another_seed(kit, tmp_path):
    shutil.copytree(kit / "solutions", tmp_path / "mine" / "week1")
    chosen = [f"--only=ch0{number}" for number in (1, 6, 8)]
    done = grade("--student", str(tmp_path / "mine"), "--seed", "7", *chosen, cwd=kit)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr


def commands(document):
    """The commands in a document's sh blocks, comments taken off."""
    for block in re.findall(r"```sh\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL):
        for line in block.splitlines():
            command = line.partition("  #")[0].strip()
            if command:
                yield command


ALL_COMMANDS = sorted({c for document in DOCUMENTS for c in commands(document)})
ELSEWHERE = (
    "python -m grader export",
    "python -m grader package",
)  # run by test_gradebooks_page.py
GRADER_COMMANDS = [c for c in ALL_COMMANDS if not c.startswith((*SET_UP, *ELSEWHERE))]


def test_every_make_target_in_the_documents_exists():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = {c.split()[1] for c in ALL_COMMANDS if c.startswith("make ")}
    assert targets
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_install_line_names_an_extra_that_exists():
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    extras = {m for c in ALL_COMMANDS for m in re.findall(r"\[(\w+)\]", c)}
    assert extras
    for extra in extras:
        assert re.search(rf"^{extra} = \[", project, re.MULTILINE), extra


@pytest.fixture(scope="module")
def pack_of_an_author(kit):
    assert grade("new", "ch12_example", "--pack", "my-pack", cwd=kit).returncode == 0
    return kit


def small_parity(command, folder):
    """A showdown of one epoch that writes to `folder`; with the full set only where there is one."""
    pytest.importorskip("torch", reason="the showdown needs torch")
    if "--data" in command:
        full_set = os.environ.get("JAX_WORKSHOP_MNIST")
        if not full_set:
            pytest.skip("the full set is not here: JAX_WORKSHOP_MNIST names no folder")
        command = command.replace("--data mnist", f"--data {full_set}")
    command = re.sub(r" --epochs \d+", "", command) + " --epochs 1"
    return command.replace("--out parity", f"--out {folder / 'parity'}")


def a_class(folder):
    """The folder of a batch that has read two submissions."""
    from grader.batch.entries import Learner
    from grader.batch.store import Store
    from grader.submission import submission_of_texts

    with Store.create(folder) as store:
        for name in ("ada", "ben"):
            submission = submission_of_texts(name, {"ch01_arrays": f"{name} = 1\n"})
            store.register(name, name, Learner(name), submission)
    return folder


def first_words_of_watch(folder):
    """What `watch` says first when it looks at a wrong answer."""
    chapter = folder / "exercises" / "ch01_arrays.py"
    text = chapter.read_text(encoding="utf-8")
    chapter.write_text(text + "\n\ndef to_device(values):\n    return values\n", encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", "watch"],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        return process.stdout.readline()
    finally:
        process.terminate()
        process.communicate()
        chapter.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("command", GRADER_COMMANDS)
def test_every_command_in_the_documents_runs(command, pack_of_an_author, tmp_path):
    if command == "python -m grader --solutions":
        pytest.skip("the selfcheck of the whole run does the same")
    if command == "python -m grader watch":  # until it is told to stop
        assert "ch01_arrays.to_device" in first_words_of_watch(pack_of_an_author)
        return
    if command == "python -m grader new ch12_example --pack my-pack":
        command = command.replace("my-pack", str(tmp_path / "my-pack"))
    if " parity" in command:
        command = small_parity(command, tmp_path)
    command = command.replace("report.json", str(tmp_path / "report.json"))
    if " similar " in command:
        command = command.replace(" OUT", f" {a_class(tmp_path / 'OUT')}")
    if " batch " in command:
        small = tmp_path / "class" / "ada"
        small.mkdir(parents=True)
        (small / "ch01_arrays.py").write_text("def to_device(values):\n    return values\n")
        command = command.replace(" DIR", f" {small.parent}").replace(
            " OUT", f" {tmp_path / 'OUT'}"
        )
    command = command.replace(" DIR", " exercises")
    program, *rest = command.split()
    start = {"python": [sys.executable], "pytest": [sys.executable, "-m", "pytest"]}[program]
    done = run([*start, *rest], pack_of_an_author)
    assert done.returncode in (0, 1), done.stdout[-3000:] + done.stderr[-3000:]
    assert "Traceback" not in done.stdout + done.stderr
