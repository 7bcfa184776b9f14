"""How often the speed checks are right: answers at twice the threshold, and answers like the reference.

    python tests/benchmarks/speed_verdicts.py --runs 100
    python tests/benchmarks/speed_verdicts.py --runs 100 --busy 1

Each run grades one speed check in new processes. The planted answer does what the solution does, and
then keeps its caller waiting until twice the time allowed has passed; the equal one is the solution.
"""

from __future__ import annotations

import argparse
import collections
import multiprocessing
import statistics
import time
from pathlib import Path

from grader.manifest import load_pack
from grader.session import Grader
from grader.submission import submission_of_texts

# Each speed check: the ratio that it allows, and the right answer's own ratio to the reference of the check.
SPEEDS = {
    "ch03_jit.selu_jit": (3.0, 1.0),
    "ch10_mnist_jax.batched_predict": (4.0, 2.0),
    "ch10_mnist_jax.update": (2.0, 1.0),
    "ch10_mnist_jax.train_epoch_scan": (1.0, 0.8),
}
PLANTED = """

import time as _time
import jax as _jax
_right = {name}


def {name}(*args, **settings):
    if any(isinstance(leaf, _jax.core.Tracer) for leaf in _jax.tree.leaves((args, settings))):
        return _right(*args, **settings)
    start = _time.perf_counter()
    value = _jax.block_until_ready(_right(*args, **settings))
    end = start + {factor} * (_time.perf_counter() - start)
    while _time.perf_counter() < end:
        pass
    return value
"""


def hog() -> None:
    """Keep one core busy."""
    while True:
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--busy", type=int, default=0, help="cores that other work keeps busy")
    parser.add_argument("--only", action="append", help="a speed check; repeatable")
    options = parser.parse_args()
    hogs = [multiprocessing.Process(target=hog, daemon=True) for _ in range(options.busy)]
    for process in hogs:
        process.start()
    pack = load_pack(Path(__file__).parents[2])
    print(f"{options.runs} runs each, {options.busy} busy core(s)")
    with Grader(pack) as grader:
        for exercise_id in options.only or SPEEDS:
            limit, own = SPEEDS[exercise_id]
            chapter, name = exercise_id.split(".")
            solution = (pack.solutions_dir / f"{chapter}.py").read_text(encoding="utf-8")
            slow = PLANTED.format(name=name, factor=2 * limit / own)
            for kind, text in (("equal", solution), ("planted", solution + slow)):
                print(
                    exercise_id, kind, verdicts(grader, exercise_id, text, options.runs), flush=True
                )
    for process in hogs:
        process.terminate()


def verdicts(grader: Grader, exercise_id: str, text: str, runs: int) -> str:
    """How `runs` measurements of one answer end, and what they measured."""
    submission = submission_of_texts("planted", {exercise_id.split(".")[0]: text})
    chosen = grader.pack.select([exercise_id])
    counts: collections.Counter[str] = collections.Counter()
    ratios, seconds = [], []
    for _ in range(runs):
        start = time.perf_counter()
        report = grader.grade(
            submission,
            chosen,
            wanted=lambda exercise, demand: exercise.id == exercise_id and demand.kind == "speed",
        )
        seconds.append(time.perf_counter() - start)
        (check,) = report.exercises[0].checks
        counts[f"{check.status}, {check.timing.decision if check.timing else 'not measured'}"] += 1
        ratios += [check.timing.ratio] if check.timing else []
    shown = "; ".join(f"{count} {kind}" for kind, count in counts.most_common())
    return (
        f"{shown}; ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}); "
        f"{statistics.median(seconds):.1f} s"
    )


if __name__ == "__main__":
    main()
