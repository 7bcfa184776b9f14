"""The autograder for Gradescope and the workflow for GitHub: what is packed, and how it grades in haste."""

import io
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import zipfile

import pytest
import yaml
from test_exports import demand_results

from grader.errors import UsageError
from grader.exports import archive, autograder, workflow
from grader.model import LEVELS
from grader.session import Grader
from grader.submission import Submission, submission_of_texts
from grader.worker.launcher import Launcher

SETTINGS = archive.Settings()


def unpacked(data):
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        return {info.filename: (info, found.read(info)) for info in found.infolist()}


# The archive.


def test_the_same_files_make_the_same_archive(mini, tmp_path):
    from grader.manifest import load_pack

    first = archive.autograder(load_pack(mini), SETTINGS)
    copy = shutil.copytree(mini, tmp_path / "elsewhere")
    for path in copy.rglob("*"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    (copy / "exercises" / "ch01_sums.py").write_text("my own work")
    (copy / "exercises" / ".progress.json").write_text("{}")
    (copy / "exercises" / "checks" / "__pycache__").mkdir()
    (copy / "exercises" / "checks" / "__pycache__" / "x.pyc").write_bytes(b"x")
    assert archive.autograder(load_pack(copy), SETTINGS) == first
    (copy / "solutions" / "ch01_sums.py").write_text("changed")
    assert archive.autograder(load_pack(copy), SETTINGS) != first


def test_the_archive_holds_what_gradescope_and_the_grader_need(pack):
    members = unpacked(archive.autograder(pack, SETTINGS))
    for name in ("setup.sh", "run_autograder"):
        info, text = members[name]
        assert text.startswith(b"#!/usr/bin/env bash\n")
        assert b"\r" not in text
        assert stat.S_IMODE(info.external_attr >> 16) == 0o755
    assert {
        "requirements.txt",
        "kit/grader/__init__.py",
        "kit/grader/mnist/subset.npz",
        "kit/grader/mnist/DATA-LICENSE",
        "kit/grader/worker/zygote.py",
        "kit/exercises/workshop.toml",
        "kit/exercises/checks/test_ch01_sums.py",
        "kit/exercises/.stubs/ch01_sums.py",
        "kit/solutions/ch01_sums.py",
    } <= set(members)
    assert {info.date_time for info, _ in members.values()} == {(1980, 1, 1, 0, 0, 0)}
    assert list(members) == sorted(members)
    assert not [name for name in members if "pycache" in name or name.endswith(".pyc")]
    texts = [
        data for name, (_, data) in members.items() if name.endswith((".sh", ".txt", "grader"))
    ]
    assert not [text for text in texts if str(pack.root).encode() in text]


def test_the_libraries_are_those_of_this_machine(pack):
    import jax

    members = unpacked(archive.autograder(pack, SETTINGS))
    pinned = members["requirements.txt"][1].decode().splitlines()
    assert f"jax=={jax.__version__}" in pinned
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in pinned)
    assert not [line for line in pinned if line.startswith(("torch", "ruff", "playwright"))]
    assert "requirements-torch.txt" not in members


def test_torch_is_installed_where_it_is_asked_for(pack, monkeypatch):
    monkeypatch.setattr(archive.importlib.metadata, "version", lambda name: "2.9.1+cpu")
    members = unpacked(archive.autograder(pack, archive.Settings(torch=True)))
    assert members["requirements-torch.txt"][1] == b"torch==2.9.1\ntorchvision==2.9.1\n"


def test_a_library_of_unknown_version_is_named(pack, monkeypatch):
    monkeypatch.setattr(archive, "_declared", lambda: ["no-such-library>=1"])
    with pytest.raises(UsageError, match="no-such-library is not installed here"):
        archive.autograder(pack, SETTINGS)


def test_the_scripts_are_scripts(pack, tmp_path):
    members = unpacked(
        archive.autograder(pack, archive.Settings(("ch01; x",), 7, 20, False, "hidden"))
    )
    for name in ("setup.sh", "run_autograder"):
        (tmp_path / name).write_bytes(members[name][1])
        subprocess.run(["bash", "-n", str(tmp_path / name)], check=True, timeout=60)
    text = members["run_autograder"][1].decode()
    assert " 1150 " in text
    assert "'--only=ch01; x' --seed=7 --visibility=hidden" in text
    assert "@" not in text.replace('"$@"', "")


