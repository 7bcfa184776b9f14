"""Diagnoses: the registry, the rules of a pack, and what real wrong answers are told."""

import re
from pathlib import Path

import numpy as np
import pytest

from grader.bank import read_bank, submission_text
from grader.errors import PackError
from grader.manifest import load_pack
from grader.misconceptions import MISSING, RULES, Evidence, Misconception, diagnose, misconception
from grader.misconceptions.packs import pack_rules
from grader.misconceptions.rule import REGISTRY
from grader.model import Frame, Raised
from grader.selfcheck import check_chapter
from grader.session import Grader
from grader.submission import submission_of_texts

REPOSITORY = Path(__file__).parents[1]
KIT = load_pack(REPOSITORY)
PAGE = "https://docs.jax.dev/"


def evidence(**fields):
    known = {"chapter": "ch01_sums", "exercise": "total", "check": "adds", "kind": "value"}
    return Evidence(**(known | fields))


def rule(name, found, lesson=""):
    return Misconception(name, "Think.", lesson, PAGE, lambda e: found)


# The registry.


def test_names_are_unique():
    names = [known.name for known in RULES]
    assert len(names) == len(set(names)) >= 45


@pytest.mark.parametrize("known", RULES, ids=lambda known: known.rule.__name__)
def test_a_rule_reads_well_and_points_somewhere(known):
    assert known.lesson in {"", *(chapter.name for chapter in KIT.chapters)}
    assert known.page.startswith("https://")
    assert not known.name.endswith(".")
    assert known.advice.endswith((".", "?", ")"))


def test_a_name_is_given_once():
    with REGISTRY.collecting() as rules:
        misconception("a new one", "Think.", "", PAGE)(lambda e: None)
        with pytest.raises(ValueError, match="a new one"):
            misconception("a new one", "Think.", "", PAGE)(lambda e: None)
        with pytest.raises(ValueError, match="already"):
            misconception(RULES[0].name, "Think.", "", PAGE)(lambda e: None)
    assert [known.name for known in rules] == ["a new one"]
    assert "a new one" not in {known.name for known in RULES}


def test_the_first_rule_that_applies_wins():
    rules = [rule("silent", None), rule("first", "found."), rule("second", "found.")]
    assert diagnose(evidence(), rules).name == "first"


def test_a_rule_that_raises_does_not_apply():
    def broken(e):
        raise RecursionError

    def warning(e):
        return "found." if np.float32(1e38) * np.float32(1e38) < 0 else None

    rules = [Misconception(r.__name__, "", "", PAGE, r) for r in (broken, warning)]
    rules.append(rule("next", "found."))
    assert diagnose(evidence(), rules).name == "next"


def test_nothing_known_is_no_diagnosis():
    assert diagnose(evidence()) is None


def test_a_diagnosis_without_a_lesson_points_to_the_chapter():
    assert diagnose(evidence(), [rule("known", "found.")]).lesson == "ch01_sums"


# What a rule sees.

HELPERS = """
def _helper(x):
    return jnp.where(x > 0, x, 0)
def other(x):
    return jnp.exp(x)
def total(x, rate=1):
    return other(_helper(x))
"""


def test_evidence_knows_the_code_and_its_private_helpers():
    seen = evidence(source=HELPERS)
    assert seen.parameters == ["x", "rate"]
    assert [call.func.attr for call in seen.called("where", "exp")] == ["where"]
    assert seen.uses("exp")
    assert "def _helper" in seen.text


def test_evidence_knows_the_line_and_the_text_of_an_exception():
    frames = (Frame(1, "g", "g(x)"), Frame(2, "total", " return x[0] "))
    seen = evidence(error=Raised(("IndexError", "LookupError"), "too far", frames))
    assert seen.line == "return x[0]"
    assert seen.says("far")
    assert not seen.says("near")
    assert evidence().line == ""


@pytest.mark.parametrize(
    ("line", "text", "whole"),
    [(2, "keys = [", "keys = [int(k) for k in x]"), (1, "def total(", "def total("), (9, "[", "[")],
)
def test_evidence_has_the_statement_of_a_line_that_only_opens_a_bracket(line, text, whole):
    source = "def total(\n    x):  keys = [\n    int(k) for k in x\n  ]\n"
    error = Raised(("TypeError",), "no", (Frame(line, "total", text),))
    assert evidence(error=error, source=source).line == whole


def test_evidence_pairs_what_has_the_same_form():
    assert not evidence(got=(1.0,), expected=(1.0, 2.0)).differs
    assert evidence(got=(1.0, 3.0), expected=(1.0, 2.0)).differs
    assert not evidence(got=MISSING, expected=1.0).differs


# The rules of a pack.

GUIDE = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
EXAMPLE = next(b for b in re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL) if "Evidence" in b)
MAXIMUM = "def total(x):\n    return x.max()\n"


def write_rules(root, text):
    path = root / "exercises" / "checks" / "misconceptions.py"
    path.write_text(text)
    return path


def graded(root, launcher, text=MAXIMUM):
    """The failed check of `total`, answered by `text`."""
    pack = load_pack(root)
    solution = (pack.solutions_dir / "ch01_sums.py").read_text()
    submission = submission_of_texts("it", {"ch01_sums": f"{solution}\n{text}"})
    report = Grader(pack, launcher=launcher).grade(submission, [pack.exercise("ch01_sums.total")])
    return report.exercises[0].failure


