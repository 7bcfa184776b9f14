"""A class graded by this kit, by Otter-Grader, and by pytest in a new process for each submission.

    PYTHONPATH=tests python tests/benchmarks/rivals.py --learners 20 --rounds 2 --otter VENV/bin/python
    PYTHONPATH=tests python tests/benchmarks/rivals.py --bank

Prints, for each of them: seconds and processor seconds per submission, the ratio of the seconds to this kit's,
memory, how many of the wrong answers they turned down, and how many right ones.

Every submission holds three chapters, in each of them one wrong answer from the bank and right answers that
differ from the solution. Otter and pytest do the checks of `ordinary.py`: five fixed examples of each
exercise, as it is, under jit, vmap and grad. The kit does its own, which are more: drawn inputs, edges, other
transformations, numbers of compilations, programs, run times. It is locked down; the others are not: `otter
run` executes a submission like any notebook. The bank was written with the kit's checks at hand, so that the
kit turns all of it down proves little; that the others turn down a part says what ordinary checks let by.
With --bank, it prints how many of all answers in the bank to the three chapters the ordinary checks turn
down, and nothing else; each answer is graded by itself. What the kit does with them `python -m grader
selfcheck` tells.

All of them use one process at a time, and they take turns. The environment of `--otter` needs `otter-grader`
and what this one has: `python -m venv VENV`, a .pth file with the path of this one's site-packages in its
own, `pip install otter-grader`. Without it Otter is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import ordinary
from meter import Cost, load, measure

from grader.bank import Answer, read_bank, submission_text
from grader.manifest import load_pack
from grader.pack import Pack

REPOSITORY = Path(__file__).parents[2]
CHECKS = Path(__file__).with_name("ordinary.py")
CHAPTERS = ("ch03_jit", "ch04_grad", "ch05_vmap")
SECONDS = 60  # for one answer of the bank
PATIENCE = 900  # seconds for one submission
NOTEBOOK = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
OTTER_TEST = """OK_FORMAT = False
from otter.test_files import test_case
import ordinary
name = "{exercise}"
points = 1
"""
OTTER_CASE = """
@test_case()
def test_{kind}({chapter}):
    ordinary.verify({chapter}, "{exercise}", "{kind}")
"""
OTTER_RUN = """
import json, sys
from otter.api import grade_submission
zipped, out, *submissions = sys.argv[1:]
found = {}
for path in submissions:
    results = grade_submission(path, zipped, quiet=True).results
    found[path] = [name for name, file in results.items() if file.passed_all]
json.dump(found, open(out, "w"))
"""
Passed = dict[str, set[str]]  # by submission, the exercises that passed


@dataclass
class Class:
    """A class with what is right and wrong in it.

    Args:
        folder: one sub-folder for each submission.
        planted: by submission and exercise, the answers that are not the solution's.
    """

    folder: Path
    pack: Pack
    planted: dict[tuple[str, str], Answer]

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    def turned_down(self, passed: Passed, expectation: str) -> tuple[int, int]:
        """How many of the planted answers of a kind did not pass, and how many there are."""
        planted = [key for key, answer in self.planted.items() if answer.expectation == expectation]
        return sum(exercise not in passed[name] for name, exercise in planted), len(planted)


def small_pack(folder: Path) -> Pack:
    """A copy of the kit's pack with nothing but the three chapters."""
    for name in ("exercises", "solutions"):
        shutil.copytree(REPOSITORY / name, folder / name)
    manifest = folder / "exercises" / "workshop.toml"
    head, *chapters = manifest.read_text().split("[[chapter]]\n")
    kept = [text for text in chapters if text.split('"')[1] in CHAPTERS]
    manifest.write_text("[[chapter]]\n".join([head, *kept]))
    for path in folder.rglob("*ch*.py"):
        if path.stem.removeprefix("test_") not in CHAPTERS:
            path.unlink()
    rules = folder / "exercises" / "checks" / "misconceptions.py"
    others = r'"ch\d\d_(?!jit|grad|vmap)\w+"'  # lessons that the rules send learners to
    rules.write_text(re.sub(others, f'"{CHAPTERS[0]}"', rules.read_text()))
    return load_pack(folder)