@pytest.mark.skipif(shutil.which("timeout") is None, reason="needs timeout, of GNU coreutils")
@pytest.mark.parametrize(
    ("program", "left"),
    [
        ("exit 3", None),
        ("sleep 60", None),
        ("trap '' INT; sleep 60 & wait; sleep 60", None),
        ('echo "{}" > "$4/results/results.json"; exit 0', "{}\n"),
    ],
)
def test_whatever_becomes_of_the_grader_there_is_a_result(pack, tmp_path, program, left):
    text = unpacked(archive.autograder(pack, SETTINGS))["run_autograder"][1].decode()
    text = text.replace("--kill-after=20 550", "--kill-after=1 1")
    (tmp_path / "run_autograder").write_text(text)
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    (tmp_path / "results").mkdir()
    python.write_text(f"#!/usr/bin/env bash\n{program}\n")
    python.chmod(0o755)
    environment = os.environ | {"AUTOGRADER_ROOT": str(tmp_path)}
    command = ["bash", str(tmp_path / "run_autograder")]
    subprocess.run(command, env=environment, check=True, timeout=50, capture_output=True)
    found = (tmp_path / "results" / "results.json").read_text()
    assert found == left if left else json.loads(found)["score"] == 0


def test_the_command_writes_the_archive(cli, mini, tmp_path):
    out = tmp_path / "autograder.zip"
    arguments = ["--out", out, "--only", "ch01", "--pack", mini]
    done = cli("package", "gradescope", *arguments, cwd=tmp_path, code=0)
    assert "keep it to yourself" in done.stdout
    assert b"--only=ch01" in unpacked(out.read_bytes())["run_autograder"][1]
    bad = cli(
        "package",
        "gradescope",
        "--out",
        out,
        "--only",
        "ch99",
        "--pack",
        mini,
        cwd=tmp_path,
        code=2,
    )
    assert "ch99" in bad.stderr
    bad = cli(
        "package", "gradescope", "--out", "no/such/x.zip", "--pack", mini, cwd=tmp_path, code=2
    )
    assert "cannot be written" in bad.stderr


# Grading as Gradescope does it.

HANGS = "\nimport time\ndef outer(x, y):\n    time.sleep(1000)\ndef relu_jit(x):\n    time.sleep(1000)\n"


@pytest.fixture
def root(mini, tmp_path, solutions):
    """A folder like /autograder, with the solutions handed in one folder down."""
    root = tmp_path / "autograder"
    shutil.copytree(mini, root / "source" / "kit")
    (root / "submission" / "week1").mkdir(parents=True)
    for name, text in solutions.items():
        (root / "submission" / "week1" / f"{name}.py").write_text(text)
    return root


def test_a_submission_becomes_results(root):
    chapter = root / "submission" / "week1" / "ch01_sums.py"
    chapter.write_text(chapter.read_text() + "\n\ndef mean(x):\n    return x.max()\n")
    assert autograder.main([str(root), "--visibility", "after_published"]) == 0
    content = demand_results(root / "results" / "results.json")
    found = {test["name"]: test["status"] for test in content["tests"]}
    assert found.pop("ch01_sums.mean") == "failed"
    assert set(found.values()) == {"passed"}
    assert content["score"] == 7
    assert content["visibility"] == "after_published"
    assert content["execution_time"] > 0
    assert "goes on" not in content["output"]
    assert content["extra_data"]["isolation"]["level"] in LEVELS


def test_a_part_is_graded_where_a_part_is_asked_for(root):
    autograder.main([str(root), "--only", "ch02_shapes.outer"])
    content = demand_results(root / "results" / "results.json")
    assert [test["name"] for test in content["tests"]] == ["ch02_shapes.outer"]


