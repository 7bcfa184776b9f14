"""The kit's own pack keeps its contract: names, signatures, stubs, hints, examples."""

import ast
import importlib.util
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from grader.bank import read_bank
from grader.manifest import load_pack
from grader.sealing import _MAX_TEXT
from grader.session import Grader
from grader.submission import submission_of_texts

ROOT = Path(__file__).resolve().parents[1]
PACK = load_pack(ROOT)

CHECKS = sorted((ROOT / "exercises" / "checks").glob("test_*.py"))

SIGNATURES = {
    "ch01_arrays": """
        to_device(values)
        nonnegative_mask(x)
        device_names()
        time_call(f, *args)""",
    "ch02_tracing": """
        output_spec(f, *args)
        primitives(f, *args)
        is_traced(x)
        bucketed_sum(x)""",
    "ch03_jit": """
        selu(x, alpha=1.67, lmbda=1.05)
        selu_jit(x, alpha=1.67, lmbda=1.05)
        scaled_square(inputs)
        branch(x, y)
        sum_first_n(x, n)
        sum_first_n_traced(x, n)""",
    "ch04_grad": """
        test_fun(x, y)
        grad_x_test_fun(x, y)
        grad_y_test_fun(x, y)
        d2x_test_fun(x, y)
        g(x, y)
        dg_dx(x, y)
        mlp_predict(params, inputs)
        mlp_loss(params, batch)
        gradient_fun(params, batch)
        directional_derivative(f, x, v)
        pullback(f, x, ct)
        hvp(f, x, v)""",
    "ch05_vmap": """
        dot(w, x)
        batched_dot(w, xs)
        batched_weighted(xs, ys, c)
        standardize_columns(x)
        sigmoid(x)
        swish(x)
        batch_swish(x)
        first_derv_swish(x)
        second_derv_swish(x)
        third_derv_swish(x)
        per_example_grads(w, xs, ys)""",
    "ch06_gotchas": """
        set_row(x, i, value)
        add_row(x, i, value)
        add_at(x, idx, values)
        cube(x)
        running_mean(state, x)
        safe_norm(x)""",
    "ch07_prng": """
        two_draws(key)
        draw_many(key, n)
        randint_chain(key, n=5)
        dropout(key, x, rate)
        bootstrap_means(key, x, n)
        epoch_orders(key, n_items, n_epochs)""",
    "ch08_control_flow": """
        branch_traced(x, y)
        power(x, n)
        collatz_steps(n)
        newton_sqrt(a)
        ema(xs, decay)
        rnn(params, h0, xs)""",
    "ch09_devices": """
        device_mesh()
        shard_rows(x)
        parallel_sum_of_squares(x)
        parallel_update(params, xs, ys, step_size)""",
    "ch10_mnist_jax": """
        one_hot(labels, k)
        relu(x)
        random_layer_params(m, n, key, scale=1e-2, zero_bias=False)
        init_network_params(sizes, key, zero_bias=False)
        predict(params, image)
        batched_predict(params, images)
        loss(params, images, targets)
        accuracy(params, images, targets)
        update(params, x, y, step_size=STEP_SIZE)
        train_mnist_jax(params, batches, num_epochs=NUM_EPOCHS)
        train_epoch_scan(params, xs, ys)""",
    "ch11_mnist_torch": """
        from_jax(x)
        to_jax(t)
        criterion(log_probs, targets)
        MLP(layer_sizes)
        accuracy_pytorch(net, images, labels)
        train_mnist_pytorch(net, batches, step_size, num_epochs)
        parity_losses(params, batches, step_size)""",
}
CHAPTERS = list(SIGNATURES)
EXERCISES = [
    f"{chapter}.{line.strip().partition('(')[0]}"
    for chapter, lines in SIGNATURES.items()
    for line in lines.split("\n")
    if line.strip()
]


def definitions(path: Path) -> dict[str, ast.FunctionDef | ast.ClassDef]:
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return {n.name: n for n in body if isinstance(n, ast.FunctionDef | ast.ClassDef)}


def normal(arguments: str) -> str:
    """`f(x, y=1e-2)` as the parser writes it."""
    return ast.unparse(ast.parse(f"def {arguments}: pass")).removeprefix("def ").partition(":")[0]


def test_there_are_77_exercises_in_the_catalogue_s_order():
    assert [exercise.id for exercise in PACK.exercises] == EXERCISES
    assert len(EXERCISES) == 77


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_stubs_have_the_fixed_signatures_a_todo_and_nothing_else(chapter):
    path = ROOT / "exercises" / ".stubs" / f"{chapter}.py"
    source = path.read_text(encoding="utf-8")
    found = definitions(path)
    for line in SIGNATURES[chapter].strip().splitlines():
        name = line.strip().partition("(")[0]
        node = found[name]
        assert ast.get_docstring(node), name
        text = ast.get_source_segment(source, node)
        assert "# TODO" in text, name
        if isinstance(node, ast.FunctionDef):
            assert f"{name}({ast.unparse(node.args)})" == normal(line.strip()), name
            assert ast.unparse(node.body[-1]) == "raise NotImplementedError", name
            assert len(node.body) == 2, name


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_exercises_are_the_untouched_stubs(chapter):
    path = ROOT / "exercises" / f"{chapter}.py"
    kept = ROOT / "exercises" / ".stubs" / f"{chapter}.py"
    assert path.read_text(encoding="utf-8") == kept.read_text(encoding="utf-8"), (
        "python -m grader freeze keeps changed stubs; python -m grader reset puts old ones back"
    )


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_lesson_teaches(chapter):
    tree = ast.parse((ROOT / "exercises" / ".stubs" / f"{chapter}.py").read_text(encoding="utf-8"))
    lesson = ast.get_docstring(tree) or ""
    assert len(lesson.splitlines()) >= 15
    assert ">>>" in lesson, "a lesson has a worked example"
    assert "2020" in lesson, "a lesson puts the old form beside today's"


