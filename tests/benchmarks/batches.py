"""What a batch gains: over single runs, by a second process, by verdicts used again; and that its memory stays.

    PYTHONPATH=tests python tests/benchmarks/batches.py speed --learners 20 --alone 4
    PYTHONPATH=tests python tests/benchmarks/batches.py memory --submissions 1000

`speed` prints seconds and processor seconds per submission, and MiB, for submissions graded alone
(`--student`) and in batches with one process and with two. It does so for two classes made by
`tests/classes.py`: a usual one, where many have found the same answers and some have left a chapter
untouched, and the same one with each learner's number in each function, so that no two have code in common.
No batch knows of another. The pack is the kit's with three of its chapters, or with --whole all of it, which
takes minutes per submission.

`memory` prints what all processes of a batch hold while submissions of the miniature pack are graded: per
tenth of the batch. The first chapter has no function in common with another submission's; the second, whose
speed check takes seconds, is one of twenty. What processes share counts once.
"""

from __future__ import annotations

import argparse
import ast
import os
import shutil
import statistics
import sys
import tempfile
import zipfile
from collections import defaultdict
from pathlib import Path

from classes import make_class
from meter import Cost, load, measure
from rivals import small_pack

from grader.manifest import find_pack, load_pack
from grader.pack import Pack

REPOSITORY = Path(__file__).parents[2]
MINI = REPOSITORY / "tests" / "packs" / "mini"
ANSWERS = REPOSITORY / "tests" / "answers"
ENVIRONMENT = os.environ | {"PYTHONPATH": str(REPOSITORY)}
PARTS = 10
VARIANTS = {"ch01_sums.py": 10**9, "ch02_shapes.py": 20}
WRONG = {
    "ch01_sums.py": "def total(x):\n    return x.sum() + {number}\n",
    "ch02_shapes.py": "def outer(x, y):\n    return {number} * y[:, None] * x\n",
}


def numbered(text: str, number: int) -> str:
    """The same code with a number in every function: no other learner has it."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return text
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            after = 0 if ast.get_docstring(node) is None else 1
            node.body.insert(after, ast.parse(f"_ = {number}").body[0])
    return ast.unparse(tree) + "\n"


def make_distinct(folder: Path, usual: Path) -> None:
    """The class in `usual`, in `folder`, with no code in common."""
    for number, entry in enumerate(sorted(usual.iterdir())):
        place = folder / entry.stem
        if entry.is_dir():
            shutil.copytree(entry, place)
        else:
            with zipfile.ZipFile(entry) as archive:
                archive.extractall(place)
        for path in place.rglob("*.py"):
            path.write_text(numbered(path.read_text(), number))


def make_mini(folder: Path, pack: Pack, count: int) -> None:
    """Submissions of the miniature pack; of the variants of a chapter one in three is wrong."""
    for number in range(count):
        place = folder / f"learner{number:04}"
        place.mkdir(parents=True)
        for chapter in pack.chapters:
            text = (pack.solutions_dir / chapter.filename).read_text()
            variant = number % VARIANTS[chapter.filename]
            if variant % 3 == 2:
                text += "\n\n" + WRONG[chapter.filename].format(number=variant)
            (place / chapter.filename).write_text(numbered(text, variant))


def batch(folder: Path, out: Path, jobs: int, *more: str, **settings: object) -> Cost:
    """Grade a class."""
    command = [sys.executable, "-m", "grader", "batch", str(folder), "--out", str(out)]
    cost = measure([*command, "--jobs", str(jobs), *more], env=ENVIRONMENT, **settings)
    if cost.code:
        sys.exit(f"The batch ended with code {cost.code}:\n{cost.output[-3000:]}")
    return cost


def alone(folder: Path, pack: Pack, count: int) -> list[Cost]:
    """Grade the first submissions of a class by themselves."""
    command = [sys.executable, "-m", "grader", "--pack", str(pack.root)]
    chosen = sorted(folder.iterdir())[:count]
    costs = [measure([*command, "--student", str(path)], env=ENVIRONMENT) for path in chosen]
    for cost in costs:
        if cost.code not in (0, 1):  # 1: some answers are not right
            sys.exit(f"A run ended with code {cost.code}:\n{cost.output[-3000:]}")
    return costs


def show(what: str, seconds: float, cpu: float, memory: float, note: str = "") -> None:
    print(f"{what:32}{seconds:8.2f}{cpu:8.2f}{memory:7.0f}  {note}{load()}", flush=True)


def speed(options: argparse.Namespace) -> None:
    """Measure and print the gain of batches."""
    print(f"{'':32}{'s':>8}{'CPU s':>8}{'MiB':>7}")
    with tempfile.TemporaryDirectory() as temporary:
        room = Path(temporary)
        pack = find_pack(str(REPOSITORY)) if options.whole else small_pack(room / "pack")
        make_class(room / "usual", pack, ANSWERS, options.learners, seed=options.seed)
        make_distinct(room / "distinct", room / "usual")
        if options.alone:
            costs = alone(room / "distinct", pack, options.alone)
            middle = (
                statistics.median([getattr(c, f) for c in costs])
                for f in ("seconds", "cpu", "memory")
            )
            show("alone", *middle)
        for kind in ("distinct", "usual"):
            base = 0.0
            for jobs in (1, 2):
                cost = batch(room / kind, room / f"{kind}-{jobs}", jobs, "--pack", str(pack.root))
                base = base or cost.seconds
                numbers = (cost.seconds / options.learners, cost.cpu / options.learners)
                note = f"{base / cost.seconds:.2f} times as fast, " if jobs > 1 else ""
                show(f"batch, {kind} code, --jobs {jobs}", *numbers, cost.memory, note)
    print("s, CPU s: per submission, the start of the batch included.")


def memory(options: argparse.Namespace) -> None:
    """Print what the processes hold as a batch goes on."""
    held: dict[int, list[float]] = defaultdict(list)
    print(f"{'submissions':>12}{'median MiB':>12}{'most MiB':>10}")

    def show_part(part: int) -> None:
        if part in held:
            done = options.submissions * (part + 1) // PARTS
            print(
                f"{done:12}{statistics.median(held[part]):12.0f}{max(held[part]):10.0f}", flush=True
            )

    with tempfile.TemporaryDirectory() as temporary:
        room = Path(temporary)
        shutil.copytree(MINI, room / "mini")
        make_mini(room / "class", load_pack(room / "mini"), options.submissions)
        reports = room / "out" / "reports"

        def heard(mib: float) -> None:
            done = len(list(reports.glob("*.json"))) if reports.is_dir() else 0
            part = min(done * PARTS // options.submissions, PARTS - 1)
            if done and part not in held:
                show_part(part - 1)
            if done:  # before, the processes are only starting
                held[part].append(mib)

        more = ("--pack", str(room / "mini"))
        cost = batch(room / "class", room / "out", options.jobs, *more, heard=heard)
    show_part(PARTS - 1)
    each = cost.seconds / options.submissions
    print(f"{each:.2f} s per submission with --jobs {options.jobs}, {load()}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    commands = parser.add_subparsers(required=True)
    gain = commands.add_parser("speed")
    gain.add_argument("--learners", type=int, default=20)
    gain.add_argument("--alone", type=int, default=3, help="submissions that are graded alone")
    gain.add_argument("--seed", type=int, default=0)
    gain.add_argument("--whole", action="store_true", help="with all chapters of the kit")
    gain.set_defaults(run=speed)
    growth = commands.add_parser("memory")
    growth.add_argument("--submissions", type=int, default=1000)
    growth.add_argument("--jobs", type=int, default=2)
    growth.set_defaults(run=memory)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
