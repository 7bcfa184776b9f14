"""The real commands on the miniature pack: what they print, write and exit with."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest
from family import children, cpu_seconds, descendants, gone, zygotes

from grader.manifest import load_pack
from grader.model import LEVELS

WRONG_MEAN = """
def mean(x):
    return x.max()
"""


def report(path):
    return json.loads(path.read_text(encoding="utf-8"))


def statuses(data):
    return {e["name"]: e["status"] for e in data["exercises"]}


def without_times(data):
    """A report without what differs from run to run."""
    text = re.sub(r'"(\w+_s|started)": [^,}]*', "", json.dumps(data))
    return re.sub(r"\d+\.\d+ (ms|s)", "", text)


# Grading.


@pytest.fixture(scope="module")
def untouched(tmp_path_factory, pack, cli):
    """A run over the untouched exercises: the pack's root, the process, the report."""
    root = shutil.copytree(pack.root, tmp_path_factory.mktemp("untouched") / "mini")
    done = cli("--student", "--json", "report.json", cwd=root, code=1)
    return root, done, report(root / "report.json")


def test_the_untouched_kit_is_all_todo(untouched):
    _, done, data = untouched
    assert set(statuses(data).values()) == {"todo"}
    assert (data["score"], data["max_score"]) == (0, 9)
    assert "Score: 0 of 9   (5 todo)" in done.stdout
    assert "python -m grader hint ch01_sums.total" in done.stdout
    assert "ch02_shapes           0 of 2   Shapes" in done.stdout


def test_what_is_no_terminal_gets_plain_text(untouched):
    _, done, _ = untouched
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr == ""


