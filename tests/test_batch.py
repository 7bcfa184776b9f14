"""Batches: everything is graded once, whatever happens meanwhile."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import Future
from dataclasses import dataclass

import pytest
from family import descendants, gone
from filelock import FileLock
from test_store import report

from grader.batch import run, unit
from grader.batch.classroom import LOCK
from grader.batch.entries import Learner
from grader.batch.layouts import find_class
from grader.batch.pool import LocalPool
from grader.batch.store import Store
from grader.batch.terms import Terms, pack_digest
from grader.batch.unit import Settings, demand_agreement, error_report
from grader.errors import InternalError, IsolationError, UsageError
from grader.manifest import load_pack
from grader.reports.json_report import as_dict
from grader.session import Grader
from grader.submission import Submission, submission_of_texts, unpacked

TERMS = Terms("mini", "d1g35t", 0, 20.0, ("jax 0.10",))
NOBODY = Learner()
SETTINGS = Settings(None, TERMS, "FILTERED")


@dataclass
class Found:
    """A submission that was found."""

    name: str
    text: str
    source: str = "somewhere"
    learner: Learner = NOBODY

    @property
    def submission(self) -> Submission:
        return submission_of_texts(self.name, {"ch01_sums": self.text})


class Lost(Exception):
    """How this pool's futures fail whose process has ended."""


class HerePool:
    """Grades in this process: the report's score is the length of the text; some texts have other effects."""

    width = 2

    def __init__(self):
        self.graded = []

    def submit(self, call, packed, settings):
        future = Future()
        text = unpacked(packed, "x").texts["ch01_sums"][1]
        self.graded.append(text)
        errors = {
            "kills": Lost(),
            "kills once": Lost() if self.graded.count(text) == 1 else None,
            "breaks": InternalError("The grader is broken."),
            "is refused": IsolationError("Isolation FULL is required."),
        }
        if errors.get(text):
            future.set_exception(errors[text])
        else:
            future.set_result(report(float(len(text))))
        return future

    def lost(self, error):
        return isinstance(error, Lost)

    def waits_for(self):
        return ""

    def close(self):
        pass


class EmptyPool(HerePool):
    """Grades once it has been asked three times what it waits for."""

    def __init__(self):
        super().__init__()
        self.asked, self.held = 0, []

    def submit(self, call, packed, settings):
        self.held.append((Future(), super().submit(call, packed, settings)))
        return self.held[-1][0]

    def waits_for(self):
        self.asked += 1
        if self.asked == 3:
            for outer, inner in self.held:
                outer.set_result(inner.result())
        return "There is no node."


class Heard(run.Progress):
    """What a batch has said."""

    def __init__(self):
        self.lines = []

    def known(self, name, graded):
        self.lines.append(("known", name, graded.score))

    def graded(self, name, graded):
        self.lines.append(("graded", name, graded.score))

    def waiting(self, why):
        self.lines.append(("waiting", why))


@pytest.fixture
def batch(pack, tmp_path):
    """`batch(*found, again=False)`: (what was graded, what was said, scores by name) of a batch."""

    def batch(*found, again=False, settings=SETTINGS):
        pool, heard = HerePool(), Heard()
        with Store.create(tmp_path / "out") as store:
            run.Batch(pack, store, pool, settings, again, heard).run(found)
            scores = {e.name: e.graded.score for e in store.entries() if e.graded}
        return pool.graded, heard.lines, scores

    return batch


def test_everything_is_graded_once(batch, tmp_path):
    graded, said, scores = batch(Found("ada", "a"), Found("bob", "bb"))
    assert sorted(graded) == ["a", "bb"]
    assert sorted(said) == [("graded", "ada", 1.0), ("graded", "bob", 2.0)]
    assert scores == {"ada": 1.0, "bob": 2.0}
    written = json.loads((tmp_path / "out/reports/bob.json").read_text())
    assert (written["submission"], written["score"]) == ("bob", 2.0)