@pytest.mark.parametrize("id", EXERCISES)
def test_every_exercise_has_escalating_hints_and_links(id):
    exercise = PACK.exercise(id)
    assert len(exercise.hints) >= 2
    assert len(set(exercise.hints)) == len(exercise.hints)
    assert exercise.docs.startswith(("https://docs.jax.dev/", "https://docs.pytorch.org/"))
    assert exercise.points == 1


RUN_EXAMPLES = """
import doctest, importlib.util, sys
stub, solution = sys.argv[1:]
def load(path, name):
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
stubs, reference = load(stub, "stub"), load(solution, "reference")
runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
for test in doctest.DocTestFinder(exclude_empty=True).find(stubs, "stub"):
    test.globs = dict(vars(reference))
    runner.run(test)
print(runner.tries, "examples")
sys.exit(runner.failures > 0)
"""


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_examples_in_lessons_and_docstrings_are_true(chapter):
    for name in PACK.chapter(chapter).requires:
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{chapter} needs {name}")
    devices = PACK.chapter(chapter).devices
    flags = f"--xla_force_host_platform_device_count={devices}"
    environment = os.environ | {"JAX_PLATFORMS": "cpu", "XLA_FLAGS": flags}
    stub, solution = ROOT / "exercises" / ".stubs", ROOT / "solutions"
    command = [sys.executable, "-c", RUN_EXAMPLES]
    done = subprocess.run(
        [*command, str(stub / f"{chapter}.py"), str(solution / f"{chapter}.py")],
        capture_output=True,
        text=True,
        env=environment,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert int(done.stdout.rsplit(" ", 1)[0].split()[-1]) >= len(PACK.chapter(chapter).exercises)


def test_a_false_example_would_be_noticed(tmp_path):
    stub = tmp_path / "stub.py"
    stub.write_text('"""A lesson.\n\n>>> 1 + 1\n3\n"""\n')
    done = subprocess.run(
        [sys.executable, "-c", RUN_EXAMPLES, str(stub), str(stub)], capture_output=True, timeout=60
    )
    assert done.returncode == 1


def test_the_given_names_of_chapter_10_are_complete():
    values = {}
    for folder in ("exercises/.stubs", "solutions"):
        tree = ast.parse((ROOT / folder / "ch10_mnist_jax.py").read_text(encoding="utf-8"))
        values[folder] = {
            target.id: ast.literal_eval(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name) and target.id.isupper()
        }
        expected = {
            "LAYER_SIZES": [784, 512, 512, 10],
            "STEP_SIZE": 1e-4,
            "NUM_EPOCHS": 8,
            "BATCH_SIZE": 128,
            "N_TARGETS": 10,
        }
        assert expected.items() <= values[folder].items()


@pytest.mark.parametrize(("expectation", "least"), [("right", 2), ("wrong", 4)])
def test_the_banks_hold_enough_answers_to_every_exercise(expectation, least):
    answers = read_bank(ROOT / "tests" / "answers", PACK)
    found = Counter(a.exercise.id for a in answers if a.expectation == expectation)
    assert [id for id in EXERCISES if found[id] < least] == []


def test_an_odd_value_is_the_answers_fault_whatever_has_been_asked_before():
    """The reference is tried in the answer's place, with inputs that nobody has asked it for yet."""
    pack = load_pack(ROOT)
    text = (pack.solutions_dir / "ch08_control_flow.py").read_text(encoding="utf-8")
    text += "\n\nroot = newton_sqrt\n\n\ndef newton_sqrt(a):\n    return root(a), 1\n"
    submission = submission_of_texts("a test", {"ch08_control_flow": text})
    with Grader(pack) as grader:
        report = grader.grade(submission, pack.select(["ch08_control_flow.newton_sqrt"]))
    failure = report.exercises[0].failure
    assert failure.status == "failed"
    assert "cannot be used as this check does" in failure.rationale
    assert failure.evidence.startswith("got ")


@pytest.mark.parametrize("path", CHECKS, ids=[path.stem for path in CHECKS])
def test_the_keys_that_checks_look_at_outlast_the_sealing(path):
    """Beside a stand-in long texts are cut: with a longer key a right answer would be a wrong one."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = [n for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for n in ast.walk(f)]
    for keys in (n.keys for n in inside if isinstance(n, ast.Dict)):
        texts = [k.value for k in keys if isinstance(k, ast.Constant) and isinstance(k.value, str)]
        assert [text for text in texts if len(text) > _MAX_TEXT] == []
