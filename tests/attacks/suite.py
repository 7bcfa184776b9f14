"""Makes every attack in this process's setting and prints what became of it, as lines of JSON.

    python -m attacks.suite [NAME …]

An attack is a submission: a file `submissions/NAME.py` (its chapter 1), or a folder. It does something, and
then returns what is right: so it passes if and only if it gets through. Its head says what is expected:

    # A01: opens the file of the reference
    # stopped at: FILTERED             the weakest level that promises to stop it
    # expected: PermissionError        a pattern found in the message on `double`
    # shows no: ^FORGED              a pattern that no line of the score sheet may contain
    # spares: triple halve             the exercises that are passed all the same (this is the default)
    # timeout: 1                       seconds that a call may take, for what hangs

In its text, @SECRET@ is the path of the reference, @CHECK@ that of its checks, @NEIGHBOUR@ that of another
learner's file, @REPORT@ that of a report, @OUTBOX@ a folder that stays empty; @GRADER@ is the grader's process,
@GRADER_GROUP@ its group, @TOKEN@ a secret of its environment, @PORT@ a port on which somebody listens; "@NAMES@",
"@PIECES@" and "@STATEMENTS@" are expressions and statements without end. `from attacks.kernel import call` becomes
the text of that module.
"""

import dataclasses
import io
import json
import os
import re
import resource
import shutil
import socket
import sys
import tempfile
import time
from pathlib import Path

import rich.console
from family import descendants

from grader.manifest import load_pack
from grader.model import LEVELS
from grader.reports import terminal
from grader.session import Grader
from grader.submission import read_submission

HERE = Path(__file__).parent
SUBMISSIONS = HERE / "submissions"
TOKEN = "5d0c7e"  # in the grader's environment
MARK = "left-by-an-attack"  # in the names of all that is left outside of the folder
_HEAD = re.compile(r"^# (stopped at|expected|shows no|spares|timeout): *(.*)", re.M)
_KERNEL = (HERE / "kernel.py").read_text(encoding="utf-8")
_ENDLESS = range(5_500)
# Where files are left when nothing stops it, besides the folder in which attacks are made.
_PLACES = (
    "/tmp",
    "/var/tmp",
    "/dev/shm",
    "/dev/mqueue",
    "/run",
    "/",
    "~",
    os.path.dirname(os.__file__),
)


@dataclasses.dataclass(frozen=True)
class Attack:
    """A submission and what must become of it."""

    name: str
    path: Path
    stopped_at: str = "PROCESS-ONLY"
    expected: str = ""
    hidden: str = ""
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
            hidden=head.get("shows no", ""),
            spares=tuple(head["spares"].split()) if "spares" in head else attack.spares,
            timeout=float(head.get("timeout", attack.timeout)),
        )
    return found


class Range:
    """A place where attacks are made: a pack, a grader, a listener, a neighbour, an outbox."""

    def __init__(self, folder):
        self.folder = folder
        self.pack = load_pack(shutil.copytree(HERE / "pack", folder / "pack"))
        self.outbox = folder / "outbox"
        self.outbox.mkdir()
        self.outbox.chmod(0o777)
        for name in ("report.json", "neighbour.py"):
            (folder / name).write_text("{}")
            (folder / name).chmod(0o666)
        os.environ["WORKSHOP_TOKEN"] = TOKEN
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)
        self.grader = Grader(self.pack)
        self._grade(self.pack.solutions_dir)  # whatever is made once has been made after this

    def make(self, attack):
        """What became of the attack: the verdicts, what was said on `double` and on the sheet, what it left."""
        place = self._place(attack)
        before = self._traces()
        self.grader.timeout = attack.timeout
        start, memory = time.perf_counter(), _peak_memory()
        report = self._grade(place)
        seconds = time.perf_counter() - start
        failure = report.exercises[0].failure
        return {
            "attack": attack.name,
            "statuses": {result.name: result.status for result in report.exercises},
            "said": "\n".join([failure.rationale, failure.evidence]) if failure else "",
            "sheet": self._sheet(report),
            "left": sorted(self._traces() - before),
            "seconds": round(seconds, 2),
            "megabytes": _peak_memory() - memory,
        }

    def _place(self, attack):
        """The submission, its placeholders filled in; the grader works inside of it, as people do."""
        place = self.folder / "submission"
        os.chdir("/")
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        if attack.path.is_dir():
            shutil.copytree(attack.path, place, dirs_exist_ok=True)
        else:
            shutil.copy(attack.path, place / "ch01_target.py")
        for path in filter(Path.is_file, place.rglob("*")):
            text = path.read_text(encoding="utf-8")
            for name, value in self._values().items():
                text = text.replace(name, str(value))
            path.write_text(text, encoding="utf-8")
        shutil.copy(self.pack.solutions_dir / "ch02_bystander.py", place)
        os.chdir(place)
        return place

    def _grade(self, place):
        return self.grader.grade(read_submission(place, self.pack), self.pack.exercises)

    def _sheet(self, report):
        page = io.StringIO()
        terminal.print_sheet(rich.console.Console(file=page, soft_wrap=True), report, self.pack)
        return page.getvalue()

    def _values(self):
        return {
            "@SECRET@": self.pack.solutions_dir / "ch01_target.py",
            "@CHECK@": self.pack.checks_file(self.pack.chapters[0]),
            "@NEIGHBOUR@": self.folder / "neighbour.py",
            "@REPORT@": self.folder / "report.json",
            "@OUTBOX@": self.outbox,
            "@GRADER@": os.getpid(),
            "@GRADER_GROUP@": os.getpgid(0),
            "@TOKEN@": TOKEN,
            "@PORT@": self.listener.getsockname()[1],
            "from attacks.kernel import call": _KERNEL,
            '"@NAMES@"': ", ".join(f"_n{i}" for i in _ENDLESS),
            '"@PIECES@"': "f'" + "{x}" * 300_000 + "'",
            '"@STATEMENTS@"': "\n".join(f"_n{i} = 0" for i in _ENDLESS),
        }

    def _traces(self):
        """Whatever an attack may leave behind, in words."""
        files = {f"{path} {_state(path)}" for path in self.folder.rglob("*")}
        files |= {f"{place}/{name}" for place in _PLACES for name in _names(place) if MARK in name}
        found = {f"file {file}" for file in files}
        found |= {f"process {pid}" for pid in descendants(os.getpid())}
        for kind in ("shm", "msg", "sem"):
            found |= {f"{kind} {line.split()[1]}" for line in _lines(f"/proc/sysvipc/{kind}")}
        found |= {f"key {line.split()[0]}" for line in _lines("/proc/keys") if MARK in line}
        found |= {f"unix socket {line}" for line in _lines("/proc/net/unix") if MARK in line}
        found.add(
            f"priority {os.getpriority(os.PRIO_PROCESS, 0)} {sorted(os.sched_getaffinity(0))}"
        )
        try:
            self.listener.accept()[0].close()
            found.add("a connection")
        except BlockingIOError:
            pass
        return found


def _peak_memory():
    """The most memory that the grader has held so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _state(path):
    try:
        found = path.lstat()
    except OSError:
        return "gone"
    return f"{found.st_mode:o} {found.st_uid} {found.st_nlink} {found.st_size} {found.st_mtime_ns}"


def _names(place):
    try:
        return os.listdir(os.path.expanduser(place))
    except OSError:
        return []


def _lines(file):
    try:
        return Path(file).read_text().splitlines()[1:]
    except OSError:
        return []


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