def test_what_is_done_is_not_done_again(batch):
    batch(Found("ada", "a"), Found("bob", "bb"))
    graded, said, _ = batch(Found("ada", "a"), Found("bob", "bb"), Found("eve", "eee"))
    assert graded == ["eee"]
    assert said == [("known", "ada", 1.0), ("known", "bob", 2.0), ("graded", "eve", 3.0)]


def test_that_nothing_goes_on_is_said_once(pack, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "_QUIET_SECONDS", 0.01)
    pool, heard = EmptyPool(), Heard()
    with Store.create(tmp_path / "out") as store:
        run.Batch(pack, store, pool, SETTINGS, progress=heard).run([Found("ada", "a")])
    assert heard.lines == [("waiting", "There is no node."), ("graded", "ada", 1.0)]
    assert pool.asked == 3


def test_unless_it_is_asked_for(batch):
    found = Found("ada", "a"), Found("bob", "bb"), Found("twin", "a")
    batch(*found)
    graded, _, scores = batch(*found, again=True)
    assert sorted(graded) == ["a", "bb"]
    assert scores == {"ada": 1.0, "bob": 2.0, "twin": 1.0}


def test_what_has_changed_is_graded_and_its_old_report_is_gone(batch, tmp_path):
    batch(Found("ada", "a"))
    graded, _, scores = batch(Found("ada", "changed"))
    assert graded == ["changed"]
    assert scores == {"ada": 7.0}
    assert json.loads((tmp_path / "out/reports/ada.json").read_text())["score"] == 7.0


def test_what_is_changed_back_has_its_first_report(batch, tmp_path):
    batch(Found("ada", "a"))
    batch(Found("ada", "changed"))
    graded, _, scores = batch(Found("ada", "a"))
    assert (graded, scores) == ([], {"ada": 1.0})
    assert json.loads((tmp_path / "out/reports/ada.json").read_text())["score"] == 1.0


def test_other_terms_grade_everything(batch, tmp_path):
    batch(Found("ada", "a"), Found("bob", "bb"))
    other = Settings(None, Terms("mini", "d1g35t", 1, 20.0, ("jax 0.10",)), "FILTERED")
    graded, _, scores = batch(Found("ada", "a"), settings=other)
    assert (graded, scores) == (["a"], {"ada": 1.0})
    assert not (tmp_path / "out/reports/bob.json").exists()  # it is a report under other terms


def test_another_pack_is_refused_and_costs_no_report(batch, tmp_path):
    batch(Found("ada", "a"))
    other = Settings(None, Terms("other", "d1g35t", 0, 20.0, ("jax 0.10",)), "FILTERED")
    with pytest.raises(UsageError, match="a folder of its own"):
        batch(Found("ada", "a"), settings=other)
    assert (tmp_path / "out/reports/ada.json").exists()


def test_identical_submissions_are_graded_once(batch, tmp_path):
    found = [Found(f"n{number}", "same") for number in range(5)]
    graded, said, scores = batch(*found)
    assert graded == ["same"]
    assert len(said) == len(scores) == 5
    assert len(list((tmp_path / "out/reports").iterdir())) == 5


def test_a_report_that_was_deleted_is_written_again(batch, tmp_path):
    batch(Found("ada", "a"))
    (tmp_path / "out/reports/ada.json").unlink()
    batch(Found("ada", "a"))
    assert json.loads((tmp_path / "out/reports/ada.json").read_text())["score"] == 1.0


def test_what_loses_its_process_is_tried_twice(batch):
    graded, _, scores = batch(Found("eve", "kills"), Found("ada", "a"), Found("bob", "kills once"))
    assert graded.count("kills") == 2
    assert graded.count("kills once") == 2
    assert scores == {"ada": 1.0, "bob": 10.0, "eve": 0.0}


