"""Banks of answers: cells with an expectation each, and what a selfcheck makes of them."""

import pytest

from grader.bank import read_bank, submission_text
from grader.errors import PackError
from grader.manifest import load_pack
from grader.selfcheck import check_chapter, selfcheck

RIGHT = '''\
"""Right answers to chapter 1."""

# %% total
# style: a loop
import jax.numpy as jnp
def total(x):
    return sum(x.ravel(), jnp.float32(0))

# %% mean
import jax.numpy as jnp
mean = jnp.mean
'''
WRONG = """\
# %% total
# caught by: adds all entries
# idea: the mean is the sum
# misconception: the average in place of the sum
def total(x):
    return x.mean()
"""


def write(folder, right="", wrong="", chapter="ch01_sums"):
    for name, text in (("right", right), ("wrong", wrong)):
        if text:
            (folder / name).mkdir(exist_ok=True)
            (folder / name / f"{chapter}.py").write_text(text)


def test_cells_are_read_with_their_fields(pack, tmp_path):
    write(tmp_path, RIGHT, WRONG)
    loop, mean, wrong = read_bank(tmp_path, pack)
    assert (loop.exercise.id, loop.expectation, loop.style) == (
        "ch01_sums.total",
        "right",
        "a loop",
    )
    assert loop.place == "right/ch01_sums.py:3"
    assert mean.text == "import jax.numpy as jnp\nmean = jnp.mean\n"
    assert (wrong.caught_by, wrong.idea, wrong.misconception) == (
        "adds all entries",
        "the mean is the sum",
        "the average in place of the sum",
    )


def test_an_answer_comes_after_the_whole_solution(pack, tmp_path, solutions):
    write(tmp_path, RIGHT)
    text = submission_text(read_bank(tmp_path, pack)[1], pack)
    assert text.startswith(solutions["ch01_sums"])
    assert text.endswith("mean = jnp.mean\n")


def test_no_bank_has_no_answers(pack, tmp_path):
    assert read_bank(tmp_path, pack) == []
    write(tmp_path, "# no cell\n")
    assert read_bank(tmp_path, pack) == []


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("# %% nothing\n", "", r"right/ch01_sums\.py:1: 'nothing' is no exercise"),
        ("", "\n# %% total\ndef total(x): ...\n", r"wrong/ch01_sums\.py:2: .* caught by"),
        ("", "# %% total\nx = 1\n# caught by: late\n", "caught by"),
    ],
)
def test_a_cell_that_breaks_a_rule_is_named(pack, tmp_path, right, wrong, message):
    write(tmp_path, right, wrong)
    with pytest.raises(PackError, match=message):
        read_bank(tmp_path, pack)


SLOW = """\
# %% relu_jit
# caught by: keeps up with the reference
import time
fast = relu_jit
def relu_jit(x):
    if not isinstance(x, jax.core.Tracer) and x.size > 100:
        time.sleep(0.3)
    return fast(x)
"""
DRAGGING = """\
# %% total
# caught by: adds all entries
def mean(x):
    return x.sum()
def total(x):
    return x.mean()
"""


def findings_on(pack, folder, *ids):
    chosen = [exercise.id for exercise in pack.select(ids)]
    return check_chapter(pack.root, chosen, folder, seed=0)


def test_a_selfcheck_counts_what_it_expects(pack, tmp_path):
    write(tmp_path, RIGHT, WRONG)
    findings = findings_on(pack, tmp_path, "ch01_sums")
    assert findings.problems == []
    assert findings.counts == {
        "stubs todo": 3,
        "solutions passed": 3,
        "exercises with a value check": 3,
        "right answers passed": 2,
        "wrong answers caught": 1,
        "other exercises unharmed": 5,
    }


def test_a_slow_answer_is_caught_by_the_speed_check(pack, tmp_path):
    write(tmp_path, wrong=SLOW, chapter="ch02_shapes")
    assert findings_on(pack, tmp_path, "ch02_shapes.relu_jit").problems == []


def test_what_is_not_as_expected_is_a_problem(pack, tmp_path):
    right_as_wrong = RIGHT.replace("style", "caught by").partition("# %% mean")[0]
    write(tmp_path, WRONG.replace("caught by", "style"), DRAGGING + "\n" + right_as_wrong)
    problems = findings_on(pack, tmp_path, "ch01_sums").problems
    assert len(problems) == 3
    assert "the right answer to ch01_sums.total is failed" in problems[0]
    assert "drags ch01_sums.mean down" in problems[1]
    assert "should be caught by 'a loop'; it is passed" in problems[2]


def test_a_stub_that_is_solved_and_a_broken_solution_are_problems(mini):
    solution = mini / "solutions" / "ch01_sums.py"
    (mini / "exercises" / ".stubs" / "ch01_sums.py").write_text(solution.read_text())
    solution.write_text(solution.read_text().replace("x.size", "x.nothing"))
    problems = findings_on(load_pack(mini), mini, "ch01_sums").problems
    assert any("stub ch01_sums.total is passed, not todo" in problem for problem in problems)
    assert any("solution ch01_sums.mean is" in problem for problem in problems)


def test_chapters_are_checked_side_by_side(mini):
    pack, told = load_pack(mini), []
    findings = selfcheck(pack, pack.select([]), mini / "none", seed=0, jobs=2, progress=told.append)
    assert findings.problems == []
    assert findings.counts["stubs todo"] == 5
    assert sorted(told) == ["ch01_sums done: 0 problems", "ch02_shapes done: 0 problems"]
