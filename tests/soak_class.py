"""A soak of batches: a class is graded while the batch is killed again and again; then each alone.

    python tests/soak_class.py --learners 300 --hostile 30 --kills 10

Every submission must have one verdict, equal to that of grading it alone by a grader that remembers
nothing. Differences are printed; there must be none.
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from classes import make_class

from grader.batch.layouts import find_class
from grader.batch.store import Store
from grader.manifest import find_pack
from grader.pack import Pack
from grader.reports.json_report import as_dict
from grader.session import Grader
from grader.submission import unpacked

ROOT = Path(__file__).parents[1]


def grade_with_kills(command: list[Any], kills: int, seconds: float, rng: random.Random) -> int:
    """Run the batch, killing it `kills` times; its exit code when it was left in peace."""
    for number in range(kills):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True) as batch:
            try:
                batch.wait(rng.uniform(1, seconds))
            except subprocess.TimeoutExpired:
                batch.send_signal(signal.SIGKILL)
                print(f"kill {number + 1}", flush=True)
    return subprocess.run(command).returncode


def verdicts(report: dict[str, Any]) -> dict[str, tuple[str, float]]:
    """What must be equal: the status and score of every exercise."""
    return {e["id"]: (e["status"], e["score"]) for e in report["exercises"]}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--learners", type=int, default=300)
    parser.add_argument("--hostile", type=int, default=30)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--alone", type=int, help="how many are graded alone; all, if not given")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="that grade alone")
    parser.add_argument("--seconds", type=float, default=120.0, help="between kills, at most")
    parser.add_argument("--timeout", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pack", default=str(ROOT))
    options = parser.parse_args()
    rng = random.Random(options.seed)
    pack = find_pack(options.pack)
    with tempfile.TemporaryDirectory() as folder:
        place, out = Path(folder, "class"), Path(folder, "out")
        numbers = (options.learners, options.hostile, options.seed)
        make_class(place, pack, ROOT / "tests" / "answers", *numbers)
        command = [sys.executable, "-m", "grader", "batch", place, "--out", out]
        command += ["--pack", options.pack, "--timeout", str(options.timeout)]
        start = time.monotonic()
        code = grade_with_kills(command, options.kills, options.seconds, rng)
        print(f"batch: exit code {code}, {time.monotonic() - start:.0f} s", flush=True)
        different = compare(pack, place, out, options, rng)
    sys.exit(1 if code or different else 0)


def compare(
    pack: Pack, place: Path, out: Path, options: argparse.Namespace, rng: random.Random
) -> int:
    """How many submissions have another verdict alone than in the batch; each difference is printed."""
    found = list(find_class(place, pack, out).found)
    chosen = rng.sample(found, min(options.alone or len(found), len(found)))
    wrong = 0
    with Store.open(out) as store, ProcessPoolExecutor(options.jobs, get_context("spawn")) as pool:
        names = [entry.name for entry in store.entries() if entry.graded]
        if sorted(names) != sorted(one.name for one in found):
            print(f"{len(found)} submissions, {len(names)} verdicts")
            wrong += 1
        grade = partial(by_itself, options.pack, options.timeout)
        packed = (one.submission.packed() for one in chosen)
        for one, alone in zip(chosen, pool.map(grade, packed), strict=True):
            for batch in (store.report(one.name), _written(out, one.name)):
                apart = {
                    id: (verdict, alone[id])
                    for id, verdict in verdicts(batch).items()
                    if verdict != alone[id]
                }
                wrong += bool(apart)
                for id, (in_batch, single) in apart.items():
                    print(f"{one.name} {id}: {in_batch} in the batch, {single} alone", flush=True)
    print(f"{len(chosen)} graded alone, {wrong} differ")
    return wrong


def by_itself(pack: str, timeout: float, packed: bytes) -> dict[str, tuple[str, float]]:
    """The verdicts on a submission by a grader that remembers nothing of others."""
    grader = _grader(pack, timeout)
    return verdicts(as_dict(grader.grade(unpacked(packed, "alone"), grader.pack.exercises)))


@cache
def _grader(pack: str, timeout: float) -> Grader:
    grader = Grader(find_pack(pack), timeout=timeout, strangers=True)
    atexit.register(grader.__exit__)
    return grader


def _written(out: Path, name: str) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((out / "reports" / f"{name}.json").read_text())
    return report


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", str(ROOT))
    main()