def test_errors_of_the_grader_are_verdicts_and_tried_again_next_time(batch, tmp_path):
    batch(Found("eve", "breaks"), Found("ada", "a"))
    data = json.loads((tmp_path / "out/reports/eve.json").read_text())
    assert {e["status"] for e in data["exercises"]} == {"error"}
    assert data["exercises"][0]["checks"][0]["rationale"] == "The grader is broken."
    graded, _, _ = batch(Found("eve", "breaks"), Found("ada", "a"))
    assert graded == ["breaks"]


def test_a_refusal_ends_the_batch(batch):
    with pytest.raises(IsolationError):
        batch(Found("eve", "is refused"), Found("ada", "a"))


def test_an_error_report_has_all_exercises(pack):
    data = error_report(pack, "It has ended.")
    assert [e["id"] for e in data["exercises"]] == [e.id for e in pack.exercises]
    assert data["score"] == 0


# Terms.


def test_a_pack_has_another_digest_when_a_check_changes(mini):
    before = pack_digest(load_pack(mini))
    (mini / "exercises/ch01_sums.py").write_text("# a learner's own business\n")
    assert pack_digest(load_pack(mini)) == before
    for changed in ("exercises/checks/test_ch01_sums.py", "solutions/ch01_sums.py"):
        with open(mini / changed, "a") as file:
            file.write("\n# changed\n")
        assert pack_digest(load_pack(mini)) != before
        before = pack_digest(load_pack(mini))


def test_disagreement_is_named():
    other = Terms("mini", "other", 0, 20.0, ("jax 0.11", "numpy 2"))
    demand_agreement(TERMS, TERMS)
    with pytest.raises(UsageError, match=r"digest.*d1g35t.*other.*jax: 0\.10.*0\.11.*numpy: none"):
        demand_agreement(TERMS, other)


# Processes.


@pytest.fixture
def pool():
    with LocalPool(2) as pool:
        yield pool


def test_a_lost_process_is_replaced(pool):
    assert pool.submit(abs, -1).result(60) == 1
    error = pool.submit(os._exit, 3).exception(60)
    assert pool.lost(error)
    assert [pool.submit(abs, -n).result(60) for n in range(3)] == [0, 1, 2]
    assert not pool.lost(ValueError())


def test_processes_end_with_the_pool():
    with LocalPool(2) as pool:
        pids = [pool.submit(os.getpid).result(60) for _ in range(2)]
        pool.submit(time.sleep, 600)
    assert gone(pids, 20)


# The command.

RIGHT_TOTAL = "def total(x):\n    return x.sum()\n"
HANGS = "while True:\n    pass\n"


@pytest.fixture(scope="module")
def classroom(tmp_path_factory, pack):
    """A folder of submissions to the miniature pack."""
    folder = tmp_path_factory.mktemp("class")
    shutil.copytree(pack.solutions_dir, folder / "ada")
    shutil.copytree(pack.exercises_dir, folder / "bob", ignore=shutil.ignore_patterns("checks"))
    for name, text in {"eve": "import os\nos._exit(1)\n", "joe": RIGHT_TOTAL}.items():
        (folder / name).mkdir()
        (folder / name / "ch01_sums.py").write_text(text)
    shutil.make_archive(str(folder / "zoe"), "zip", pack.solutions_dir)
    (folder / "broken.zip").write_bytes(b"no archive")
    return folder


def verdicts(data):
    return [
        (e["id"], e["status"], e["score"], [(c["name"], c["rationale"]) for c in e["checks"]])
        for e in data["exercises"]
    ]


@pytest.fixture(scope="module")
def graded(classroom, cli, pack, tmp_path_factory):
    """The folder of a batch over the classroom."""
    out = tmp_path_factory.mktemp("graded") / "out"
    done = cli("batch", classroom, "--out", out, "--pack", pack.root, cwd=out.parent, code=0)
    return out, done


