"""What it costs a worker to be locked down: the time to its first answer, against a worker that is not.

    python tests/benchmarks/isolation_cost.py [--rounds 40]

Workers of every kind are started in turn, so that a busy machine is busy for all of them; medians of the
differences within a round are printed. A round asks for a chapter to be loaded and for one jitted call.
"""

from __future__ import annotations

import argparse
import statistics
import time

import cloudpickle

from grader.manifest import find_pack
from grader.worker.launcher import Launcher
from grader.worker.processes import MECHANISMS

KINDS = {
    "nothing (PROCESS-ONLY)": (),
    "limits": ("rlimits",),
    "Landlock": ("landlock",),
    "seccomp": ("seccomp",),
    "Landlock, seccomp, limits": MECHANISMS[1:],
    "bubblewrap and all of these": MECHANISMS,
}
LOAD = {
    "chapter": "chapter",
    "texts": {"chapter": ["chapter.py", "import jax\nf = jax.jit(lambda x: 2 * x)\n"]},
    "stand_ins": [],
    "stand_in_code": b"",
    "devices": 1,
    "x64": False,
    "optimised": False,
}
CALL = {
    "op": "call",
    "probe": cloudpickle.dumps(lambda m: m.f(1.0)),
    "args": cloudpickle.dumps(()),
    "compile": False,
    "timed": False,
}


def one_round(launcher: Launcher) -> tuple[float, float]:
    """Seconds from the wish for a worker until its chapter is loaded, and until its first value is here."""
    start = time.perf_counter()
    worker = launcher.start()
    loaded = worker.load(LOAD, 60)
    to_load = time.perf_counter() - start
    value = worker.start(CALL, 60).result()
    to_value = time.perf_counter() - start
    worker.stop()
    assert (loaded.kind, value.kind) == ("value", "value")
    return to_load, to_value


def main() -> None:
    """Measure, and print a table in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    pack = find_pack()
    launchers = {name: Launcher(pack.secrets, mechanisms=kind) for name, kind in KINDS.items()}
    for launcher in launchers.values():
        one_round(launcher)
    times = [{name: one_round(one) for name, one in launchers.items()} for _ in range(rounds)]
    print(f"{'':30}{'level':14}{'loaded':>9}{'more':>8}{'first value':>14}{'more':>8}")
    base = next(iter(KINDS))
    for name, launcher in launchers.items():
        columns = ""
        for index, width in ((0, 9), (1, 14)):
            mine = [1e3 * row[name][index] for row in times]
            more = [1e3 * (row[name][index] - row[base][index]) for row in times]
            columns += f"{statistics.median(mine):{width}.1f}{statistics.median(more):+8.1f}"
        print(f"{name:30}{launcher.isolation().level:14}{columns}")
        launcher.close()


if __name__ == "__main__":
    main()
