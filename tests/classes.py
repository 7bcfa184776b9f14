"""Makes classes: folders of submissions put together from the banks of right and wrong answers.

    python tests/classes.py FOLDER --learners 300

Every learner answers every exercise: with a right answer (two in three), a wrong one, or not at all. Some
chapters are untouched or missing, some submissions are archives, and a few are hostile.
"""

import argparse
import random
import shutil
import zipfile
from collections import defaultdict
from pathlib import Path

from grader.bank import read_bank
from grader.manifest import find_pack

REPOSITORY = Path(__file__).parents[1]
HOSTILE = {
    "exits": "import os\nos._exit(3)\n",
    "hangs": "while True:\n    pass\n",
    "floods": "while True:\n    print('x' * 10_000)\n",
    "recurses": "def f():\n    return f()\nf()\n",
    "eats": "data = [b'x' * 2**20 for _ in range(2**20)]\n",
    "raises": "raise SystemExit('done')\n",
    "replaces": "import jax\njax.jit = lambda f, **settings: f\n",
    "signals": "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n",
}
NOT_EVEN_PYTHON = "def f(:\n    return\n"


def make_class(folder, pack, answers, learners, hostile=0, seed=0):
    """Write `learners` submissions into `folder`, the first `hostile` of them hostile; their names."""
    rng = random.Random(seed)
    bank = defaultdict(lambda: {"right": [], "wrong": []})
    for answer in read_bank(answers, pack):
        bank[answer.exercise.id][answer.expectation].append(answer.text)
    names = []
    for number in range(learners):
        names.append(f"learner{number:04}")
        chapters = {c.filename: _chapter(c, pack, bank, rng) for c in pack.chapters}
        if number < hostile:
            name, text = sorted(HOSTILE.items())[number % len(HOSTILE)]
            chapters[pack.chapters[number % len(pack.chapters)].filename] += f"\n\n{text}"
            names[-1] += f"-{name}"
        _write(folder / names[-1], {n: t for n, t in chapters.items() if t}, rng)
    return names


def _chapter(chapter, pack, bank, rng):
    """A chapter as somebody may hand it in."""
    kind = rng.random()
    stub = (pack.stubs_dir / chapter.filename).read_text()
    if kind < 0.05:
        return ""
    if kind < 0.15:
        return stub
    text = (pack.solutions_dir / chapter.filename).read_text()
    for exercise in chapter.exercises:
        known, kind = bank[exercise.id], rng.random()
        if kind < 0.4 and known["right"]:
            text += "\n\n" + rng.choice(known["right"])
        elif kind < 0.5 and known["wrong"]:
            text += "\n\n" + rng.choice(known["wrong"])
        elif kind < 0.55:
            text += f"\n\ndef {exercise.name}(*args, **kwargs):\n    raise NotImplementedError\n"
    if kind > 0.99:
        text += "\n\n" + NOT_EVEN_PYTHON
    return text


def _write(folder, chapters, rng):
    if rng.random() < 0.3:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(f"{folder}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in chapters.items():
                archive.writestr(f"exercises/{name}", text)
        return
    folder.mkdir(parents=True)
    for name, text in chapters.items():
        (folder / name).write_text(text)


def main():
    """Make a class of the kit's own pack."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--learners", type=int, default=30)
    parser.add_argument("--hostile", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    shutil.rmtree(options.folder, ignore_errors=True)
    pack = find_pack(str(REPOSITORY))
    answers = REPOSITORY / "tests" / "answers"
    numbers = (options.learners, options.hostile, options.seed)
    names = make_class(options.folder, pack, answers, *numbers)
    print(f"{len(names)} submissions in {options.folder}")


if __name__ == "__main__":
    main()