def test_the_report_follows_its_schema(untouched):
    _, _, data = untouched
    assert data["schema_version"] == 1
    kinds = {
        "schema_version": int,
        "pack": str,
        "pack_version": str,
        "submission": str,
        "score": (int, float),
        "max_score": (int, float),
        "started": str,
        "duration_s": float,
        "isolation": dict,
        "versions": dict,
        "exercises": list,
    }
    assert {key for key in data if key not in kinds} <= {"interrupted", "seed", "time", "warnings"}
    for key, kind in kinds.items():
        assert isinstance(data[key], kind), key
    assert set(data["isolation"]) == {"level", "mechanisms", "self_test"}
    assert set(data["isolation"]["self_test"]) == {"passed", "total"}
    assert {"python", "jax", "grader"} <= set(data["versions"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", data["started"])
    for exercise in data["exercises"]:
        assert list(exercise) == [
            "id",
            "chapter",
            "name",
            "status",
            "score",
            "max_score",
            "duration_s",
            "checks",
        ]
        assert exercise["id"] == f"{exercise['chapter']}.{exercise['name']}"
        for check in exercise["checks"]:
            assert list(check) == [
                "name",
                "kind",
                "status",
                "score",
                "max_score",
                "rationale",
                "evidence",
                "hint",
                "misconception",
                "duration_s",
                "transformations",
                "speed",
            ]
        shares = sum(check["max_score"] for check in exercise["checks"])
        assert shares == pytest.approx(exercise["max_score"])


def test_the_state_is_remembered(untouched, cli):
    root, _, _ = untouched
    listed = cli("list", cwd=root, code=0).stdout
    assert len(re.findall(r"^ +todo +ch0", listed, re.MULTILINE)) == 5
    standing = cli(cwd=root, code=0).stdout
    assert "0 of 5 exercises passed. Next: ch01_sums.total." in standing
    assert "--student" in standing


def test_a_solved_submission_passes(cli, pack, tmp_path):
    done = cli("--student", pack.solutions_dir, "--pack", pack.root, cwd=tmp_path, code=0)
    assert "Score: 9 of 9   (5 passed)" in done.stdout
    assert "Next:" not in done.stdout


def test_the_solutions_pass_and_each_shows_its_time(cli, pack, tmp_path):
    done = cli("--solutions", "--pack", pack.root, cwd=tmp_path, code=0)
    assert "Score: 9 of 9   (5 passed)" in done.stdout
    assert len(re.findall(r" checks +\d+\.\d\d s", done.stdout)) == 5
    assert re.search(r"time: \d+\.\d s", done.stdout)


@pytest.fixture
def partly(pack, tmp_path):
    """A submission one folder down: one exercise of chapter 1 is wrong, chapter 2 is missing."""
    folder = tmp_path / "partly" / "work"
    folder.mkdir(parents=True)
    text = (pack.solutions_dir / "ch01_sums.py").read_text() + WRONG_MEAN
    (folder / "ch01_sums.py").write_text(text)
    return folder.parent


def test_one_seed_gives_one_report(cli, pack, partly, tmp_path):
    reports = []
    for name in ("first.json", "second.json"):
        arguments = ["--student", partly, "--pack", pack.root, "--seed", 7, "--timeout", 60]
        done = cli(*arguments, "--json", name, cwd=tmp_path, code=1)
        reports.append(report(tmp_path / name))
    assert without_times(reports[0]) == without_times(reports[1])
    assert statuses(reports[0]) == {
        "total": "passed",
        "mean": "failed",
        "spread": "passed",
        "outer": "todo",
        "relu_jit": "todo",
    }
    assert "mean does not return what it should" in done.stdout
    assert "next      First hint for mean." in done.stdout
    assert not (partly / ".progress.json").exists()


def test_only_a_part_is_graded(cli, pack, partly, tmp_path):
    arguments = ["--student", partly, "--pack", pack.root, "--json", "r.json"]
    cli(*arguments, "--only", "ch01_sums.total", cwd=tmp_path, code=0)
    assert statuses(report(tmp_path / "r.json")) == {"total": "passed"}


def test_a_report_that_cannot_be_written_is_said_before_anything_is_graded(
    cli, pack, partly, tmp_path
):
    arguments = ["--student", partly, "--pack", pack.root, "--only", "ch01_sums.total"]
    done = cli(*arguments, "--json", tmp_path / "nowhere" / "r.json", cwd=tmp_path, code=2)
    assert "cannot be written" in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("place", ["nowhere/page.html", "folder", "r.json"])
def test_a_page_that_cannot_be_written_is_said_before_anything_is_graded(
    cli, pack, partly, tmp_path, place
):
    (tmp_path / "folder").mkdir()
    arguments = ["--student", partly, "--pack", pack.root, "--json", "r.json"]
    done = cli(*arguments, "--html", place, cwd=tmp_path, code=2)
    assert re.search("cannot be written|name the same file", done.stderr)
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
    assert not (tmp_path / "r.json").exists()


def test_a_page_shows_the_run_and_its_pictures(cli, mini, tmp_path):
    (mini / "exercises" / "checks" / "pictures.py").write_text(
        "import numpy as np\nfrom grader.pictures import Mask, picture\n"
        "@picture('ch02_shapes', 'Products', 'All of them.')\n"
        "def products():\n    x = np.float32([1, 2])\n"
        "    return [Mask('outer', 'two by two', lambda m, x: m.outer(x, x), (x,))]\n"
    )
    arguments = ["--solutions", "--pack", mini, "--only", "ch02_shapes.outer", "--html", "p.html"]
    done = cli(*arguments, cwd=tmp_path, code=0)
    assert "The page is in p.html." in done.stdout
    text = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert "Yours: 100% kept, at 2.25 on average" in text
    assert "Everything has passed." in text


def test_an_installed_pack_is_graded_by_its_name(cli, pack, partly, tmp_path, environment):
    site = tmp_path / "site"
    shutil.copytree(pack.root, site / "minipack")
    (site / "minipack" / "__init__.py").write_text("")
    info = site / "minipack-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: minipack\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[jax_workshop.packs]\nminiature = minipack\n")
    path = os.pathsep.join([str(site), environment["PYTHONPATH"]])
    arguments = ["--student", partly, "--pack", "miniature", "--only", "ch01", "--json", "r.json"]
    cli(*arguments, cwd=tmp_path, env={"PYTHONPATH": path}, code=1)
    data = report(tmp_path / "r.json")
    assert data["pack"] == "mini"
    assert statuses(data) == {"total": "passed", "mean": "failed", "spread": "passed"}


def test_grading_in_process_gives_the_same_verdicts(cli, pack, partly, tmp_path):
    (partly / "ch02_shapes.py").write_text((pack.stubs_dir / "ch02_shapes.py").read_text())
    arguments = ["--student", partly, "--pack", pack.root, "--in-process", "--json", "r.json"]
    assert "--require-isolation PROCESS-ONLY" in cli(*arguments, cwd=tmp_path, code=4).stderr
    arguments += ["--require-isolation", "PROCESS-ONLY"]
    cli(*arguments, cwd=tmp_path, code=1)
    assert statuses(report(tmp_path / "r.json")) == {
        "total": "passed",
        "mean": "failed",
        "spread": "passed",
        "outer": "todo",
        "relu_jit": "todo",
    }


# Bad input: a pack with a chapter for each, all graded in one run.

SOLUTION = '''"""A chapter."""


def bad(x):
    """Twice x."""
    return 2 * x


def good(x):
    """Three times x."""
    return 3 * x
'''
CHECKS = '''"""Checks."""

import numpy as np

from grader.checks import check


@check("bad", "gives twice x")
def test_bad(both):
    both(lambda m, x: m.bad(x), np.float32([1, 2])).agree()


@check("good", "gives three times x")
def test_good(both):
    both(lambda m, x: m.good(x), np.float32([1, 2])).agree()
'''
GOOD = "def good(x):\n    return 3 * x\n"
# name: (text of the chapter; what its message says; status of `bad`; status of `good`)
CODE = {
    "syntax_error": ("def bad(x:\n", "SyntaxError", "failed", "failed"),
    "import_error": ("import nothing_there\n", "No module named", "failed", "failed"),
    "exception_at_import": ("raise OSError('at import')\n", "at import", "failed", "failed"),
    "loop_at_import": ("while True:\n    pass\n", "did not come to an end", "failed", "failed"),
    "exit_at_import": ("import sys\nsys.exit(0)\n", "SystemExit", "failed", "failed"),
    "missing_function": (GOOD, "There is no `bad`", "failed", "passed"),
    "wrong_arity": ("def bad():\n    return 1\n" + GOOD, "takes 0 positional", "failed", "passed"),
    "wrong_type": ("def bad(x):\n    return [1, 2]\n" + GOOD, "[the Python", "failed", "passed"),
    "wrong_shape": ("def bad(x):\n    return x[:, None]\n" + GOOD, "(2, 1)", "failed", "passed"),
    "wrong_dtype": (
        "def bad(x):\n    return (2 * x).astype(int)\n" + GOOD,
        "got dtype int32",
        "failed",
        "passed",
    ),
    "tracer": (
        "import jax\nk = []\njax.jit(k.append)(1.0)\ndef bad(x):\n    return k[0]\n" + GOOD,
        "racer",
        "failed",
        "passed",
    ),
    "function": ("def bad(x):\n    return bad\n" + GOOD, "a function", "failed", "passed"),
    "nan": ("def bad(x):\n    return x * float('nan')\n" + GOOD, "got nan", "failed", "passed"),
    "abort": ("import os\ndef bad(x):\n    os.abort()\n" + GOOD, "SIGABRT", "failed", "passed"),
    "exit": ("def bad(x):\n    raise SystemExit\n" + GOOD, "SystemExit", "failed", "passed"),
    "loop": ("def bad(x):\n    while True: pass\n" + GOOD, "no answer within", "failed", "passed"),
    "printing": (
        "def bad(x):\n    print('x' * 10_000_000)\n    return 2 * x\n" + GOOD,
        "",
        "passed",
        "passed",
    ),
    "escapes": (
        "def bad(x):\n    raise ValueError('\\x1b[31mred')\n" + GOOD,
        "ValueError: red",
        "failed",
        "passed",
    ),
    "reaches_out": ("import conftest\n", "No module named 'conftest'", "failed", "failed"),
}
FILES = {
    "folder": ("is a folder", "failed"),
    "broken_link": ("is a symbolic link", "failed"),
    "empty": ("is empty", "failed"),
    "not_utf8": ("is not UTF-8", "failed"),
    "large": ("at most 1,048,576", "failed"),
    "absent": ("is not there yet", "todo"),
}


def spoil(path, name):
    """Put at `path` what the row `name` of FILES is about."""
    if name == "folder":
        path.mkdir()
    elif name == "broken_link":
        path.symlink_to("nowhere.py")
    elif name == "empty":
        path.write_text("")
    elif name == "not_utf8":
        path.write_bytes(b"# \xff\n")
    elif name == "large":
        with path.open("wb") as file:
            file.truncate(200 * 2**20)


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory, cli):
    """One run over all bad input, from inside the submission: the process, the report."""
    root, folder = tmp_path_factory.mktemp("wide"), tmp_path_factory.mktemp("submission")
    manifest = '[workshop]\nname = "wide"\ntitle = "Wide"\nversion = "1"\n'
    for part in ("exercises/checks", "solutions"):
        (root / part).mkdir(parents=True)
    entry = 'title = "t"\nslide = "s"\ndocs = "d"\n'
    hints = 'hints = ["one", "two"]\n'
    for name in [*CODE, *FILES]:
        manifest += f'[[chapter]]\nname = "{name}"\n{entry}'
        for exercise in ("bad", "good"):
            manifest += f'[[chapter.exercise]]\nname = "{exercise}"\n{entry}{hints}'
        (root / "exercises" / f"{name}.py").write_text(SOLUTION)
        (root / "exercises" / "checks" / f"test_{name}.py").write_text(CHECKS)
        (root / "solutions" / f"{name}.py").write_text(SOLUTION)
        if name in CODE:
            (folder / f"{name}.py").write_text(CODE[name][0])
        else:
            spoil(folder / f"{name}.py", name)
    (root / "exercises" / "workshop.toml").write_text(manifest)
    for name in ("conftest", "jax", "numpy", "sitecustomize", "usercustomize", "pytest", "click"):
        text = f"open({str(root / 'touched')!r}, 'a').write({name!r})\nraise SystemExit(9)\n"
        (folder / f"{name}.py").write_text(text)
    arguments = ["--student", ".", "--pack", root, "--timeout", 6, "--json", root / "r.json"]
    done = cli(*arguments, cwd=folder)
    assert done.returncode == 1, done.stdout + done.stderr
    return done, report(root / "r.json"), root


