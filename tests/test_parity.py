"""The showdown: the trainings, where they part, what is shown and written, and how it ends early."""

import importlib.util
import io
import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.testing import CliRunner
from family import children, descendants, gone
from rich.console import Console

from grader import cli as command_line
from grader.errors import InternalError, UsageError
from grader.manifest import load_pack
from grader.mnist import files
from grader.parity import plots, report, showdown
from grader.parity.record import Epoch, Losses, Parity, Settings, Source, relative_difference

KIT = Path(__file__).parents[1]
SOLUTIONS = KIT / "solutions"
LOSS_STEPS = 25
FULL_SET = os.environ.get("JAX_WORKSHOP_MNIST")
needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="torch is not installed"
)
needs_proc = pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="looks into /proc")


def canned(**changes):
    """A showdown as it might have gone."""
    values = {
        "source": Source("mnist-subset", 10_000, 2_000),
        "description": "Data: a test",
        "settings": Settings((784, 512, 512, 10), 128, 1e-4, 2, 3, 0),
        "devices": {"jax": "cpu:0", "torch": "cpu"},
        "versions": {"jax": "0.10.2", "torch": "2.14"},
        "preparation_s": {"jax_loop": 0.25, "jax_scan": 0.5, "torch": 0.125},
        "epochs": [
            Epoch(0, 1.5, 1.25, 3.0, 0.75, 0.5, 0.8125, 0.625),
            Epoch(1, 2.5, 1.75, 5.0, 0.875, 0.75, 0.875, 0.75),
        ],
        "losses": {
            "float32": Losses((320.0, 200.0, 100.0), (320.0, 200.001, 101.0)),
            "float64": Losses((320.0, 200.0, 100.0), (320.0, 200.0, 100.0)),
        },
    }
    return Parity(**(values | changes))


def parted(jax=320.0, torch=320.0):
    """Losses of float64 that begin so, and differ afterwards."""
    return {"float64": Losses((jax, 2.0), (torch, 2.5))}


# Where two trainings part.


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (2.0, 1.0, 0.5),
        (1.0, -1.0, 2.0),
        (0.0, 0.0, 0.0),
        (0.0, 1e-30, 1.0),
        (float("nan"), 1.0, float("inf")),
        (float("inf"), float("inf"), float("inf")),
    ],
)
def test_the_relative_difference(a, b, expected):
    assert relative_difference(a, b) == relative_difference(b, a) == expected


@pytest.mark.parametrize(
    ("torch", "step"),
    [
        ((1.0, 1.0, 1.0), None),
        ((1.0, 1.0, 1.00009), None),
        ((1.0, 1.0, 1.0002), 2),
        ((1.0002, 1.0, 1.0002), 0),
        ((1.0, float("nan"), 1.0), 1),
    ],
)
def test_trainings_part_where_they_first_differ_by_more_than_the_threshold(torch, step):
    assert Losses((1.0, 1.0, 1.0), torch).parted_at_step == step


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"interrupted": True}, False),
        ({"losses": {}}, False),
        ({"losses": canned().losses | parted()}, False),
        (
            {"losses": canned().losses | {"float32": Losses((320.0, 2.0), (320.001, 2.0))}},
            False,
        ),
    ],
)
def test_parity_is_the_same_start_and_no_parting_in_float64(changes, expected):
    assert canned(**changes).in_parity is expected


# The trainings themselves, with few steps.


@pytest.fixture(scope="module")
def short():
    """A short showdown on the subset, and what was told meanwhile."""
    pytest.importorskip("torch", reason="the showdown needs torch")
    told = []
    result = showdown.hold(SOLUTIONS, None, 2, lambda *news: told.append(news), LOSS_STEPS)
    return result, told


def test_every_epoch_of_every_training_is_timed_and_tested(short):
    result, _ = short
    assert [epoch.epoch for epoch in result.epochs] == [0, 1]
    for epoch in result.epochs:
        assert all(0 < epoch.seconds(name) < 60 for name in ("jax_loop", "jax_scan", "torch"))
        # Both have seen the same batches; float32 rounding alone lets them differ.
        assert abs(epoch.jax_test_accuracy - epoch.torch_test_accuracy) < 0.1
        assert abs(epoch.jax_train_accuracy - epoch.torch_train_accuracy) < 0.1
    last = result.epochs[-1]
    assert min(last.jax_test_accuracy, last.torch_test_accuracy) > 0.85
    assert set(result.preparation_s) == {"jax_loop", "jax_scan", "torch"}