def make_class(folder: Path, pack: Pack, learners: int, seed: int) -> Class:
    """A class in which every chapter has one wrong answer, another one each time while the bank lasts."""
    rng = random.Random(seed)
    answers = read_bank(REPOSITORY / "tests" / "answers", pack)
    made = Class(folder, pack, {})
    for chapter in pack.chapters:
        bank = defaultdict(list)
        for answer in answers:
            if answer.exercise.chapter == chapter.name:
                bank[answer.expectation].append(answer)
        wrong = rng.sample(bank["wrong"], len(bank["wrong"]))
        for number in range(learners):
            name = f"learner{number:03}"
            text = (pack.solutions_dir / chapter.filename).read_text()
            right = {a.exercise.id: a for a in rng.sample(bank["right"], len(bank["right"]))}
            chosen = {i: a for i, a in right.items() if rng.random() < 0.3}
            chosen[wrong[number % len(wrong)].exercise.id] = wrong[number % len(wrong)]
            for exercise in chapter.exercises:
                if exercise.id in chosen:
                    text += f"\n\n{chosen[exercise.id].text}"
                    made.planted[name, exercise.id] = chosen[exercise.id]
            (folder / name).mkdir(parents=True, exist_ok=True)
            (folder / name / chapter.filename).write_text(text)
    return made


def environment(**more: str) -> dict[str, str]:
    """The variables of a contestant's processes: those of this one, and no plugins for pytest."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    return kept | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "JAX_PLATFORMS": "cpu"} | more


def kit(made: Class, room: Path) -> tuple[Cost, Passed]:
    """One batch."""
    command = [
        sys.executable,
        "-m",
        "grader",
        "batch",
        str(made.folder),
        "--out",
        str(room / "out"),
    ]
    command += ["--jobs", "1", "--pack", str(made.pack.root)]
    cost = measure(command, env=environment(PYTHONPATH=str(REPOSITORY)))
    if cost.code:
        sys.exit(f"The batch ended with code {cost.code}:\n{cost.output[-3000:]}")
    passed, durations = {}, []
    for name in made.names():
        report = json.loads((room / "out" / "reports" / f"{name}.json").read_text())
        passed[name] = {e["id"] for e in report["exercises"] if e["status"] == "passed"}
        durations.append(report["duration_s"])
    start, half = cost.seconds - sum(durations), statistics.median(durations)
    print(f"this kit: {start:.1f} s for the start, then {half:.2f} s (median) each")
    return cost, passed


def pytests(made: Class, room: Path) -> tuple[Cost, Passed]:
    """One process for each submission."""
    checks = shutil.copy(CHECKS, room)
    costs, passed = [], {}
    for name in made.names():
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull]
        command += ["--tb=short", f"--junitxml={name}.xml", str(checks)]
        variables = environment(
            SUBMISSION=str(made.folder / name), CONSTANTS=str(room.parent / "constants.npz")
        )
        costs.append(measure(command, cwd=room, env=variables, timeout=PATIENCE))
        passed[name] = set(_passed(room / f"{name}.xml"))
    return _total(costs), passed


def _passed(path: Path) -> Iterator[str]:
    """The exercises of which no test failed, from pytest's XML."""
    failed: dict[str, bool] = {}
    cases = ElementTree.parse(path).iter("testcase") if path.exists() else ()
    for case in cases:
        found = re.search(r"\[(\w+\.\w+)-", case.get("name", ""))
        if found:
            failed[found[1]] = failed.get(found[1], False) or len(case) > 0
    return (exercise for exercise, has_failed in failed.items() if not has_failed)


def otter(python: str) -> Callable[[Class, Path], tuple[Cost, Passed]]:
    """One process that grades all submissions with `otter.api`; Otter starts a kernel for each."""

    def grade(made: Class, room: Path) -> tuple[Cost, Passed]:
        _write_autograder(made, room / "autograder.zip", room.parent / "constants.npz")
        notebook = NOTEBOOK | {"cells": [_cell(f"import {chapter}") for chapter in CHAPTERS]}
        handed_in = {}
        for name in made.names():
            handed_in[str(room / f"{name}.zip")] = name
            with zipfile.ZipFile(room / f"{name}.zip", "w") as archive:
                archive.writestr("submission.ipynb", json.dumps(notebook))
                for path in (made.folder / name).iterdir():
                    archive.write(path, path.name)
        command = [python, "-c", OTTER_RUN, str(room / "autograder.zip"), str(room / "found.json")]
        patience = PATIENCE * len(handed_in)
        variables = environment(CONSTANTS=str(room.parent / "constants.npz"))
        cost = measure([*command, *handed_in], cwd=room, env=variables, timeout=patience)
        if not (room / "found.json").exists():
            sys.exit(f"Otter ended with code {cost.code}:\n{cost.output[-3000:]}")
        found = json.loads((room / "found.json").read_text())
        return cost, {handed_in[path]: set(names) for path, names in found.items()}

    return grade


def _cell(source: str) -> dict[str, object]:
    return {
        "cell_type": "code",
        "id": source.split()[-1],
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": source,
    }


