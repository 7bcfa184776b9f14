"""The plugin under the real pytest: ids, options, messages; other suites are left alone."""

import json
import re
import xml.etree.ElementTree as ElementTree

import pytest

MEAN = """

def mean(x):
    print("looking at", x.shape)
    scale = 0
    return x.sum() / x.size + 1 // scale
"""


@pytest.fixture(scope="module")
def solved(pack, tmp_path_factory):
    """A copy of the pack whose exercises are solved: `solved(ch01_sums=more)` adds to a chapter."""
    import shutil

    def solved(**more):
        root = shutil.copytree(pack.root, tmp_path_factory.mktemp("solved") / "mini")
        for chapter in pack.chapters:
            text = (root / "solutions" / chapter.filename).read_text() + more.get(chapter.name, "")
            (root / "exercises" / chapter.filename).write_text(text)
        return root

    return solved


@pytest.fixture(scope="module")
def check(run):
    """`check(root, *options)`: pytest over the exercises of a pack."""

    def check(root, *options, **more):
        arguments = ["-m", "pytest", "-p", "grader.plugin", "--rootdir", root, "exercises"]
        return run(*arguments, *options, cwd=root, **more)

    return check


@pytest.fixture(scope="module")
def broken(solved):
    """A pack with one mistake in chapter 1 and a stub after it."""
    return solved(ch01_sums=MEAN + "\n\ndef spread(x):\n    raise NotImplementedError\n")


@pytest.fixture(scope="module")
def verbose(broken, check):
    """A verbose run over it, with a report in XML."""
    return check(broken, "-v", "--junitxml=junit.xml", code=1)


def test_checks_have_readable_names_and_their_own_verdicts(verbose):
    lines = [line for line in verbose.stdout.splitlines() if "::ch0" in line and "%" in line]
    found = [
        re.fullmatch(r"exercises/checks/test_\w+\.py::(.*?) (\w+)( \(.*\))? +\[ *\d+%\]", line)
        for line in lines
    ]
    assert all(found), lines
    # pytest itself writes the first dot of a name as "::" in these lines
    assert [(match.group(1).replace("::", ".", 1), match.group(2)) for match in found] == [
        ("ch01_sums.total: adds all entries", "PASSED"),
        ("ch01_sums.total: works inside grad", "PASSED"),
        ("ch01_sums.mean: gives the mean", "FAILED"),
        ("ch01_sums.mean: works under vmap", "BLOCKED"),
        ("ch01_sums.spread: gives the mean squared distance", "TODO"),
        ("ch02_shapes.outer: multiplies each with each", "PASSED"),
        ("ch02_shapes.relu_jit: gives the larger of each entry and 0", "PASSED"),
        ("ch02_shapes.relu_jit: works inside grad", "PASSED"),
        ("ch02_shapes.relu_jit: is compiled once per shape", "PASSED"),
        ("ch02_shapes.relu_jit: has one program for every size", "PASSED"),
        ("ch02_shapes.relu_jit: keeps up with the reference", "PASSED"),
    ]


def test_a_failure_is_one_short_message(verbose):
    text = verbose.stdout
    assert "mean raised ZeroDivisionError: integer division or modulo by zero" in text
    assert "ch01_sums.py, line 22, in mean:  return x.sum() / x.size + 1 // scale" in text
    assert "next      First hint for mean." in text
    assert "looking at (2, 2)" in text
    assert "Traceback" not in text
    assert "grader/" not in text.partition("= FAILURES =")[2]


def test_the_score_comes_last(verbose):
    assert "Score 6 of 9: 3 of 5 exercises passed." in verbose.stdout
    assert "Next: ch01_sums.mean (failed)" in verbose.stdout
    assert "grader hint ch01_sums.mean" in verbose.stdout


def test_the_xml_report_names_the_checks(verbose, broken):
    cases = ElementTree.parse(broken / "junit.xml").getroot().iter("testcase")
    outcomes = {case.get("name"): [child.tag for child in case] for case in cases}
    assert "failure" in outcomes["ch01_sums.mean: gives the mean"]
    assert outcomes["ch01_sums.mean: works under vmap"] == ["skipped"]
    assert outcomes["ch01_sums.total: adds all entries"] in ([], ["properties"])


def test_the_last_failure_can_be_run_again(verbose, broken, check):
    done = check(broken, "--lf", "-v", code=1)
    assert "FAILED exercises/checks/test_ch01_sums.py::ch01_sums.mean: gives" in done.stdout
    assert "ch02_shapes" not in done.stdout.partition("Score")[0].replace("test_ch02_shapes", "")
    assert "1 failed" in done.stdout