def test_a_batch_grades_the_class(graded, pack):
    out, done = graded
    with Store.open(out) as store:
        scores = {entry.name: entry.graded.score for entry in store.entries()}
    most = sum(exercise.points for exercise in pack.exercises)
    assert scores == {
        **{"ada": most, "zoe": most, "bob": 0, "eve": 0, "broken": 0, "joe": 1},
    }
    assert "6 submissions have a verdict, 6 of them from now" in done.stdout
    assert "ada" in done.stderr


def test_every_verdict_is_that_of_grading_alone(graded, classroom, pack, launcher):
    out, _ = graded
    grader = Grader(pack, strangers=True, launcher=launcher)
    for found in find_class(classroom, pack).found:
        alone = as_dict(grader.grade(found.submission, pack.exercises))
        batch = json.loads((out / "reports" / f"{found.name}.json").read_text())
        assert verdicts(batch) == verdicts(alone), found.name


def test_a_second_batch_has_nothing_to_do(graded, classroom, cli, pack):
    out, _ = graded
    done = cli("batch", classroom, "--out", out, "--pack", pack.root, cwd=out.parent, code=0)
    assert "6 submissions have a verdict, 0 of them from now" in done.stdout


def test_two_batches_on_one_folder(graded, classroom, cli, pack):
    out, _ = graded
    with FileLock(out / LOCK):
        done = cli("batch", classroom, "--out", out, "--pack", pack.root, cwd=out.parent, code=2)
    assert "Another batch is filling" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("where", ["missing", "file"])
def test_no_class(where, cli, tmp_path):
    (tmp_path / "file").write_text("")
    done = cli("batch", where, "--out", "out", cwd=tmp_path, code=2)
    assert where in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_kills_lose_and_double_nothing(classroom, graded, pack, tmp_path, environment):
    """SIGKILL at random moments; then the batch is finished, and equals one that was left in peace."""
    command = [sys.executable, "-m", "grader", "batch", classroom, "--out", tmp_path / "out"]
    command += ["--pack", pack.root]
    rng = random.Random(7)
    for _ in range(4):
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as batch:
            time.sleep(rng.uniform(0.5, 6))
            family = descendants(batch.pid)
            batch.send_signal(signal.SIGKILL)
            batch.wait()
        assert gone(family, 20)
        if (tmp_path / "out" / "results.sqlite").exists():
            with Store.open(tmp_path / "out") as store:
                store.entries()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    out, _ = graded
    names = sorted(path.name for path in (out / "reports").iterdir())
    assert sorted(path.name for path in (tmp_path / "out" / "reports").iterdir()) == names
    for name in names:
        one, other = (
            json.loads((folder / "reports" / name).read_text())
            for folder in (out, tmp_path / "out")
        )
        assert verdicts(one) == verdicts(other)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_an_interrupt_keeps_what_is_there(classroom, pack, tmp_path, environment):
    folder = tmp_path / "class"
    shutil.copytree(classroom, folder)
    (folder / "zzz").mkdir()
    (folder / "zzz" / "ch01_sums.py").write_text(HANGS)
    command = [sys.executable, "-m", "grader", "batch", folder, "--out", tmp_path / "out"]
    command += ["--pack", pack.root, "--timeout", "600", "--jobs", "1"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as batch:
        try:
            for line in batch.stderr:
                if "joe" in line:  # what follows is known, or never ends
                    break
            time.sleep(3)
            batch.send_signal(signal.SIGINT)
            out, _ = batch.communicate(timeout=60)
        finally:
            batch.kill()
    assert batch.returncode == 1
    assert "6 submissions have a verdict" in out


def test_a_bug_of_the_grader_costs_one_submission_its_verdict(pack, monkeypatch):
    class Broken:
        def __init__(self):
            self.pack = pack

        def grade(self, submission, exercises):
            raise RecursionError("too deep")

    monkeypatch.setattr(unit, "_grader", lambda settings: Broken())
    packed = submission_of_texts("one", {}).packed()
    with pytest.raises(InternalError, match=r"failed \(RecursionError: too deep\); this is a bug"):
        unit.grade_unit(packed, SETTINGS)
