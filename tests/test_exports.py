"""Reports in the forms of other programs, read back by parsers that know nothing of the grader."""

import json
import re
from xml.etree import ElementTree

import pytest
from gradebook_class import FORMULA, HOSTILE, entry, make_store, report

from grader.batch.entries import Learner
from grader.exports import github, gradescope, junit
from grader.exports.messages import message

# Gradescope: https://gradescope-autograders.readthedocs.io/en/latest/specs/

NUMBER, TEXT = (int, float), str
VISIBILITY = {"hidden", "after_due_date", "after_published", "visible"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}
TOP = {
    "score": NUMBER, "execution_time": NUMBER, "output": TEXT, "output_format": FORMATS,
    "visibility": VISIBILITY, "stdout_visibility": VISIBILITY, "extra_data": dict, "tests": list,
}  # fmt: skip
TEST = {
    "score": NUMBER, "max_score": NUMBER, "status": {"passed", "failed"}, "name": TEXT, "number": TEXT,
    "output": TEXT, "output_format": FORMATS, "tags": list, "visibility": VISIBILITY,
}  # fmt: skip


def demand(values, schema):
    """That `values` has the keys of `schema` and values of their kinds."""
    assert set(values) == set(schema)
    for key, kind in schema.items():
        if isinstance(kind, set):
            assert values[key] in kind, key
        else:
            assert isinstance(values[key], kind), key
            assert not isinstance(values[key], bool), key


def demand_results(path):
    """What Gradescope demands of a results.json; its content."""
    content = json.loads(path.read_text(encoding="utf-8"), parse_constant=pytest.fail)
    demand(content, TOP)
    for test in content["tests"]:
        demand(test, TEST)
        assert 0 <= test["score"] <= test["max_score"]
        assert all(isinstance(tag, str) for tag in test["tags"])
    return content


def test_results_follow_gradescopes_rules(tmp_path):
    content = gradescope.results(report(), ["A note."], "after_due_date")
    gradescope.write_results(tmp_path / "results.json", content)
    content = demand_results(tmp_path / "results.json")
    assert content["score"] == sum(test["score"] for test in content["tests"]) == 2
    assert content["visibility"] == "after_due_date"
    assert [(t["number"], t["name"], t["status"]) for t in content["tests"]] == [
        ("1.1", "ch01_sums.total", "passed"),
        ("1.2", "ch01_sums.mean", "failed"),
        ("1.3", "ch01_sums.spread", "failed"),
        ("2.1", "ch02_shapes.relu_jit", "failed"),
    ]
    head = content["output"].splitlines()
    assert head[:2] == ["A note.", "1 of 5 exercises passed."]
    assert head[-1] == "Not counted here: ch02_shapes (needs torch, which is not installed)."


def test_a_test_shows_what_happened_and_the_next_step():
    mean = gradescope.results(report())["tests"][1]["output"]
    lines = mean.splitlines()
    assert lines[0] == "Not passed."
    assert lines[1].startswith("mean raised ")
    assert "    called    mean(x)" in lines
    assert lines[-1].startswith("    next      Divide.")
    assert "\x1b" not in mean
    assert "\u202e" not in mean


@pytest.mark.parametrize("status", ["todo", "blocked", "error", "failed", "something new"])
def test_every_verdict_has_words(status):
    found = report()
    exercise = found["exercises"][1]
    exercise["status"] = status
    output = gradescope.results(found)["tests"][1]["output"]
    assert len(output.splitlines()[0]) > 5


# JUnit: the rules of junit-10.xsd.

SUITE = {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"}
CASE = {"name", "classname", "time"}
SECONDS = re.compile(r"(([0-9]{0,3},)*[0-9]{3}|[0-9]{0,3})*(\.[0-9]*)?")


def demand_suites(text):
    """What the schema demands of a document; its suites."""
    root = ElementTree.fromstring(text.encode("utf-8"))
    assert root.tag == "testsuites"
    assert set(root.attrib) <= {"name", "time", "tests", "failures", "errors"}
    for suite in root:
        assert suite.tag == "testsuite"
        assert {"name", "tests", "failures", "errors"} <= set(suite.attrib) <= SUITE
        assert SECONDS.fullmatch(suite.get("time"))
        for case in suite:
            assert case.tag == "testcase"
            assert set(case.attrib) == CASE
            assert all(inner.tag in ("failure", "error", "skipped") for inner in case)
            assert all(set(inner.attrib) == {"type", "message"} for inner in case)
        for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(count)) == len(suite.findall(f"testcase/{tag}"))
        assert int(suite.get("tests")) == len(suite)
    return list(root)


def test_junit_has_a_suite_for_each_submission():
    class_ = [entry("ada", 2), entry(f"eve {HOSTILE}", 1), entry("waiting")]
    found = demand_suites("".join(junit.suites(class_, report, HOSTILE)))
    assert [suite.get("name")[:4] for suite in found] == ["ada", "eve ", "wait"]
    ada, _, waiting = found
    kinds = [case[0].tag if len(case) else "passed" for case in ada]
    assert kinds == ["passed", "failure", "failure", "skipped", "failure"]
    assert ada[1].get("classname") == "ch01_sums.mean"
    assert "called    mean(x)" in ada[1][0].text
    assert waiting[0][0].tag == "skipped"
    assert "not been graded" in waiting[0][0].text


