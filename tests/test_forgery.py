"""What a learner's code says can neither pass for the grader's words nor be obeyed on its way to a reader."""

import io
import json
import re
import xml.etree.ElementTree as ElementTree

import pytest
from rich.console import Console

from grader.model import CheckResult, ExerciseResult, Isolation, Report
from grader.plugin import message_text
from grader.reports.json_report import as_dict
from grader.reports.terminal import print_sheet
from grader.submission import read_submission, submission_of_texts

FORGED = "\n".join(
    [
        "FORGED",
        "Score: 77 of 77 FORGED",
        "    next      FORGED",
        "========= 77 passed FORGED =========",
        "\u2713 ch01_sums.total FORGED",
        "::error::FORGED",
        "\x1b[2J\x1b]0;FORGED\x07\u202eFORGED\u2028Score: FORGED\r\x85Score: FORGED",
    ]
)
START = f"\n\nFORGED = {FORGED!r}\nimport jax\n"
ATTACKS = {
    "message": "def total(x):\n    raise ValueError(FORGED)\n",
    "long message": "def total(x):\n    raise ValueError((FORGED + 'y' * 50_000) * 100)\n",
    "class": "def total(x):\n    raise type(FORGED, (ValueError,), {})('x')\n",
    "frame": "def total(x):\n    raise ValueError\n\n"
    "total.__code__ = total.__code__.replace(co_name=FORGED)\n",
    "value": "def total(x):\n    return type(FORGED, (), {'__module__': FORGED})()\n",
    "text": "def total(x):\n    return FORGED\n",
    "keys": "def total(x):\n    return {FORGED + str(i): x for i in range(9000)}\n",
    "global": "def total(x):\n    globals()[FORGED] = x\n    return x.sum()\n",
    "printed": "def total(x):\n    print(FORGED * 2000)\n    return x\n",
    "import": "raise RuntimeError(FORGED)\n",
}
FAKE = re.compile(
    r"\s*(Score|next\b|=====|::|Note|\u2713 ch|Isolation|called|expected|likely)", re.MULTILINE
)


def forged_lines(text):
    """The lines that a reader could take for the grader's."""
    return [line for line in text.splitlines() if "FORGED" in line and FAKE.match(line)]


def sheet_of(report, pack):
    file = io.StringIO()
    print_sheet(Console(file=file, width=100, soft_wrap=True, color_system=None), report, pack)
    return file.getvalue()


@pytest.fixture(scope="module")
def report_on(grader, pack, solutions):
    """The report on an attack."""

    def report_on(attack):
        text = solutions["ch01_sums"] + START + ATTACKS[attack]
        submission = submission_of_texts(f"a\n{FORGED}", solutions | {"ch01_sums": text})
        return grader.grade(submission, pack.select(["ch01_sums.total"]))

    return report_on


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_line_of_the_sheet_is_forged(report_on, pack, attack):
    report = report_on(attack)
    sheet, data = sheet_of(report, pack), as_dict(report)
    assert report.score == 0
    assert "total" in sheet
    assert forged_lines(sheet) == []
    assert len(sheet) < 25_000
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202e]", sheet)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e]", "".join(strings(data)))
    for check in data["exercises"][0]["checks"]:
        assert forged_lines(check["rationale"] + "\n" + check["evidence"]) == []
        assert len(check["rationale"]) <= 2500
        assert len(check["evidence"]) <= 8192
    for check in report.exercises[0].checks:
        assert forged_lines(message_text(check)) == []


def strings(data):
    """All texts in plain data."""
    if isinstance(data, str):
        return [data]
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return [text for item in inner for text in strings(item)]


def test_that_forgery_would_be_seen():
    assert len(forged_lines(FORGED)) == 7
    assert forged_lines("called    f(x)\n| Score: FORGED\nx Score: FORGED") == []