def test_both_start_from_the_same_loss_and_stay_together_in_float64(short):
    result, _ = short
    single, double = result.losses["float32"], result.losses["float64"]
    assert len(single.jax) == len(double.torch) == LOSS_STEPS
    assert single.differences[0] <= 1e-6
    assert max(double.differences) < 1e-9
    assert single.jax[-1] < single.jax[0] / 2
    assert double.jax[0] == pytest.approx(single.jax[0], rel=1e-5)  # the same parameters
    assert result.in_parity


def test_the_record_says_what_was_done(short):
    result, _ = short
    assert result.source == Source("mnist-subset", 10_000, 2_000)
    assert result.settings == Settings((784, 512, 512, 10), 128, 1e-4, 2, LOSS_STEPS, 0)
    assert result.devices["jax"].partition(":")[0] in ("cpu", "cuda")
    assert result.devices["torch"] in ("cpu", "cuda")
    assert "MNIST subset" in result.description


def test_the_observer_hears_what_is_running(short):
    _, told = short
    whats = [what for what, _, _ in told]
    assert "starting the process for float32" in whats
    for number in (0, 1):
        for name in ("JAX loop", "JAX scan", "PyTorch", "accuracies"):
            assert f"epoch {number}: {name}" in whats
    assert "losses in float64: PyTorch" in whats
    assert all(0 <= done <= total for _, done, total in told)


@needs_torch
@pytest.mark.skipif(FULL_SET is None, reason="JAX_WORKSHOP_MNIST names no folder")
def test_the_slides_settings_reach_the_slides_accuracy_on_the_full_set():
    result = showdown.hold(SOLUTIONS, Path(FULL_SET), 8, lambda *_: None)
    last = result.epochs[-1]
    assert min(last.jax_test_accuracy, last.torch_test_accuracy) >= 0.98
    assert result.losses["float32"].differences[0] <= 1e-6
    assert result.in_parity


@pytest.mark.parametrize("line", ["import no_such_package", "import os; os._exit(7)"])
def test_a_process_that_fails_is_the_graders_fault(tmp_path, line):
    for name in ("ch10_mnist_jax.py", "ch11_mnist_torch.py"):
        (tmp_path / name).write_text(f"{line}\n")
    with pytest.raises(InternalError, match=r"no_such_package|ended with 7"):
        showdown.hold(tmp_path, None, 1, lambda *_: None)


# What is written.


def test_parity_json_follows_its_schema():
    data = json.loads(json.dumps(report.as_dict(canned()), allow_nan=False))
    assert data["schema_version"] == 1
    assert data["data"] == {"name": "mnist-subset", "train": 10_000, "test": 2_000}
    assert data["settings"] == {
        "layer_sizes": [784, 512, 512, 10],
        "batch_size": 128,
        "step_size": 1e-4,
        "epochs": 2,
        "loss_steps": 3,
        "seed": 0,
    }
    assert data["devices"] == {"jax": "cpu:0", "torch": "cpu"}
    assert data["epochs"][0] == {
        "epoch": 0,
        "jax_loop_s": 1.5,
        "jax_scan_s": 1.25,
        "torch_s": 3.0,
        "jax_train_accuracy": 0.75,
        "jax_test_accuracy": 0.5,
        "torch_train_accuracy": 0.8125,
        "torch_test_accuracy": 0.625,
    }
    assert data["losses"]["float32"] == {
        "jax": [320.0, 200.0, 100.0],
        "torch": [320.0, 200.001, 101.0],
        "parted_at_step": 2,
    }
    assert data["losses"]["float64"]["parted_at_step"] is None
    assert data["preparation_s"] == {"jax_loop": 0.25, "jax_scan": 0.5, "torch": 0.125}
    others = {"versions", "interrupted", "preparation_s"}  # beyond the contract
    contract = {"schema_version", "data", "settings", "devices", "epochs", "losses"}
    assert set(data) == contract | others


def test_a_loss_that_is_not_finite_is_null():
    losses = {"float32": Losses((1.0, float("inf")), (1.0, float("nan")))}
    data = json.dumps(report.as_dict(canned(losses=losses)), allow_nan=False)
    assert json.loads(data)["losses"]["float32"]["torch"] == [1.0, None]