@pytest.mark.parametrize(
    "text", ["\x00\x0b\ufffe\ud800", "]]>", "<!--", "&amp;", "\x1b[31m", "\r\n"]
)
def test_no_text_breaks_the_document(text):
    found = report()
    check = found["exercises"][1]["checks"][0]
    check |= {"rationale": text, "evidence": text, "hint": text, "name": text}
    demand_suites("".join(junit.suites([entry(text, 2)], lambda name: found, text)))


# GitHub: the runner's own way to read a line (TryParseV2 in ActionCommand.cs).


def obeyed(lines):
    """The commands that the runner obeys in a log: (name, properties, message)."""
    found, token = [], None
    for line in "\n".join(lines).split("\n"):
        match = re.match(r"\s*::([^\s:]+)(?: (.*?))?::(.*)", line)
        if not match:
            assert not re.match(r"\s*##\[", line)
            continue
        name, properties, text = match.groups()
        if token is not None:
            token = None if name == token else token
        elif name == "stop-commands":
            token = text
        else:
            given = properties.split(",") if properties else []
            found.append((name, dict(part.split("=", 1) for part in given), text))
    assert token is None, "commands stay stopped"
    return found


def forged(found):
    """A report in which every text of the learner tries to give commands."""
    for exercise in found["exercises"]:
        for check in exercise["checks"]:
            for field in ("rationale", "evidence", "hint"):
                check[field] = (
                    "x\n::error::forged\n  ::set-output name=a::b\n##[add-path]/x,title=a::b"
                )
    return found


def test_only_the_graders_own_commands_are_obeyed():
    spots = {
        "ch01_sums.mean": github.Spot("src/ch01, sums:x.py", 12),
        "ch01_sums.spread": github.Spot("a.py"),
    }
    commands = obeyed(github.log_lines(forged(report()), spots))
    assert [name for name, _, _ in commands] == ["error"] * 3 + ["group", "endgroup"] * 3
    assert commands[0][1] == {
        "file": "src/ch01%2C sums%3Ax.py", "line": "12", "title": "ch01_sums.mean"
    }  # fmt: skip
    assert commands[1][1] == {"file": "a.py", "title": "ch01_sums.spread"}
    assert commands[2][1] == {"title": "ch02_shapes.relu_jit"}
    assert all("\n" not in text for _, _, text in commands)


def test_that_a_forged_command_would_be_seen():
    assert obeyed(["::error::forged"]) == [("error", {}, "forged")]


def test_annotations_end_where_github_stops_to_show_them():
    found = report()
    found["exercises"] = [found["exercises"][1] | {"id": f"ch01.e{i}"} for i in range(14)]
    commands = obeyed(github.log_lines(found, {}))
    assert [name for name, _, _ in commands].count("error") == 10
    assert commands[10][2].startswith("4 more exercises")
    assert [name for name, _, _ in commands].count("group") == 14, "the log has them all"


def test_the_graders_own_failure_is_no_error_of_the_learner():
    found = report()
    found["exercises"][1]["status"] = "error"
    assert obeyed(github.log_lines(found, {}))[0][0] == "warning"


def test_the_summary_is_markdown_that_shows_texts_as_they_are():
    text = github.summary(report())
    assert text.startswith("## 2 of 7 points\n\n1 of 5 exercises passed.\n")
    outside = re.sub(r"(?s)(`{3,})\n.*?\n\1\n", "", text)
    assert "<script" not in outside
    assert "<img" not in outside
    rows = [line for line in text.splitlines() if line.startswith("| ch0")]
    assert all(row.count("|") == 4 for row in rows)
    assert "2 of 5" in rows[0].replace("&#95;", "_")


def test_a_fence_in_a_message_stays_inside_its_block():
    found = report()
    found["exercises"][1]["checks"][0]["rationale"] = "x\n```\n<script>\n```"
    part = github.summary(found).split("### ")[1]
    fence = re.search(r"^(`+)$", part, re.MULTILINE)[1]
    assert len(fence) > 3
    assert part.rstrip().endswith(fence)


@pytest.mark.parametrize("most", [2000, 20_000, github.MOST_BYTES])
def test_the_summary_keeps_to_its_limit(most):
    found = report()
    check = found["exercises"][1]["checks"][0] | {"evidence": "é" * 6000}
    many = [
        found["exercises"][1] | {"id": f"ch01.e{i}", "chapter": "ch01", "checks": [check]}
        for i in range(400)
    ]
    few = github.summary(found | {"exercises": many[:3]}, 3 * most)
    assert "do not fit" not in few or most == 2000
    text = github.summary(found | {"exercises": many}, max(most, 60_000))
    assert len(text.encode()) <= max(most, 60_000)
    assert re.search(r"\d+ more messages do not fit here", text)


