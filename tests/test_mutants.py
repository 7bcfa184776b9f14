"""Mutants of the solutions: what the operators make, how mutants are named, what counts as a problem."""

import ast
from pathlib import Path

import pytest
from mutants import run
from mutants.operators import OPERATORS, mutations
from mutants.reference import Mutant, mutants, unchanged
from mutants.run import Equivalent, Fate

from grader.manifest import load_pack

PACK = load_pack(Path(__file__).parents[1])

# One line each: the operator, what it is given, one of the things that it makes.
MADE = [
    ("axis", "y = x.sum(axis=0)", "y = x.sum(axis=1)"),
    ("axis", "y = torch.argmax(x, dim=-1)", "y = torch.argmax(x)"),
    ("mapped axes", "f = vmap(g, in_axes=(None, 1))", "f = vmap(g, in_axes=(1, None))"),
    ("mapped axes", "f = vmap(g, in_axes=(None, 1))", "f = vmap(g, in_axes=(None, 0))"),
    ("mapped axes", "f = vmap(g, out_axes=1)", "f = vmap(g)"),
    ("mapped axes", "f = shard_map(g, in_specs=P('data'))", "f = shard_map(g, in_specs=P())"),
    ("argnums", "f = jax.grad(g, argnums=1)", "f = jax.grad(g, argnums=1 - 1)"),
    ("argnums", "f = jax.grad(g)", "f = jax.grad(g, argnums=1)"),
    ("static dropped", "f = jax.jit(g, static_argnames='n')", "f = jax.jit(g)"),
    ("decorator dropped", "@jit\ndef f(x):\n    return x", "def f(x):\n    return x"),
    ("keyword dropped", "y = jnp.array(x, dtype=d)", "y = jnp.array(x)"),
    ("key reused", "a, b = split(key)", "a, b = jax.numpy.repeat(key[None], 2, axis=0)"),
    ("key reused", "k = split(key, n)", "k = jax.numpy.repeat(split(key, n)[:1], n, axis=0)"),
    ("another name", "y = jnp.sum(x)", "y = jnp.mean(x)"),
    ("another name", "y = jnp.maximum(x, 0)", "y = jnp.minimum(x, 0)"),
    ("another name", "y = x.at[i].add(1)", "y = x.at[i].set(1)"),
    ("another name", "y = lax.pmean(x, 'data')", "y = lax.psum(x, 'data')"),
    ("dtype", "y = x.astype(jnp.float32)", "y = x.astype(jnp.int32)"),
    ("dtype", "y = zeros(3, x.dtype)", "y = zeros(3, jax.numpy.int32)"),
    ("constant", "y = x[:3]", "y = x[:4]"),
    ("constant", "f = g(zero_bias=False)", "f = g(zero_bias=True)"),
    ("constant", "name = 'data'", "name = 'datax'"),
    ("off by one", "y = x[:n]", "y = x[:n - 1]"),
    ("off by one", "y = range(n)", "y = range(n + 1)"),
    ("factor", "def f():\n    return (x, y)", "def f():\n    return (x, 2 * y)"),
    ("factor", "def f():\n    return x + y", "def f():\n    return 2 * (x + y)"),
    ("arithmetic", "y = x + 1", "y = x - 1"),
    ("arithmetic", "y = w @ x", "y = w * x"),
    ("arithmetic", "y = a * x", "y = x"),
    ("comparison", "y = x < 3", "y = x <= 3"),
    ("comparison", "y = x == 0", "y = x != 0"),
    ("sign", "y = -x", "y = x"),
    ("sign", "def f():\n    return x", "def f():\n    return -x"),
    ("condition", "y = jnp.where(c, a, b)", "y = jnp.where(c, b, a)"),
    ("condition", "y = jnp.where(c, a, b)", "y = a"),
    ("condition", "if c:\n    x", "if not c:\n    x"),
    ("naive form", "y = logsumexp(x)", "y = jax.numpy.log(jax.numpy.sum(jax.numpy.exp(x)))"),
    ("naive form", "y = jax.nn.sigmoid(x)", "y = 1 / (1 + jax.numpy.exp(-x))"),
    ("naive form", "y = torch.log_softmax(x, dim=1)", "y = torch.softmax(x, dim=1).log()"),
    ("naive form", "y = jax.nn.log_softmax(x)", "y = jax.numpy.log(jax.nn.softmax(x))"),
    ("order", "key, subkey = split(key)", "subkey, key = split(key)"),
    ("order", "y = f(a, b, c)", "y = f(b, a, c)"),
    ("call dropped", "y = jax.block_until_ready(f(x))", "y = f(x)"),
    ("call dropped", "y = t.detach().clone()", "y = t.detach()"),
    ("call dropped", "y = w.T @ x", "y = w @ x"),
    ("call dropped", "jax.debug.print('{}', x)", "print('{}', x)"),
    (
        "statement dropped",
        "def f():\n    o.zero_grad()\n    o.step()",
        "def f():\n    pass\n    o.step()",
    ),
    ("default", "def f(x, n=N):\n    return x", "def f(x, n=N + N):\n    return x"),
    ("default", "def f(x, n=N):\n    return x", "def f(x, n):\n    return x"),
]


def made(operator, code):
    found = (new for name, new in mutations(ast.parse(code).body[0]) if name == operator)
    return [ast.unparse(new) for new in found]