def test_the_plots_are_svg_and_the_same_each_time(short):
    for result in (canned(), short[0]):
        drawn = plots.draw(result)
        assert set(drawn) == {"times.svg", "losses.svg", "differences.svg"}
        for text in drawn.values():
            assert ET.fromstring(text).tag.endswith("svg")
        assert plots.draw(result) == drawn


def test_only_what_was_measured_is_drawn():
    assert plots.draw(canned(epochs=[], losses={})) == {}
    assert set(plots.draw(canned(losses={}))) == {"times.svg"}
    one = {"float32": canned().losses["float32"]}
    assert set(plots.draw(canned(losses=one, epochs=[]))) == {"losses.svg", "differences.svg"}


def test_a_folder_is_made_and_goes_again_if_nothing_was_put_there(tmp_path):
    with report.folder(tmp_path / "a" / "b"):
        assert (tmp_path / "a" / "b").is_dir()
    assert not (tmp_path / "a" / "b").exists()
    with report.folder(tmp_path / "c"):
        (tmp_path / "c" / "file").write_text("")
    with report.folder(tmp_path / "a"):
        pass
    assert sorted(os.listdir(tmp_path)) == ["a", "c"]


@pytest.mark.parametrize("place", ["file", "file/below", "link", "/proc/nowhere"])
def test_a_folder_that_cannot_be_written_is_a_wrong_request(tmp_path, place):
    (tmp_path / "file").write_text("kept")
    (tmp_path / "link").symlink_to(tmp_path / "nothing" / "there")
    with pytest.raises(UsageError, match="cannot be written to"), report.folder(tmp_path / place):
        raise AssertionError("not reached")
    assert (tmp_path / "file").read_text() == "kept"


# What is shown.


def shown(result):
    buffer = io.StringIO()
    report.print_parity(Console(file=buffer, width=100, soft_wrap=True, highlight=False), result)
    return buffer.getvalue()


def test_the_table_shows_times_accuracies_and_where_the_losses_part():
    text = shown(canned())
    for part in (
        "Data: a test",
        "JAX 0.10.2 on cpu:0, PyTorch 2.14 on cpu",
        "784-512-512-10, batches of 128, step size 0.0001",
        "Median epoch: JAX loop 2.000 s, JAX scan 1.500 s, PyTorch 4.000 s.",
        "JAX takes 0.50 (loop) and 0.38 (scan) of PyTorch's time.",
        "the loop's update 0.25 s and of the scan 0.50 s; PyTorch's first step 0.12 s",
        "part at step 2 (beyond 0.0001)",
        "together over all 3 steps",
        "In parity",
    ):
        assert part in text
    assert "0 1.500 1.250 3.000 75.00% 81.25% 50.00% 62.50%" in " ".join(text.split())


def test_what_differs_in_float64_is_not_in_parity():
    assert "Not in parity" in shown(canned(losses=canned().losses | parted()))


def test_an_interrupted_showdown_shows_what_there_is():
    text = shown(canned(losses={}, interrupted=True))
    assert "75.00%" in text
    assert "Interrupted" in text
    assert "arity:" not in text
    assert "Interrupted" in shown(Parity(interrupted=True))


# The command.


@pytest.fixture
def command(monkeypatch):
    """`command(result, *arguments)`: the command's exit code and output, after a canned showdown."""

    def command(result, *arguments):
        monkeypatch.setattr(showdown, "check_pack", lambda pack: None)
        monkeypatch.setattr(showdown, "hold", lambda *_: result)
        done = CliRunner().invoke(command_line.main, ["parity", "--pack", str(KIT), *arguments])
        return done.exit_code, done.output

    return command


