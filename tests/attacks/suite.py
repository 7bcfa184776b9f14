"""Makes every attack in this process's setting and prints what became of it, as lines of JSON.

    python -m attacks.suite [NAME …]

An attack is a submission: a file `submissions/NAME.py` (its chapter 1), or a folder. It does something, and
then returns what is right: so it passes if and only if it gets through. Its head says what is expected:

    # A01: opens the file of the reference
    # stopped at: FILTERED             the weakest level that promises to stop it
    # expected: PermissionError        a pattern found in the message on `double`
    # spares: triple halve             the exercises that are passed all the same (this is the default)
    # timeout: 1                       seconds that a call may take, for what hangs

In its text, @SECRET@ is the path of the reference, @GRADER@ the grader's process, @PORT@ a port on which
somebody listens, @OUTBOX@ a folder that stays empty.
"""

import dataclasses
import json
import os
import re
import shutil
import socket
import sys
import tempfile
from pathlib import Path

from family import descendants

from grader.manifest import load_pack
from grader.model import LEVELS
from grader.session import Grader
from grader.submission import read_submission

HERE = Path(__file__).parent
SUBMISSIONS = HERE / "submissions"
_HEAD = re.compile(r"# (stopped at|expected|spares|timeout): *(.*)")


@dataclasses.dataclass(frozen=True)
class Attack:
    """A submission and what must become of it."""

    name: str
    path: Path
    stopped_at: str = "PROCESS-ONLY"
    expected: str = ""
    spares: tuple[str, ...] = ("triple", "halve")
    timeout: float = 60.0

    @property
    def chapter(self):
        return self.path / "ch01_target.py" if self.path.is_dir() else self.path


def attacks():
    """All of them, by name."""
    found = {}
    for path in sorted(SUBMISSIONS.iterdir()):
        if path.name.startswith(("_", ".")):
            continue
        attack = Attack(path.stem, path)
        head = dict(_HEAD.findall(attack.chapter.read_text(encoding="utf-8")))
        found[attack.name] = dataclasses.replace(
            attack,
            stopped_at=head.get("stopped at", attack.stopped_at),
            expected=head["expected"],
            spares=tuple(head["spares"].split()) if "spares" in head else attack.spares,
            timeout=float(head.get("timeout", attack.timeout)),
        )
    return found


class Range:
    """A place where attacks are made: a pack, a grader, a listener, an outbox."""

    def __init__(self, folder):
        self.folder = folder
        self.pack = load_pack(shutil.copytree(HERE / "pack", folder / "pack"))
        self.outbox = folder / "outbox"
        self.outbox.mkdir()
        self.outbox.chmod(0o777)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)
        self.grader = Grader(self.pack)
        self._grade(self.pack.solutions_dir)  # whatever is made once has been made after this

    def make(self, attack):
        """What became of the attack: the verdicts, the message on `double`, and what it left behind."""
        place = self.folder / "submission"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        if attack.path.is_dir():
            shutil.copytree(attack.path, place, dirs_exist_ok=True)
        text = attack.chapter.read_text(encoding="utf-8")
        for name, value in self._values().items():
            text = text.replace(f"@{name}@", str(value))
        (place / "ch01_target.py").write_text(text, encoding="utf-8")
        bystander = self.pack.solutions_dir / "ch02_bystander.py"
        shutil.copy(bystander, place)
        before = self._traces()
        self.grader.timeout = attack.timeout
        report = self._grade(place)
        statuses = {result.name: result.status for result in report.exercises}
        failure = report.exercises[0].failure
        said = [failure.rationale, failure.evidence] if failure else []
        return {
            "attack": attack.name,
            "statuses": statuses,
            "said": "\n".join(said),
            "left": sorted(self._traces() - before),
        }

    def _grade(self, place):
        return self.grader.grade(read_submission(place, self.pack), self.pack.exercises)

    def _values(self):
        return {
            "SECRET": self.pack.solutions_dir / "ch01_target.py",
            "GRADER": os.getpid(),
            "PORT": self.listener.getsockname()[1],
            "OUTBOX": self.outbox,
        }

    def _traces(self):
        """Whatever an attack may leave behind, in words."""
        found = {f"file {path}" for path in self.folder.rglob("*")}
        found |= {f"process {pid}" for pid in descendants(os.getpid())}
        found |= {f"shared memory {name}" for name in os.listdir("/dev/shm")}
        for kind in ("shm", "msg", "sem"):
            lines = Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]
            found |= {f"{kind} {line.split()[1]}" for line in lines}
        secret = self.pack.solutions_dir / "ch01_target.py"
        found.add(f"the reference {secret.stat().st_mode:o} {secret.stat().st_mtime_ns}")
        try:
            self.listener.accept()[0].close()
            found.add("a connection")
        except BlockingIOError:
            pass
        return found


def main(names):
    """Make the attacks `names`, or all that this machine's level promises to stop."""
    with tempfile.TemporaryDirectory() as folder:
        place = Range(Path(folder))
        with place.grader:
            isolation = place.grader.isolation()
            print(json.dumps(dataclasses.asdict(isolation)), flush=True)
            for attack in attacks().values():
                promised = LEVELS.index(attack.stopped_at) <= LEVELS.index(isolation.level)
                if attack.name in names or (not names and promised):
                    print(json.dumps(place.make(attack)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