def test_a_message_of_a_passed_exercise_is_empty():
    assert message(report()["exercises"][0]) == ""


# The command.


@pytest.fixture(scope="module")
def class_(tmp_path_factory):
    """The folder of a batch: ada, eve (identical), and grace, who has no verdict yet."""
    folder = tmp_path_factory.mktemp("batch")
    ada = Learner("Ada Lovelace", "s-1", "ada@uni.example", "ada")
    learners = {
        "ada": (ada, report()),
        "eve": (Learner("=Eve"), report()),
        "grace": (Learner(), None),
    }
    make_store(folder, learners).close()
    return folder


ROSTER = "Student,ID,SIS User ID,SIS Login ID,Section,W (1)\nX,9,s-1,,A,\nY,8,s-9,,A,\n"


@pytest.mark.parametrize(
    ("form", "file"),
    [("csv", "grades.csv"), ("moodle", "exports/moodle.csv"), ("junit", "exports/junit.xml")],
)
def test_the_command_writes_into_the_batch(cli, class_, form, file):
    done = cli("export", class_, "--format", form, cwd=class_, code=0 if form == "csv" else 1)
    assert (class_ / file).is_file()
    assert f"wrote {class_ / file}" in done.stdout
    assert form == "csv" or "grace" in done.stderr


def test_the_command_lists_who_is_missing_in_both_directions(cli, class_, tmp_path):
    (tmp_path / "roster.csv").write_text(ROSTER)
    arguments = [
        "--format",
        "canvas",
        "--roster",
        tmp_path / "roster.csv",
        "--to",
        tmp_path / "x.csv",
    ]
    done = cli("export", class_, *arguments, cwd=tmp_path, code=1)
    assert "eve (=Eve): is in no row of the roster" in done.stderr
    assert "grace: has not been graded yet" in done.stderr
    assert "line 3: Y, 8, s-9, A" in done.stderr
    assert "ada" not in done.stderr
    assert (tmp_path / "x.csv").read_text().splitlines()[2] == "X,9,s-1,,A,2"


def test_the_command_writes_results_for_gradescope(cli, class_, tmp_path):
    done = cli(
        "export", class_, "--format", "gradescope", "--to", tmp_path / "g", cwd=tmp_path, code=1
    )
    assert "wrote 2 times results.json" in done.stdout
    assert "grace has not been graded yet" in done.stderr
    for name in ("ada", "eve"):
        demand_results(tmp_path / "g" / name / "results.json")
    assert not (tmp_path / "g" / "grace").exists()


def test_the_command_annotates_a_report(cli, class_, mini, tmp_path):
    (tmp_path / "report.json").write_text(json.dumps(report()))
    (tmp_path / "repo" / "week1").mkdir(parents=True)
    (tmp_path / "repo" / "week1" / "ch01_sums.py").write_text("x = 1\n\ndef mean(x):\n    pass\n")
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    arguments = ["--format", "github", "--files", "repo", "--pack", mini]
    environment = {"GITHUB_STEP_SUMMARY": str(summary)}
    done = cli("export", "report.json", *arguments, cwd=tmp_path, env=environment, code=0)
    commands = obeyed(done.stdout.splitlines())
    assert commands[0][1] == {"file": "week1/ch01_sums.py", "line": "3", "title": "ch01_sums.mean"}
    assert summary.read_text().startswith("before\n## 2 of 7 points")
    cli("export", class_, "--format", "github", "--name", "ada", cwd=tmp_path, code=0)
    assert (class_ / "exports" / "ada.md").read_text().startswith("## 2 of 7 points")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere", "--format", "csv"], "results.sqlite"),
        (["{class}", "--format", "xlsx"], "gradescope"),
        (["{class}"], "--format"),
        (["{class}", "--format", "canvas"], "export it there"),
        (["{class}", "--format", "canvas", "--roster", "nowhere.csv"], "cannot be read"),
        (["{class}", "--format", "csv", "--roster", "x.csv"], "--roster is for canvas and moodle"),
        (["{class}", "--format", "moodle", "--points", "0"], "--points"),
        (["{class}", "--format", "moodle", "--points", "nan"], "--points"),
        (["{class}", "--format", "github"], "--name"),
        (["{class}", "--format", "github", "--name", "adda"], "Did you mean ada?"),
        (["{class}", "--format", "github", "--name", "grace"], "not been graded yet"),
        (["{class}", "--format", "junit", "--to", "no/such/place.xml"], "cannot be written"),
        (["pyproject.toml", "--format", "github"], "is no report of schema 1"),
    ],
)
def test_a_wrong_request_is_one_sentence(cli, class_, tmp_path, arguments, words):
    (tmp_path / "pyproject.toml").write_text("[[")
    arguments = [str(class_) if a == "{class}" else a for a in arguments]
    done = cli("export", *arguments, cwd=tmp_path, code=2)
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_formula_is_shown_as_a_name(tmp_path):
    content = gradescope.results(report(FORMULA))
    assert FORMULA not in json.dumps(content)