def row(spoilt, name):
    """The two exercises of a chapter, by name."""
    _, data, _ = spoilt
    return {e["name"]: e for e in data["exercises"] if e["chapter"] == name}


@pytest.mark.parametrize("name", CODE)
def test_bad_code_gets_one_clear_message(spoilt, name):
    _, words, bad, good = CODE[name]
    found = row(spoilt, name)
    (check,) = found["bad"]["checks"]
    assert (found["bad"]["status"], found["good"]["status"]) == (bad, good)
    assert words in check["rationale"] + check["evidence"]
    assert "\n" not in check["rationale"].strip()
    assert bool(check["hint"]) == (bad == "failed")
    assert "\x1b" not in json.dumps(check)


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file_gets_one_clear_message(spoilt, name):
    words, status = FILES[name]
    found = row(spoilt, name)
    for exercise in found.values():
        assert exercise["status"] == status
        assert words in exercise["checks"][0]["rationale"]


def test_a_message_about_a_file_is_shown_once_and_nothing_is_a_stack(spoilt):
    done, _, _ = spoilt
    for name in ("syntax_error", "exception_at_import"):
        assert len(re.findall(rf"{name}\.py cannot be loaded", done.stdout)) == 1
    assert len(re.findall(r"empty\.py is empty", done.stdout)) == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert "site-packages" not in done.stdout