def test_files_are_written_only_where_they_are_asked_for(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert command(canned())[0] == 0
    assert os.listdir(tmp_path) == []
    code, output = command(canned(), "--out", "new/parity")
    assert code == 0
    names = ["differences.svg", "losses.svg", "parity.json", "times.svg"]
    assert sorted(os.listdir("new/parity")) == names
    assert all(f"wrote {Path('new/parity', name)}" in output for name in names)
    assert json.loads(Path("new/parity/parity.json").read_text())["epochs"][1]["epoch"] == 1


def test_the_exit_code_says_whether_there_is_parity(command, tmp_path):
    assert command(canned(losses=parted()))[0] == 1
    out = tmp_path / "out"
    assert command(canned(interrupted=True, losses={}), "--out", str(out))[0] == 1
    assert json.loads((out / "parity.json").read_text())["interrupted"] is True


@pytest.mark.parametrize("epochs", ["0", "-1", "many", "1.5"])
def test_epochs_must_be_a_number_from_1(cli, epochs):
    done = cli("parity", "--epochs", epochs, cwd=KIT, code=2)
    assert "--epochs" in done.stderr
    assert "Traceback" not in done.stderr


def damaged(folder, how):
    """A folder with MNIST files that are wrong in some way; the words that the message must hold."""
    images = files.FILES[0]
    expected = [str(images.packed.size).replace("9912422", "9,912,422"), images.packed.md5]
    if how == "missing":
        return [f"{images.name}.gz is missing", *expected]
    path = folder / f"{images.name}.gz"
    path.write_bytes(b"\x1f\x8b\x08" + b"\0" * 100 if how == "truncated" else b"no archive")
    return [str(path), "damaged", *expected]


@needs_torch
@pytest.mark.parametrize("how", ["missing", "truncated", "wrong"])
def test_wrong_data_is_named_with_what_it_should_be(cli, tmp_path, how):
    words = damaged(tmp_path, how)
    done = cli("parity", "--data", tmp_path, "--out", tmp_path / "out", cwd=KIT, code=2)
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


@needs_torch
def test_data_that_is_no_folder_is_a_wrong_request(cli, tmp_path):
    done = cli("parity", "--data", tmp_path / "nowhere", cwd=KIT, code=2)
    assert f"{tmp_path / 'nowhere'} is not a folder" in done.stderr


@needs_torch
def test_out_is_looked_at_before_anything_runs(cli, tmp_path):
    (tmp_path / "file").write_text("kept")
    done = cli("parity", "--out", tmp_path / "file", cwd=KIT, code=2)
    assert "cannot be written to" in done.stderr
    assert (tmp_path / "file").read_text() == "kept"


def test_without_torch_the_message_says_how_to_get_it(run):
    code = (
        "import importlib.util as util\n"
        "find = util.find_spec\n"
        "util.find_spec = lambda name, *rest: None if name == 'torch' else find(name, *rest)\n"
        "from grader.cli import main\n"
        "main(['parity'])\n"
    )
    done = run("-c", code, cwd=KIT, code=2)
    assert (
        "parity needs torch, which this Python does not have. Install it: python -m pip"
        in done.stderr
    )
    assert '".[torch]"' in done.stderr


def test_a_pack_without_the_networks_is_refused(mini):
    with pytest.raises(UsageError, match=r"the pack mini\w* has no ch10_mnist_jax"):
        showdown.check_pack(load_pack(mini))


# Ending early.


@needs_torch
@needs_proc
def test_an_interrupt_keeps_what_there_is_and_ends_the_process():
    seen = []

    def observer(what, done, total):
        seen.extend(children(os.getpid()))
        if what == "epoch 1: JAX loop":
            raise KeyboardInterrupt

    before = set(children(os.getpid()))
    result = showdown.hold(SOLUTIONS, None, 3, observer, layer_sizes=(784, 16, 10))
    assert result.interrupted
    assert [epoch.epoch for epoch in result.epochs] == [0]
    assert result.losses == {}
    started = set(seen) - before
    assert started
    assert all(gone(pid) for pid in started)


@pytest.fixture
def running(tmp_path, environment):
    """The command on its way, and the process in which it trains."""
    pytest.importorskip("torch", reason="the showdown needs torch")
    (tmp_path / "scratch").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "grader", "parity", "--epochs", "1000", "--out", tmp_path / "out"],
        cwd=KIT,
        env=environment | {"TMPDIR": str(tmp_path / "scratch")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    end = time.monotonic() + 60
    while not (found := descendants(process.pid)) and time.monotonic() < end:
        time.sleep(0.05)
    time.sleep(1)  # until the process reads its job
    yield process, found[0]
    process.kill()
    process.communicate()


@needs_proc
def test_ctrl_c_ends_the_command_without_a_traceback(running, tmp_path):
    process, child = running
    os.killpg(process.pid, signal.SIGINT)  # what a terminal does
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Interrupted" in out
    assert "Traceback" not in out + err
    assert gone(child)
    assert os.listdir(tmp_path / "scratch") == []


@needs_proc
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux ends children")
def test_nothing_trains_on_when_the_command_is_killed(running):
    process, child = running
    process.kill()
    assert gone(child)
