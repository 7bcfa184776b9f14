"""What a command costs with everything that it starts: seconds, processor time, memory.

    PYTHONPATH=tests python tests/benchmarks/meter.py python -m grader batch CLASS --out OUT

Prints one line. The processes are looked at ten times a second, those inside bubblewrap too; what one of them
does after the last look is not seen, unless its parents have waited for it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from family import descendants

EVERY = 0.1  # seconds between two looks
LOOKS = 20  # between two at the memory, which takes long
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """What one command has cost.

    Args:
        code: its exit code; None if it took too long.
        seconds: by the clock.
        cpu: processor seconds of all its processes.
        memory: the most MiB that they held at once; what they share counts once.
        output: what it printed to both streams.
    """

    code: int | None
    seconds: float
    cpu: float
    memory: float
    output: str


def measure(
    command: list[str],
    *,
    timeout: float = 3600,
    heard: Callable[[float], None] = lambda memory: None,
    **settings: object,
) -> Cost:
    """Run a command and see what it costs.

    Args:
        heard: is told the MiB held at each look.
        settings: for `subprocess.Popen`, such as `cwd` and `env`.
    """
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        **settings,
    )
    printed: list[bytes] = []
    reader = threading.Thread(target=lambda: printed.append(process.stdout.read()))
    reader.start()
    used: dict[tuple[int, str], int] = {}
    memory, looks, late = 0.0, 0, False
    try:
        while not (ended := os.wait4(process.pid, os.WNOHANG))[0]:
            family = [process.pid, *descendants(process.pid)]
            used.update(filter(None, map(_ticks, family)))
            if looks % LOOKS == 0:
                held = sum(map(_memory, family))
                memory = max(memory, held)
                heard(held)
            if time.perf_counter() - start > timeout:
                late = True
                _end(family)
            looks += 1
            time.sleep(EVERY)
    except BaseException:
        _end([process.pid, *descendants(process.pid)])
        raise
    seconds = time.perf_counter() - start
    _, status, usage = ended
    process.returncode = os.waitstatus_to_exitcode(status)
    reader.join()
    cpu = max(sum(used.values()) / TICKS, usage.ru_utime + usage.ru_stime)
    code = None if late else process.returncode
    return Cost(code, seconds, cpu, memory, b"".join(printed).decode(errors="replace"))


def _ticks(pid: int) -> tuple[tuple[int, str], int] | None:
    """(the process and when it began, the processor time that it has used); None if it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (pid, fields[19]), int(fields[11]) + int(fields[12])


def _memory(pid: int) -> float:
    """MiB of a process; a page of n processes counts as 1/n."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
    except OSError:
        return 0.0


def _end(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def load() -> str:
    """How busy the machine has been during the last minute."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def main() -> None:
    """Run the command in the arguments."""
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    cost = measure(sys.argv[1:])
    print(cost.output, end="")
    print(f"{cost.seconds:.1f} s, {cost.cpu:.1f} s of processor, {cost.memory:.0f} MiB, {load()}")
    sys.exit(cost.code)


if __name__ == "__main__":
    main()
