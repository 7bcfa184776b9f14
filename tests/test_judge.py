"""Whose fault it is: the grader's own mistakes are errors, never a learner's failure."""

import pytest

from grader.errors import InternalError, PackError
from grader.manifest import load_pack
from grader.session import Grader
from grader.submission import read_submission


@pytest.fixture
def graded(mini, launcher):
    """`graded(check=..., solution=..., answer=...)`: exercise results of chapter 2 by name."""

    def graded(check=("", ""), solution=("", ""), answer=("", "")):
        pack = load_pack(mini)
        edits = [
            (pack.exercises_dir / "checks" / "test_ch02_shapes.py", check),
            (pack.solutions_dir / "ch02_shapes.py", solution),
        ]
        (mini / "answer").mkdir(exist_ok=True)
        path = mini / "answer" / "ch02_shapes.py"
        path.write_text((pack.solutions_dir / "ch02_shapes.py").read_text())
        for file, (old, new) in [*edits, (path, answer)]:
            assert old in file.read_text()
            file.write_text(file.read_text().replace(old, new))
        grader = Grader(pack, launcher=launcher, timeout=60)
        report = grader.grade(read_submission(mini / "answer", pack), pack.select(["ch02"]))
        return {result.name: result for result in report.exercises}

    return graded


@pytest.mark.parametrize(
    "broken",
    [
        ("return jnp.maximum(x, 0)", "raise ValueError('broken')"),
        ("return jnp.maximum(x, 0)", "raise NotImplementedError"),
        ("def relu_jit", "def renamed"),
        ("import jax.numpy as jnp", "import jax.numpy as jnp\nraise KeyError(1)"),
    ],
)
def test_a_reference_that_fails_is_the_graders_error(graded, broken):
    result = graded(solution=broken)["relu_jit"]
    assert result.status == "error"
    assert result.failure.hint == ""


def test_a_check_with_a_bug_is_the_graders_error(graded):
    result = graded(check=("rows = [[", "rows = undefined_name + [["))["outer"]
    assert result.status == "error"
    assert "NameError" in result.failure.rationale


def test_a_check_with_a_bug_is_an_error_for_a_wrong_answer_too(graded):
    result = graded(
        check=("rows = [[", "rows = undefined_name + [["),
        answer=("return x[:, None] * y", "return 5.0"),
    )["outer"]
    assert result.status == "error"


def test_an_assertion_of_a_check_is_a_failure(graded):
    results = graded(
        check=("    rows = [[", '    assert False, "Always wrong."\n    rows = [['),
    )
    assert results["outer"].status == "failed"
    assert results["outer"].failure.rationale.startswith("Always wrong.")
    assert results["relu_jit"].status == "passed"


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (("import jax\n", "import jax\nimport no_such_module\n"), "no_such_module"),
        (("import jax\n", "import jax\n(\n"), "SyntaxError"),
        (('@check("outer"', '@check("nothing"'), "no exercise"),
        (('@check("outer", ', '@check("outer", kind="other", name='), "kind must be one of"),
        (('kind="structure"', 'kind="structure", weight=0'), "weight must be above 0"),
    ],
)
def test_checks_that_cannot_be_collected_are_the_graders_failure(graded, check, words):
    with pytest.raises(InternalError, match=words):
        graded(check=check)


def test_a_chapter_without_checks_breaks_a_rule_of_packs(graded, mini):
    (mini / "exercises" / "checks" / "test_ch02_shapes.py").write_text('"""Nothing."""\n')
    assert {r.status for r in graded().values()} <= {"error"}
    (mini / "exercises" / "checks" / "test_ch02_shapes.py").unlink()
    pack = load_pack(mini)
    submission = read_submission(pack.solutions_dir, pack)
    with Grader(pack) as grader, pytest.raises(PackError, match=r"test_ch02_shapes\.py"):
        grader.grade(submission, pack.select(["ch02"]))


def test_the_users_settings_of_pytest_have_no_effect(graded, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k nothing --no-such-option")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    assert {r.status for r in graded().values()} == {"passed"}


def test_a_missing_extra_makes_exercises_unavailable(graded, mini):
    manifest = mini / "exercises" / "workshop.toml"
    head = 'name = "ch02_shapes"\n'
    manifest.write_text(
        manifest.read_text().replace(head, head + 'requires = ["no_such_package"]\n')
    )
    for result in graded().values():
        assert (result.status, result.max_score) == ("unavailable", 0)
        assert "no_such_package" in result.checks[0].rationale