def test_other_files_of_a_submission_have_no_effect(spoilt):
    _, _, root = spoilt
    assert not (root / "touched").exists()


def test_the_output_of_learners_is_no_part_of_the_sheet(spoilt):
    done, _, _ = spoilt
    assert "x" * 100 not in done.stdout
    assert "\x1b" not in done.stdout


# Ctrl-C.


def wait_for(condition, seconds=120):
    """What `condition()` gives, as soon as that is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def workers_of(pid):
    """The workers under a command."""
    return [worker for zygote in zygotes(pid) for worker in children(zygote)]


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="looks into /proc")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupt_shows_what_there_is_and_leaves_nothing_behind(
    pack, tmp_path, environment, jobs
):
    for chapter in pack.chapters:
        text = (pack.solutions_dir / chapter.filename).read_text()
        (tmp_path / chapter.filename).write_text(text)
    with (tmp_path / "ch02_shapes.py").open("a") as file:
        file.write("\n\ndef outer(x, y):\n    while True:\n        pass\n")
    command = [sys.executable, "-m", "grader", "--student", ".", "--pack", str(pack.root)]
    process = subprocess.Popen(
        [*command, "--jobs", jobs, "--timeout", "600", "--json", "r.json"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        wait_for(lambda: any(cpu_seconds(pid) > 4 for pid in workers_of(process.pid)))
        family = descendants(process.pid)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        out, err = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 1
    assert "Interrupted" in out
    assert "ch01_sums             3 of 3" in out
    assert "Score: 4 of 9   (3 passed, 2 blocked)" in out
    assert "Traceback" not in out + err
    data = report(tmp_path / "r.json")
    assert data["interrupted"] is True
    assert statuses(data)["outer"] == "blocked"
    assert family
    for pid in family:
        assert gone(pid)


# Wrong usage and other exit codes.


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--student", "nowhere"], 2, "nowhere does not exist"),
        (["--student", "exercises/ch01_sums.py"], 2, "is a file, not a folder"),
        (["--student", "--only", "ch01_sums.maen"], 2, "Did you mean ch01_sums.mean"),
        (["--student", "--only", "ch09"], 2, "'ch09'"),
        (["--student", "--solutions"], 2, "choose one"),
        (["--student", "--timeout", "0"], 2, "--timeout"),
        (["--student", "--timeout", "nan"], 2, "--timeout"),
        (["--student", "--seed", "x"], 2, "--seed"),
        (["--student", "--pack", "nothing"], 2, "no installed pack called 'nothing'"),
        (["--student", "--no-such-option"], 2, "--no-such-option"),
        (["frobnicate"], 2, "frobnicate"),
        (["hint", "ch01"], 2, "ch01_sums.total"),
        (["hint", "nothing"], 2, "'nothing'"),
        (["hint"], 2, "ID"),
        (["reset", "nothing"], 2, "'nothing'"),
        (["new", "Not A Name"], 2, "is no chapter name"),
        (["--student", "--require-isolation", "TOTAL"], 2, "FULL"),
    ],
)
def test_a_wrong_request_is_named_with_its_remedy(cli, mini, arguments, code, words):
    done = cli(*arguments, cwd=mini, code=code)
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_isolation_that_is_not_to_be_had_is_code_4(cli, mini):
    done = cli("--student", "--require-isolation", "FULL", "--in-process", cwd=mini, code=4)
    assert "FULL" in done.stderr
    assert done.stdout == ""


def test_the_isolation_is_shown_and_reported(cli, mini):
    done = cli("--student", "--json", "r.json", cwd=mini, code=1)
    isolation = report(mini / "r.json")["isolation"]
    assert f"Isolation: {isolation['level']}" in done.stdout
    assert isolation["level"] in LEVELS
    tried = isolation["self_test"]
    assert 0 <= tried["passed"] <= tried["total"]
    if isolation["level"] == "FULL":
        assert tried["passed"] == tried["total"] >= 10
        assert {"seccomp", "rlimits"} <= set(isolation["mechanisms"])
    elsewhere = cli("--student", mini / "exercises", "--json", "r.json", cwd=mini, code=1)
    assert "Isolation: " in elsewhere.stdout  # by its path it is still one's own work


def test_checks_that_are_broken_are_code_3(cli, mini):
    (mini / "exercises" / "checks" / "test_ch01_sums.py").write_text("import no_such_module\n")
    done = cli("--student", "--only", "ch01", cwd=mini, code=3)
    assert "The grader itself failed" in done.stderr
    assert "no_such_module" in done.stderr


def test_a_pack_that_breaks_a_rule_is_code_2(cli, mini):
    manifest = mini / "exercises" / "workshop.toml"
    manifest.write_text(manifest.read_text().replace("points = 2", "points = -2"))
    done = cli("list", cwd=mini, code=2)
    assert "ch01_sums.mean: `points` must be a number above 0" in done.stderr


# The small commands.


def test_hints_escalate(cli, mini):
    shown = [cli("hint", "ch01_sums.total", cwd=mini, code=0).stdout for _ in range(4)]
    words = ["First hint", "Second hint", "Last hint", "Last hint"]
    assert all(word in text for word, text in zip(words, shown, strict=True))
    assert ["That was the last hint." in text for text in shown] == [False, False, False, True]
    assert ["Call again for the next." in text for text in shown] == [True, True, False, False]
    assert "hint 2 of 3" in shown[1]
    assert "jax.numpy.sum.html" in shown[0]


def test_reset_puts_a_stub_back_and_keeps_the_old_file(cli, mini):
    chapter = mini / "exercises" / "ch01_sums.py"
    stub = chapter.read_text()
    chapter.write_text(stub.replace("# TODO: add them\n    raise NotImplementedError", "return 1"))
    done = cli("reset", "ch01_sums.total", cwd=mini, code=0)
    assert "ch01_sums.py.bak" in done.stdout
    assert chapter.read_text() == stub
    assert "return 1" in chapter.with_name("ch01_sums.py.bak").read_text()


def test_new_and_freeze_build_a_pack(cli, tmp_path):
    done = cli("new", "ch01_first", cwd=tmp_path, code=0)
    assert "selfcheck --only ch01_first" in done.stdout
    stub = tmp_path / "exercises" / "ch01_first.py"
    stub.write_text(stub.read_text() + "# more\n")
    cli("freeze", cwd=tmp_path, code=0)
    assert (tmp_path / "exercises" / ".stubs" / "ch01_first.py").read_text() == stub.read_text()
    assert cli("new", "ch01_first", cwd=tmp_path, code=2).stderr.count("exists already") == 1
    assert [c.name for c in load_pack(tmp_path).chapters] == ["ch01_first"]


def test_every_command_explains_itself(cli, tmp_path):
    text = cli("--help", cwd=tmp_path, code=0).stdout
    commands = re.findall(r"^  (\w+)  ", text.partition("Commands:")[2], re.MULTILINE)
    assert {"list", "hint", "reset", "new", "freeze", "selfcheck"} <= set(commands)
    assert cli("--version", cwd=tmp_path, code=0).stdout.startswith("grader")


def terminal_output(environment, cwd, **extra):
    """What `list` prints to a terminal."""
    import pty

    ours, theirs = pty.openpty()
    env = environment | {"TERM": "xterm-256color"} | extra
    command = [sys.executable, "-m", "grader", "list"]
    process = subprocess.Popen(command, cwd=cwd, env=env, stdout=theirs, stderr=theirs)
    os.close(theirs)
    parts = []
    try:
        while part := os.read(ours, 4096):
            parts.append(part)
    except OSError:  # how a pty ends on Linux
        pass
    os.close(ours)
    assert process.wait(60) == 0
    return b"".join(parts)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pty")
def test_colours_are_for_terminals_that_want_them(environment, mini):
    assert b"\x1b[" in terminal_output(environment, mini)
    assert b"\x1b" not in terminal_output(environment, mini, NO_COLOR="1")


def test_a_name_that_the_terminal_cannot_show_is_no_obstacle(cli, mini):
    done = cli("list", cwd=mini, env={"PYTHONIOENCODING": "ascii"}, code=0)
    assert "ch01_sums.total" in done.stdout


@pytest.mark.parametrize(("hidden", "command"), [("click", ["list"]), ("msgpack", ["--student"])])
def test_a_python_without_the_kits_packages(hidden, command, mini, run):
    code = (
        "import runpy, sys\n"
        f"sys.modules[{hidden!r}] = None\n"
        f"sys.argv = ['grader', *{command!r}]\n"
        "runpy.run_module('grader', run_name='__main__', alter_sys=True)\n"
    )
    done = run("-c", code, cwd=mini, code=2)
    assert f"{hidden} is not installed" in done.stderr
    assert "Traceback" not in done.stderr