def test_names_choose_checks(solved, check):
    root = solved()
    for options in (["-k", "total"], ["-k", "test_total_values or test_total_gradient", "-n", "0"]):
        if "-n" in options:
            pytest.importorskip("xdist")
        done = check(root, *options, code=0)
        assert "2 passed" in done.stdout
        assert "Score 1 of 1: 1 of 1 exercises passed." in done.stdout


def test_the_first_failure_can_end_the_run(broken, check):
    done = check(broken, "-x", code=1)
    assert "1 failed, 2 passed" in done.stdout
    assert "stopping after 1 failures" in done.stdout


def test_stubs_make_a_run_that_has_not_passed(mini, check):
    done = check(mini, "-k", "total", code=1)
    assert "1 todo" in done.stdout
    assert "1 blocked" in done.stdout
    assert "failed" not in done.stdout.replace("(failed)", "")


def test_the_debugger_stops_in_the_learners_frame(broken, check):
    done = check(broken, "--pdb", "-k", "mean", stdin="w\np scale\nq\n")
    assert done.returncode != 0
    position = re.findall(r"^> (.*)$", done.stdout.partition("(Pdb)")[0], re.MULTILINE)
    assert position == [f"{broken / 'exercises' / 'ch01_sums.py'}(22)mean()"]
    assert "(Pdb) 0" in done.stdout


def test_the_debugger_leaves_stubs_alone(mini, check):
    done = check(mini, "--pdb", "-k", "total", code=1)
    assert "(Pdb)" not in done.stdout
    assert "1 todo" in done.stdout


def test_answers_can_run_in_process(broken, check):
    done = check(broken, "--in-process", "-k", "ch01", code=1)
    for count in ("1 failed", "2 passed", "1 todo", "1 blocked"):
        assert count in done.stdout
    assert "mean raised ZeroDivisionError" in done.stdout


def test_only_the_speed_checks_can_be_run(solved, check):
    root = solved()
    done = check(root, "--benchmark-only", "--benchmark-json=speed.json")
    assert "ch02_shapes.relu_jit: keeps up with the reference" in done.stdout
    (measured,) = json.loads((root / "speed.json").read_text())["benchmarks"]
    assert measured["name"] == "ch02_shapes.relu_jit: keeps up with the reference"
    assert measured["group"] == "ch02_shapes.relu_jit"
    assert 0 < measured["stats"]["median"] < 60
    assert measured["stats"]["rounds"] >= 5


def test_benchmarks_can_be_disabled(solved, check):
    done = check(solved(), "--benchmark-disable", "-k", "relu", code=0)
    assert "5 passed" in done.stdout
    assert "Score 4 of 4" in done.stdout


def test_another_submission_can_be_checked(mini, solved, check):
    root = solved()
    done = check(mini, "--submission", root / "exercises", "-k", "total or outer", code=0)
    assert "3 passed" in done.stdout


def test_a_check_of_no_exercise_is_a_collection_error(mini, check):
    path = mini / "exercises" / "checks" / "test_ch02_shapes.py"
    path.write_text(path.read_text().replace('@check("outer"', '@check("nothing"'))
    done = check(mini, code=2)
    assert "test_outer_values checks ch02_shapes.nothing, which is no exercise" in done.stdout


UNRELATED = """
import sys

def test_passes():
    assert not {"jax", "cloudpickle", "hypothesis", "grader.run"} & set(sys.modules)

def test_fails():
    assert [1, 2] == [1, 3]

def test_asks_for_a_fixture_of_checks(both):
    pass
"""


def test_other_suites_are_left_alone(run, tmp_path):
    (tmp_path / "test_other.py").write_text(UNRELATED)
    outputs = []
    for option in ("-pgrader.plugin", "-pno:grader.plugin"):
        others = ["-p", "no:hypothesispytest", "-p", "no:benchmark", "-p", "no:cacheprovider"]
        arguments = ["-m", "pytest", option, *others, "-q", "-k", "not fixture"]
        done = run(*arguments, cwd=tmp_path, code=1)
        outputs.append(re.sub(r"in [\d.]+s|\d+ deselected", "", done.stdout))
        assert "1 failed, 1 passed" in done.stdout
    assert outputs[0] == outputs[1]
    assert "Score" not in outputs[0]


def test_a_fixture_of_checks_outside_of_checks_is_refused(run, tmp_path):
    (tmp_path / "test_other.py").write_text(UNRELATED)
    done = run("-m", "pytest", "-pgrader.plugin", "-q", "-k", "fixture", cwd=tmp_path, code=1)
    assert "grader.checks.check" in done.stdout