def test_reports_made_elsewhere_are_shown_as_carefully(pack):
    made_up = FORGED.replace("FORGED", "MADE UP")
    check = CheckResult("n", "value", "failed", 1.0, f"x\n{FORGED}", "\x1b[2Ja" * 9999, made_up)
    exercise = ExerciseResult("ch01_sums.total", 1.0, (check,))
    settings = (
        "mini",
        "1",
        FORGED,
        "now",
        1.0,
        Isolation("PROCESS-ONLY"),
        {},
        (exercise,),
        (made_up,),
    )
    report = Report(*settings)
    for text in (sheet_of(report, pack), message_text(check)):
        assert forged_lines(text) == []
        assert len(re.findall(r"^ *(next|Note:|Score:)", text, re.MULTILINE)) in (1, 3)
        assert "\x1b" not in text
        assert len(text) < 15_000
    data = as_dict(report)
    assert "\n" not in data["submission"] + data["warnings"][0]
    assert len(data["exercises"][0]["checks"][0]["evidence"]) <= 8192
    assert "\x1b" not in json.dumps(data, ensure_ascii=False)


def test_no_line_of_pytest_is_forged(run, pack, solutions, tmp_path):
    names = {"ch01_sums": "printed", "ch02_shapes": "message"}
    for name, attack in names.items():
        code = ATTACKS[attack].replace(
            "def total(x", "def outer(x, y" if "02" in name else "def total(x"
        )
        (tmp_path / f"{name}.py").write_text(solutions[name] + START + code)
    arguments = [
        "-m",
        "pytest",
        "-p",
        "grader.plugin",
        "--rootdir",
        pack.root,
        "--submission",
        tmp_path,
    ]
    arguments += [pack.root / "exercises", "-k", "total or outer", "--junitxml", tmp_path / "j.xml"]
    done = run(*arguments, "-rA", "-v", cwd=pack.root, code=1)
    assert "what your code printed" in done.stdout
    assert "FORGED" in done.stdout
    assert forged_lines(done.stdout) == []
    assert "\x1b" not in done.stdout
    assert len(done.stdout) < 30_000
    said = "\n".join(ElementTree.parse(tmp_path / "j.xml").getroot().itertext())
    assert "FORGED" in said
    assert forged_lines(said) == []


@pytest.mark.skipif("sys.platform == 'win32'", reason="no such names there")
def test_names_of_folders_and_files_are_shown_with_care(cli, mini, tmp_path):
    folder = tmp_path / "a\nScore: 77 FORGED\x1b[2J\udcff"
    for place in ("b\nScore: FORGED\udcfe\u202e", "c"):
        (folder / place).mkdir(parents=True)
        (folder / place / "ch01_sums.py").write_text("x = 1\n")
    done = cli("--student", folder, "--json", tmp_path / "r.json", cwd=mini, code=1)
    assert "FORGED" in done.stdout
    assert forged_lines(done.stdout) == [
        "Note: b Score: FORGED/ch01_sums.py is graded; c/ch01_sums.py is not."
    ]
    assert "\x1b" not in done.stdout
    data = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert "\n" not in data["submission"] + "".join(data["warnings"])
    done = cli("--student", folder / "none\nScore: 77 FORGED\x1b", cwd=mini, code=2)
    assert forged_lines(done.stderr) == []
    assert "\x1b" not in done.stderr


def test_a_worker_does_not_learn_where_a_submission_lies(grader, pack, solutions, tmp_path):
    asks = "\n\ndef total(x):\n    raise ValueError(__file__ + total.__code__.co_filename)\n"
    for name, text in solutions.items():
        (tmp_path / f"{name}.py").write_text(text + asks * (name == "ch01_sums"))
    report = grader.grade(read_submission(tmp_path, pack), pack.select(["ch01_sums.total"]))
    (check, *_) = report.exercises[0].checks
    assert "ValueError: ch01_sums.pych01_sums.py" in check.rationale
    assert str(tmp_path) not in str(report.exercises)