@pytest.mark.parametrize(("operator", "before", "after"), MADE)
def test_an_operator_makes_a_change(operator, before, after):
    assert ast.unparse(ast.parse(after)) in made(operator, before)


def test_every_operator_is_in_the_table():
    assert {operator for operator, _, _ in MADE} == set(OPERATORS)


def test_a_docstring_is_no_code():
    code = 'def f(x):\n    """Adds 1."""\n    return x'
    assert [name for name, _ in mutations(ast.parse(code).body[0])] == ["factor", "sign"]


def test_a_statement_itself_stays_as_it_is():
    statement = ast.parse("y = x.at[i].add(1, axis=0)").body[0]
    before = ast.dump(statement)
    texts = [ast.unparse(new) for _, new in mutations(statement)]
    assert ast.dump(statement) == before
    assert len(set(texts)) == len(texts) > 5


def test_a_module_is_no_value():
    assert "y = jnp" not in made("call dropped", "y = jnp.sum(x)")


def named(exercise):
    return {mutant.name: mutant for mutant in mutants(PACK.exercise(exercise), PACK)}


def test_names_are_stable_and_texts_are_whole_chapters():
    found = named("ch06_gotchas.set_row")
    mutant = found["ch06_gotchas.set_row:another name:1"]
    assert mutant.becomes == "return x.at[i].add(value)"
    assert "-    return x.at[i].set(value)\n+    return x.at[i].add(value)" in mutant.diff
    assert "def safe_norm(x):" in mutant.text
    assert list(found) == list(named("ch06_gotchas.set_row"))


def test_private_helpers_are_changed_too():
    texts = [mutant.becomes for mutant in named("ch02_tracing.bucketed_sum").values()]
    assert "return jnp.mean(padded)" in texts
    assert not any("eval_shape" in text for text in texts)


def test_the_unchanged_solution_is_written_in_the_same_way():
    exercise = PACK.exercise("ch03_jit.branch")
    before = unchanged(exercise, PACK)
    after = next(mutants(exercise, PACK)).text
    assert sum(a != b for a, b in zip(before.split(), after.split(), strict=False)) > 0
    compile(before, "chapter", "exec")


# Bookkeeping.

KILLED = Mutant("ch01_a.f", "sign", 1, "y = -x", "y = x", "")
ALIVE = Mutant("ch01_a.f", "order", 1, "y = f(a, b)", "y = f(b, a)", "")
FATES = [Fate(KILLED, "killed", "gives the values"), Fate(ALIVE, "survived")]
IDS = {"ch01_a.f"}


def test_a_survivor_must_be_recorded():
    (problem,) = run.problems(FATES, {}, IDS)
    assert problem.startswith("ch01_a.f:order:1 SURVIVED")
    assert "+y = f(b, a)" in problem
    assert run.problems(FATES, {ALIVE.name: Equivalent("y = f(b, a)", "f is symmetric")}, IDS) == []


@pytest.mark.parametrize(
    ("name", "becomes", "message"),
    [
        (
            KILLED.name,
            "y = x",
            "ch01_a.f:sign:1 is recorded as equivalent, but killed: gives the values",
        ),
        (
            "ch01_a.f:sign:2",
            "y = x",
            "ch01_a.f:sign:2 is recorded as equivalent, but no longer made",
        ),
        (
            ALIVE.name,
            "y = f(c, a)",
            "ch01_a.f:order:1 is recorded as equivalent, but no longer made",
        ),
    ],
)
def test_a_record_must_hold(name, becomes, message):
    assert message in run.problems(FATES, {name: Equivalent(becomes, "an error")}, IDS)


def test_records_of_other_exercises_are_left_alone():
    record = {"ch02_b.g:sign:1": Equivalent("y = x", "not graded now")}
    assert len(run.problems(FATES, record, IDS)) == 1


def test_a_fault_of_the_grader_is_a_problem():
    (problem,) = run.problems([Fate(KILLED, "fault")], {}, IDS)
    assert "the grader failed" in problem


def test_the_table_counts():
    record = {ALIVE.name: Equivalent("y = f(b, a)", "f is symmetric")}
    *_, last = run.table(FATES, record)
    assert last.split() == ["all", "2", "1", "1"]
    *_, last = run.table(FATES, {})
    assert last.split() == ["all", "2", "1", "1"]
    assert "SURVIVED" in next(run.table(FATES, {}))


def test_every_record_names_a_mutant_and_gives_a_reason():
    record = run.recorded()
    assert record
    known = {}
    for name, equivalent in record.items():
        exercise = name.partition(":")[0]
        known.setdefault(exercise, named(exercise))
        assert known[exercise][name].becomes == equivalent.becomes, name
        assert equivalent.reason.endswith("."), name


@pytest.mark.parametrize(("numbers", "survivors"), [("1, 2, 3, 6", False), ("1, 1, 1, 1", True)])
def test_a_hole_in_the_checks_shows(mini, numbers, survivors):
    checks = mini / "exercises/checks/test_ch01_sums.py"
    checks.write_text(checks.read_text().replace("[1, 2, 3, 6]", f"[{numbers}]"))
    fates = run.grade_chapter(mini, ["ch01_sums.spread"])
    assert {fate.killer for fate in fates} - {""} == {"gives the mean squared distance"}
    assert {fate.status for fate in fates} == {"killed"} | ({"survived"} if survivors else set())