def test_what_cannot_be_read_is_said_in_the_results(root):
    shutil.rmtree(root / "submission")
    autograder.main([str(root)])
    content = demand_results(root / "results" / "results.json")
    assert content["score"] == 0
    assert content["output"].startswith("This submission cannot be graded: ")


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_when_time_is_up_what_is_known_counts(root, environment):
    chapter = root / "submission" / "week1" / "ch02_shapes.py"
    chapter.write_text(chapter.read_text() + HANGS)
    command = [sys.executable, "-u", "-m", "grader.exports.autograder", str(root)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert "ch01_sums.total" in process.stdout.readline()
        place = root / "results" / "results.json"
        while "ch01_sums (3)" in demand_results(place)["output"]:
            assert process.poll() is None
        content = demand_results(place)
        assert content["output"].startswith("Grading goes on: 2 of 5 exercises are not graded here")
        assert content["score"] > 0
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.communicate()
    content = demand_results(place)
    assert content["output"].startswith("Time ran out: 2 of 5 exercises")
    tests = {test["name"]: test for test in content["tests"]}
    assert tests["ch01_sums.mean"]["status"] == "passed"
    assert tests["ch02_shapes.outer"]["status"] == "failed"
    assert "Not graded" in tests["ch02_shapes.outer"]["output"]


def make(pack, tmp_path, reports):
    """An autograder whose runs give `reports` in turn, each a mapping of names to (status, rationale)."""
    asked = []

    class Scripted(Grader):
        def grade(self, submission, exercises, **options):
            from grader.model import CheckResult, ExerciseResult, Isolation, Report

            exercises = tuple(exercises)
            asked.append([e.name for e in exercises])
            given = reports.pop(0)
            if isinstance(given, BaseException):
                raise given
            found = tuple(
                ExerciseResult(
                    e.id,
                    e.points,
                    (CheckResult("c", "value", given[e.name][0], 1.0, given[e.name][1]),),
                )
                for e in exercises
            )
            return Report(
                "mini", "1", "s", "2026-01-02T03:04:05Z", 1.0, Isolation("FULL"), {}, found
            )

    grades = autograder.Autograder(
        pack, Submission("s", {}), pack.select(["ch01"]), tmp_path / "results.json"
    )
    return grades, asked, Scripted


FINE = {"total": ("passed", ""), "mean": ("passed", ""), "spread": ("passed", "")}
KILLED = ("failed", "mean ended early: its process was ended by SIGKILL.")


@pytest.mark.parametrize("first", [KILLED, ("error", "the reference did not answer")])
@pytest.mark.parametrize(("again", "score"), [(("passed", ""), 4), (KILLED, 2)])
def test_what_was_killed_is_graded_once_more(pack, tmp_path, monkeypatch, first, again, score):
    reports = [FINE | {"mean": first}, {"mean": again}]
    grades, asked, scripted = make(pack, tmp_path, reports)
    monkeypatch.setattr(autograder, "Grader", scripted)
    assert grades.run()
    assert asked == [["total", "mean", "spread"], ["mean"]]
    assert demand_results(tmp_path / "results.json")["score"] == score


def test_a_failure_of_the_grader_costs_one_chapter(pack, tmp_path, monkeypatch):
    from grader.errors import InternalError

    grades, _, scripted = make(pack, tmp_path, [InternalError("the zygote is gone"), FINE])
    monkeypatch.setattr(autograder, "Grader", scripted)
    assert grades.run()
    assert demand_results(tmp_path / "results.json")["score"] == 4


def test_a_grader_that_keeps_failing_is_not_the_learners_fault(pack, tmp_path, monkeypatch):
    from grader.errors import InternalError

    grades, _, scripted = make(pack, tmp_path, [InternalError("x"), InternalError("x")])
    monkeypatch.setattr(autograder, "Grader", scripted)
    assert not grades.run()
    output = demand_results(tmp_path / "results.json")["output"]
    assert "3 of 3 exercises are not graded here" in output


@pytest.mark.skipif(sys.platform == "win32", reason="needs zygotes")
def test_a_launcher_keeps_to_its_number_of_workers(pack, solutions):
    alive, most = [], []

    class Counting(Launcher):
        def _start(self, *arguments, **options):
            worker = super()._start(*arguments, **options)
            alive.append(worker)
            most.append(sum(worker.alive for worker in alive))
            return worker

    verdicts = {}
    for limit in (2, 32):
        alive.clear()
        most.clear()
        launcher = Counting(most_workers=limit)
        with Grader(pack, timeout=60.0, launcher=launcher) as grader:
            report = grader.grade(submission_of_texts("s", solutions), pack.exercises)
        verdicts[limit] = {e.id: e.status for e in report.exercises}
        assert max(most) <= limit
    assert max(most) > 2, "this pack needs more where it may"
    assert verdicts[2] == verdicts[32]
    assert set(verdicts[2].values()) == {"passed"}


# The workflow.


def steps_of(text):
    """The steps of the workflow's one job, after what every workflow must have."""
    found = yaml.safe_load(text)
    assert found[True].keys() == {"push", "workflow_dispatch"}  # YAML takes `on` for true
    assert found["permissions"] == {"contents": "read"}
    job = found["jobs"]["grade"]
    assert job["timeout-minutes"] <= 60
    return job["steps"]


def test_the_workflow_is_yaml_with_few_rights_and_pinned_actions():
    steps = steps_of(workflow.workflow("my-org/jax-kit", "v1.2", torch=False))
    uses = [step["uses"] for step in steps if "uses" in step]
    assert uses == ["actions/checkout@v6", "actions/checkout@v6", "actions/setup-python@v6"]
    for step in steps[:2]:
        assert step["with"]["persist-credentials"] is False
    assert steps[1]["with"]["repository"] == "my-org/jax-kit"
    assert steps[1]["with"]["ref"] == "v1.2"
    scripts = [step["run"] for step in steps if "run" in step]
    assert not [script for script in scripts if "${{" in script], (
        "no text of others becomes a script"
    )
    assert '"./kit"' in scripts[0]
    assert "@" not in "".join(scripts)


def test_the_workflows_commands_are_the_graders(cli, tmp_path):
    scripts = " ".join(step.get("run", "") for step in steps_of(workflow.workflow("a/b")))
    commands = re.findall(r"python -P -m grader(?: (export))?([^\n|]*)", scripts)
    assert [name for name, _ in commands] == ["", "export"]
    for name, arguments in commands:
        text = cli(*filter(None, [name, "--help"]), cwd=tmp_path, code=0).stdout
        for option in re.findall(r"--[\w-]+", arguments):
            assert option in text


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize("status", [0, 1, 4])
def test_the_workflows_grading_step_hides_commands_and_keeps_the_status(tmp_path, status):
    script = next(s["run"] for s in steps_of(workflow.workflow("a/b")) if s.get("id") == "grade")
    python = tmp_path / "python"
    python.write_text(
        f'#!/usr/bin/env bash\n[ "$1" = -c ] && exec {sys.executable} "$@"\n'
        f"echo ::error::forged\nexit {status}\n"
    )
    python.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "GITHUB_OUTPUT": str(tmp_path / "output"),
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    first, forged, last = done.stdout.splitlines()
    token = first.removeprefix("::stop-commands::")
    assert len(token) == 32
    assert (forged, last) == ("::error::forged", f"::{token}::")
    assert (tmp_path / "output").read_text() == f"status={status}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--kit", "nothing"], "OWNER/NAME"),
        (["--kit", "a/b: c"], "OWNER/NAME"),
        (["--kit", "a/b", "--ref", 'x"\n'], "no branch or tag"),
        ([], "--kit"),
    ],
)
def test_a_kit_that_is_no_repository_is_refused(cli, tmp_path, arguments, words):
    done = cli("package", "github", "--out", "w.yml", *arguments, cwd=tmp_path, code=2)
    assert words in done.stderr
    assert not (tmp_path / "w.yml").exists()


def test_the_command_writes_the_workflow(cli, tmp_path):
    cli("package", "github", "--out", "w.yml", "--kit", "a/b", cwd=tmp_path, code=0)
    assert steps_of((tmp_path / "w.yml").read_text())[1]["with"]["repository"] == "a/b"
