"""A soak: the whole selfcheck again and again, over new seeds, while other processes hog the machine.

    python tests/soak.py --runs 200 --hogs 2

Each run grades the stubs, the solutions and every right and wrong answer of the banks. A verdict that
changes is a problem of its run; there must be none.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from pathlib import Path

from grader.manifest import load_pack
from grader.selfcheck import selfcheck


def hog() -> None:
    """Keep one core busy, with pauses of its own."""
    while True:
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            pass
        time.sleep(0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--hogs", type=int, default=1, help="processes that keep cores busy")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", action="append", default=[], help="a chapter or exercise")
    options = parser.parse_args()
    root = Path(__file__).parents[1]
    pack = load_pack(root)
    for _ in range(options.hogs):
        multiprocessing.Process(target=hog, daemon=True).start()
    changed = 0
    for seed in range(options.first_seed, options.first_seed + options.runs):
        start = time.monotonic()
        findings = selfcheck(
            pack,
            pack.select(options.only),
            root / "tests" / "answers",
            seed,
            options.jobs,
            progress=lambda text: None,
        )
        changed += len(findings.problems)
        took = time.monotonic() - start
        verdicts = sum(findings.counts.values())
        print(f"seed {seed}: {verdicts} expectations, {len(findings.problems)} unmet, {took:.0f} s")
        for problem in findings.problems:
            print(f"  {problem}", flush=True)
    print(f"{options.runs} runs, {changed} changed verdicts")
    sys.exit(1 if changed else 0)


if __name__ == "__main__":
    main()