def test_the_example_of_the_guide_explains_a_wrong_answer(mini, launcher):
    write_rules(mini, EXAMPLE)
    failure = graded(mini, launcher)
    assert failure.diagnosis.name == "the largest entry in place of the sum"
    likely = "likely    the largest entry in place of the sum: `max` keeps one entry"
    assert likely in failure.evidence
    assert "Add up all entries." in failure.hint


def test_the_rules_of_a_pack_stay_in_the_pack(mini, launcher, pack):
    write_rules(mini, EXAMPLE)
    assert [known.name for known in pack_rules(load_pack(mini))] == [
        "the largest entry in place of the sum"
    ]
    assert pack_rules(pack) == ()
    assert "the largest entry in place of the sum" not in {known.name for known in RULES}


def test_the_file_is_read_once_per_pack(mini):
    path = write_rules(mini, EXAMPLE)
    first = pack_rules(load_pack(mini))
    path.unlink()
    assert pack_rules(load_pack(mini)) is first


BROKEN = {
    "import no_such_module": "ModuleNotFoundError: No module named 'no_such_module'",
    "def largest(:": "SyntaxError",
    EXAMPLE + EXAMPLE: "ValueError: there is a misconception called 'the largest entry",
    EXAMPLE.replace(
        '"ch01_sums"', '"ch09_none"'
    ): "names the lesson 'ch09_none', which is no chapter",
    EXAMPLE.replace("https://", "http://"): "needs a page that starts with https://",
}


@pytest.mark.parametrize(("text", "message"), BROKEN.items(), ids=[m[:20] for m in BROKEN.values()])
def test_a_broken_file_is_named(mini, launcher, text, message):
    path = write_rules(mini, text)
    with pytest.raises(PackError, match=re.escape(message)) as caught:
        graded(mini, launcher)
    assert str(path) in str(caught.value)


# Banks name the rule that explains an answer.

CELL = """\
# %% total
# caught by: adds all entries
# misconception: {}
def total(x):
    return x.max()
"""


def test_a_thought_in_free_words_is_compared_with_nothing(mini, tmp_path):
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "ch01_sums.py").write_text(CELL.format("the largest is the sum"))
    findings = check_chapter(mini, ["ch01_sums.total"], tmp_path, seed=0)
    assert findings.problems == []
    assert "misconceptions named" not in findings.counts


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("the largest entry in place of the sum", ""),
        ("the wrong sign", "should be explained by 'the wrong sign'; it is explained by 'the larg"),
    ],
)
def test_selfcheck_compares_the_rule_that_a_cell_names(mini, tmp_path, name, problem):
    write_rules(mini, EXAMPLE)
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "ch01_sums.py").write_text(CELL.format(name))
    findings = check_chapter(mini, ["ch01_sums.total"], tmp_path, seed=0)
    assert findings.counts["misconceptions named"] == 1
    assert [p for p in findings.problems if problem and problem in p] == findings.problems
    assert bool(findings.problems) == bool(problem)


ANSWERS = [a for a in read_bank(REPOSITORY / "tests" / "answers", KIT) if a.misconception]


def test_most_wrong_answers_name_the_rule_that_explains_them():
    known = {known.name for known in (*RULES, *pack_rules(KIT))}
    assert sum(answer.misconception in known for answer in ANSWERS) >= 477  # of 795


# Real wrong answers: one of each, over the chapters.

ACCEPTED = [
    ("ch01_arrays.to_device", "integers where floats are asked for"),
    ("ch01_arrays.time_call", "a clock that is stopped before the result is ready"),
    ("ch02_tracing.primitives", "a list in another order"),
    ("ch03_jit.selu_jit", "jit inside the function"),
    ("ch03_jit.branch", "an argument that must be static and is traced"),
    ("ch04_grad.mlp_loss", "a mean where a sum is asked for"),
    ("ch05_vmap.standardize_columns", "the sample standard deviation in place of the population's"),
    ("ch05_vmap.sigmoid", "NaN through where: the branch not taken has a derivative too"),
    ("ch06_gotchas.set_row", "an .at[...] update whose result is thrown away"),
    ("ch07_prng.two_draws", "one key for several draws"),
    ("ch08_control_flow.ema", "an average that weighs old and new the other way round"),
    ("ch09_devices.parallel_update", "a gradient summed over the devices"),
    ("ch10_mnist_jax.predict", "log and exp apart, which overflows"),
    ("ch10_mnist_jax.update", "a step uphill"),
    ("ch11_mnist_torch.criterion", "the wrong sign"),
]


@pytest.fixture(scope="module")
def kit_grader(launcher):
    return Grader(KIT, launcher=launcher)


@pytest.mark.parametrize(("exercise", "name"), ACCEPTED, ids=[e for e, _ in ACCEPTED])
def test_a_real_wrong_answer_is_explained(kit_grader, exercise, name):
    if KIT.chapter(exercise.partition(".")[0]).missing_extras:
        pytest.skip("needs an extra")
    answer = next(a for a in ANSWERS if (a.exercise.id, a.misconception) == (exercise, name))
    kit_grader.warm([answer.exercise])
    texts = {answer.exercise.chapter: submission_text(answer, KIT)}
    report = kit_grader.grade(
        submission_of_texts(answer.place, texts),
        [answer.exercise],
        wanted=lambda e, demand: e == answer.exercise,
    )
    failure = report.exercises[0].failure
    assert failure.diagnosis.name == name
    assert f"likely    {name}: {failure.diagnosis.found}" in failure.evidence
    assert failure.diagnosis.page in failure.hint