def _write_autograder(made: Class, path: Path, constants: Path) -> None:
    """The configuration that `otter run` wants: one file of tests for each exercise, and what they import."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("otter_config.json", json.dumps({"pdf": False}))
        archive.write(CHECKS, "files/ordinary.py")
        archive.write(constants, "files/constants.npz")
        for exercise in made.pack.exercises:
            names = {"exercise": exercise.id, "chapter": exercise.chapter}
            text = OTTER_TEST.format(**names)
            for kind in ("value", "jit", "vmap", "grad"):
                text += OTTER_CASE.format(kind=kind, **names)
            archive.writestr(f"tests/{exercise.name}.py", text)


def judge_bank() -> None:
    """Print what the ordinary checks, say of the bank."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CONSTANTS"] = str(Path(folder, "constants.npz"))
        subprocess.run([sys.executable, CHECKS, os.environ["CONSTANTS"]], check=True)
        pack = small_pack(Path(folder, "pack"))
        found: dict[tuple[str, str], list[bool]] = defaultdict(list)
        for answer in read_bank(REPOSITORY / "tests" / "answers", pack):
            key = (answer.exercise.chapter, answer.expectation)
            found[key].append(_is_turned_down(answer, pack))
            if found[key][-1] and answer.expectation == "right":
                print(f"{answer.place} is right and turned down", flush=True)
    for (chapter, expectation), verdicts in found.items():
        print(f"{chapter}: {sum(verdicts)} of {len(verdicts)} {expectation} answers turned down")
    for expectation in ("right", "wrong"):
        verdicts = [v for (_, kind), some in found.items() if kind == expectation for v in some]
        print(f"all: {sum(verdicts)} of {len(verdicts)} {expectation} answers turned down")


def _is_turned_down(answer: Answer, pack: Pack) -> bool:
    """Forks, as what one answer does to JAX must not meet the next; no backend has been started yet."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] != 0
    code = 1
    signal.alarm(SECONDS)
    try:
        module = ModuleType(answer.exercise.chapter)
        exec(submission_text(answer, pack), vars(module))
        for kind in ordinary.KINDS:
            ordinary.verify(module, answer.exercise.id, kind)
        code = 0
    finally:
        os._exit(code)


def _total(costs: list[Cost]) -> Cost:
    return Cost(
        max((cost.code or 0 for cost in costs), default=0),
        sum(cost.seconds for cost in costs),
        sum(cost.cpu for cost in costs),
        max(cost.memory for cost in costs),
        "",
    )


def _has_otter(python: str) -> bool:
    try:
        done = subprocess.run([python, "-c", "import jax, otter.api, pytest"], capture_output=True)
    except OSError:
        return False
    return done.returncode == 0


def contestants(options: argparse.Namespace) -> dict[str, Callable[..., tuple[Cost, Passed]]]:
    """Who takes part."""
    chosen = {"this kit": kit, "Otter-Grader": otter(options.otter), "pytest": pytests}
    if not _has_otter(options.otter):
        del chosen["Otter-Grader"]
        print(f"Otter-Grader is left out: {options.otter} cannot import otter-grader and jax.")
    return chosen


def show(made: Class, results: dict[str, list[tuple[Cost, Passed]]]) -> None:
    """The table."""
    count, base = len(made.names()), 0.0
    print(f"{'':14}{'s':>8}{'ratio':>8}{'CPU s':>8}{'MiB':>7}{'wrong':>12}{'right':>12}")
    for name, rounds in results.items():
        costs = [cost for cost, _ in rounds]
        seconds = statistics.median(cost.seconds for cost in costs) / count
        base = base or seconds
        cpu = statistics.median(cost.cpu for cost in costs) / count
        memory = max(cost.memory for cost in costs)
        line = f"{name:14}{seconds:8.2f}{seconds / base:8.2f}{cpu:8.2f}{memory:7.0f}"
        for expectation in ("wrong", "right"):
            part, whole = made.turned_down(rounds[-1][1], expectation)
            line += f"{f'{part} of {whole}':>12}"
        print(line)
    print("s, CPU s: per submission, medians of the rounds; wrong, right: answers turned down.")


def main() -> None:
    """Take turns, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--learners", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--otter", default=sys.executable, help="a Python that has otter-grader")
    parser.add_argument("--bank", action="store_true", help="only judge the bank")
    options = parser.parse_args()
    if options.bank:
        judge_bank()
        return
    results: dict[str, list[tuple[Cost, Passed]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        pack = small_pack(Path(folder, "pack"))
        made = make_class(Path(folder, "class"), pack, options.learners, options.seed)
        subprocess.run([sys.executable, CHECKS, Path(folder, "constants.npz")], check=True)
        chosen = contestants(options)
        for number in range(options.rounds):
            for name, grade in chosen.items():
                room = Path(folder, f"{name.replace(' ', '-')}-{number}")
                room.mkdir()
                results[name].append(grade(made, room))
                cost = results[name][-1][0]
                done = f"{cost.seconds / options.learners:.2f} s per submission, {load()}"
                print(f"round {number + 1}, {name}: {done}", flush=True)
        show(made, results)


if __name__ == "__main__":
    main()
