"""Workers, forked and spawned: whatever the code does, the grader gets an outcome in time."""

import os
import resource
import signal
import struct
import sys
import time

import cloudpickle
import msgpack
import numpy as np
import pytest
from family import descendants, gone

from grader.worker import host
from grader.worker.boot import clean_environment
from grader.worker.host import Worker
from grader.worker.launcher import Launcher
from grader.worker.places import find_places
from grader.worker.processes import SpawnedProcess, describe_exit
from grader.worlds import Call

cloudpickle.register_pickle_by_value(sys.modules[__name__])

PATIENCE = 120.0  # seconds; no test waits for it
CHAPTER = """\
import os, signal, sys, time

def double(x):
    return 2 * x

def fails():
    raise ValueError("no such thing")

def exits():
    sys.exit(3)

def leaves():
    os._exit(0)

def aborts():
    os.abort()

def stops():
    signal.raise_signal(signal.SIGSTOP)

def hangs():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        pass

def prints(size):
    line = "x" * 1023 + "\\n"
    for _ in range(size // 1024):
        sys.stdout.write(line)
    return size

def says(text):
    print(text, end="")
    print(text.upper(), end="", file=sys.stderr)
    os.write(1, b"raw")

def closes():
    sys.stdout.close()
    sys.stderr.close()
    os.close(1)
    os.close(2)
    return 5

def forks():
    pid = os.fork()
    if not pid:
        time.sleep(1000)
    return pid

def nonce():
    frame = sys._getframe()
    while frame.f_code.co_name != "serve":
        frame = frame.f_back
    return frame.f_locals["nonce"]

def writes(data, put_nonce=False):
    os.write(4, data.replace(b"N" * 16, nonce()) if put_nonce else data)
    return 7

def drips():
    os.write(4, (1000).to_bytes(4, "big") + (10).to_bytes(4, "big"))
    while True:
        os.write(4, b".")
        time.sleep(0.05)

def mute():
    os.close(4)
    time.sleep(1000)

def breaks_off():
    os.write(4, (1000).to_bytes(4, "big") + (10).to_bytes(4, "big") + b"half a frame")
    os._exit(0)

def floods(frame):
    while True:
        os.write(4, frame)

def talks_later(frame):
    import threading
    threading.Timer(0.3, lambda: os.write(4, frame * 10)).start()
    return 7

def ring():
    ring = []
    ring.append(ring)
    return ring

class Liar:
    _fields = dtype = shape = property(lambda self: sys.exit(1))
    def __repr__(self):
        raise MemoryError

def liar():
    return Liar()

class Wordless(Exception):
    __name__ = __module__ = property(lambda self: 1 / 0)
    def __str__(self):
        raise SystemExit

def raises_wordless():
    raise Wordless

def raises_odd_syntax():
    error = SyntaxError("x", (__file__, 1, 1, "x"))
    error.lineno, error.text = "one", 5
    raise error

def reply_fd():
    frame = sys._getframe()
    while frame.f_code.co_name != "serve":
        frame = frame.f_back
    return frame.f_locals["reply_fd"]

def says_done_at_once(x, seconds):
    fd, word, write = reply_fd(), nonce(), os.write
    import msgpack
    head = msgpack.packb({"nonce": word, "kind": "done", "buffers": []})
    write(fd, len(head).to_bytes(4, "big") * 2 + head)
    def silent(fd, data):
        if b"done" in bytes(data):
            os.write = write
            return len(data)
        return write(fd, data)
    os.write = silent
    time.sleep(seconds)
    return x
"""


def load(worker, text=CHAPTER, timeout=PATIENCE):
    request = {
        "chapter": "ch01",
        "texts": {"ch01": ["/somewhere/ch01.py", text]},
        "stand_ins": [],
        "stand_in_code": b"",
        "devices": 1,
        "x64": False,
        "optimised": False,
    }
    return worker.load(request, timeout)


def ask(worker, probe, *args, timeout=PATIENCE):
    """The outcome of a probe."""
    call = Call(cloudpickle.dumps(probe), cloudpickle.dumps(args))
    return worker.start(call.request, timeout).result()


@pytest.fixture(scope="module", params=["forked", "spawned"])
def start(request, launcher):
    """Starts a worker process of one kind."""
    if request.param == "forked":
        if not launcher._zygotes[()].forks:
            pytest.skip("this platform has no zygotes")
        return launcher.start
    return lambda: Worker(SpawnedProcess((), find_places([])))


@pytest.fixture(scope="module")
def shared(start):
    """A worker with the chapter loaded, for tests that leave it alive."""
    worker = start()
    assert load(worker).kind == "value"
    yield worker
    worker.stop()


@pytest.fixture
def worker(start):
    """A worker with the chapter loaded, for a test that ends it."""
    worker = start()
    assert load(worker).kind == "value"
    yield worker
    worker.stop()


@pytest.fixture
def forked(launcher):
    """The same in a forked process, whose replies leave by descriptor 4."""
    if not launcher._zygotes[()].forks:
        pytest.skip("this platform has no zygotes")
    worker = launcher.start()
    assert load(worker).kind == "value"
    yield worker
    worker.stop()


# What leaves the worker alive.


def test_a_value_comes_back(shared):
    outcome = ask(shared, lambda m, x: m.double(x), np.float32([1, 2]))
    assert outcome.kind == "value"
    assert outcome.value.library == "jax"
    assert outcome.value.values.tolist() == [2, 4]
    assert outcome.changed == ""


def test_an_exception_comes_back_with_the_learners_lines(shared):
    outcome = ask(shared, lambda m: m.fails())
    assert outcome.kind == "raised"
    assert outcome.error.types == ("ValueError", "Exception", "BaseException")
    assert outcome.error.message == "no such thing"
    (frame,) = outcome.error.frames
    assert (frame.line, frame.function) == (7, "fails")
    assert frame.text == 'raise ValueError("no such thing")'


def test_sys_exit_is_an_exception_like_others(shared):
    outcome = ask(shared, lambda m: m.exits())
    assert outcome.error.types == ("SystemExit", "BaseException")
    assert shared.alive
    assert ask(shared, lambda m: m.double(3)).value == 6


def test_a_probe_compiled_as_one_program(shared):
    call = Call(cloudpickle.dumps(lambda m, x: m.double(x) + 1), cloudpickle.dumps((1.5,)), True)
    outcome = shared.start(call.request, PATIENCE).result()
    assert outcome.value.values == 4.0
    again = shared.start(call.request, PATIENCE).result()
    assert (outcome.compilations, again.compilations) == (1, 0)


@pytest.mark.parametrize(
    ("probe", "args"),
    [
        (lambda m, x: x.append(1), ([1, 2],)),
        (lambda m, x: x.reverse(), ([1, 2],)),
        (lambda m, x: x.update(b=2), ({"a": 1},)),
        (lambda m, x: x[0].delete(), ([np.float32([1])],)),
    ],
)
def test_an_argument_changed_in_place_is_reported(shared, probe, args):
    assert ask(shared, probe, *args).changed != ""


def test_what_is_printed_belongs_to_its_call(shared):
    for text in ("first", "second \u00fc\n", "", "third"):
        outcome = ask(shared, lambda m, text: m.says(text), text)
        assert sorted(outcome.printed.replace("raw", "")) == sorted(text + text.upper())
        assert outcome.printed.count("raw") == 1


def test_ten_megabytes_are_drained_and_cut(shared):
    for _ in range(8):  # together more than one call may print
        outcome = ask(shared, lambda m, n: m.prints(n), 10 * 2**20)
        assert (outcome.kind, outcome.value) == ("value", 10 * 2**20)
        kept, note = outcome.printed.rsplit("\n", 1)
        assert len(kept) <= host.KEEP_OUTPUT
        assert note == f"[{10 * 2**20 - host.KEEP_OUTPUT:,} more bytes were printed]"
    assert len(ask(shared, lambda m: m.says("next")).printed) == len("nextNEXTraw")


def test_a_timed_call_is_timed_here(shared):
    call = Call(cloudpickle.dumps(lambda m: __import__("time").sleep(0.2)), cloudpickle.dumps(()))
    outcome, clock = shared.timed(call.request, PATIENCE)
    assert outcome.kind == "value"
    assert clock.done >= 0.2
    assert 0 <= clock.late < 0.2
    failing = Call(cloudpickle.dumps(lambda m: m.fails()), cloudpickle.dumps(()))
    assert shared.timed(failing.request, PATIENCE)[0].kind == "raised"


@pytest.mark.parametrize("probe", [lambda m: m.ring(), lambda m: [0] * 10**5])
def test_a_value_without_bounds_costs_that_answer_alone(shared, probe):
    outcome = ask(shared, probe)
    assert outcome.kind == "crashed"
    assert "a value " in outcome.detail
    assert shared.alive
    assert ask(shared, lambda m: m.double(3)).value == 6


def test_objects_and_exceptions_that_lie_are_described(shared):
    assert ask(shared, lambda m: m.liar()).value.kind == "object"
    wordless = ask(shared, lambda m: m.raises_wordless())
    assert wordless.error.types[0] == "Wordless"
    assert ask(shared, lambda m: m.raises_odd_syntax()).error.type == "SyntaxError"
    assert shared.alive


def test_an_array_too_large_to_send_comes_back_as_its_shape(shared):
    got = ask(shared, lambda m: m.double(np.zeros((5000, 5000), np.float32))).value
    assert (got.kind, got.type_name) == ("array too large to send", "numpy float32[5000,5000]")
    assert ask(shared, lambda m: m.double(3)).value == 6


def test_an_answer_that_says_too_early_that_it_is_done_is_late(worker):
    forging = Call(
        cloudpickle.dumps(lambda m, x: m.says_done_at_once(x, 0.5)),
        cloudpickle.dumps((np.zeros(1000),)),
    )
    honest = Call(cloudpickle.dumps(lambda m, x: m.double(x)), forging.args)
    worker.timed(honest.request, PATIENCE)
    outcome, forged = worker.timed(forging.request, PATIENCE)
    _, plain = worker.timed(honest.request, PATIENCE)
    assert outcome.kind == "value"
    assert forged.done < 0.4
    assert forged.late >= 0.4 > plain.late
    assert forged.seconds(0.01) >= 0.49
    assert plain.seconds(1.0) == plain.done


# What ends it.


def test_a_file_that_raises_is_no_module(start):
    worker = start()
    outcome = load(worker, "x = 1\nraise KeyError('at import')\n")
    assert (outcome.kind, outcome.error.type, outcome.error.frames[0].line) == (
        "raised",
        "KeyError",
        2,
    )
    worker.stop()


@pytest.mark.parametrize(
    ("probe", "detail"),
    [
        (lambda m: m.leaves(), "exited with status 0"),
        (lambda m: m.aborts(), "SIGABRT"),
    ],
)
def test_a_process_that_ends_is_a_crash_with_its_reason(worker, probe, detail):
    outcome = ask(worker, probe)
    assert outcome.kind == "crashed"
    assert detail in outcome.detail
    assert not worker.alive


@pytest.mark.parametrize("probe", [lambda m: m.hangs(), lambda m: m.stops(), lambda m: m.drips()])
def test_one_deadline_ends_whatever_hangs(worker, probe):
    start = time.monotonic()
    outcome = ask(worker, probe, timeout=1.0)
    assert (outcome.kind, outcome.detail) == ("timed out", "no answer within 1 s")
    assert time.monotonic() - start < 30
    assert not worker.alive


def test_a_process_that_closes_its_pipe_is_over(forked):
    begin = time.monotonic()
    outcome = ask(forked, lambda m: m.mute())
    assert outcome.kind == "crashed"
    assert "its process" in outcome.detail
    assert time.monotonic() - begin < 30


def test_half_a_frame_is_none(forked):
    outcome = ask(forked, lambda m: m.breaks_off())
    assert (outcome.kind, outcome.detail) == ("crashed", "the stream ended inside a frame")


def test_frames_that_nobody_asked_for_wait_outside(forked):
    big = frame(VALUE | {"buffers": [50 * 2**20]}, bytes(50 * 2**20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    call = Call(cloudpickle.dumps(lambda m: m.floods(m.frame)), cloudpickle.dumps(()))
    ask(forked, lambda m, frame: setattr(m, "frame", frame), big)
    forked.start(call.request, PATIENCE)
    time.sleep(1.5)
    begin = time.monotonic()
    forked.stop()
    assert time.monotonic() - begin < 5
    assert not any(thread.is_alive() for thread in forked._threads)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 2**10  # KiB


def test_frames_sent_while_idle_cost_the_next_call(forked):
    assert ask(forked, lambda m, frame: m.talks_later(frame), frame(VALUE)).value == 7
    time.sleep(1.0)
    outcome = ask(forked, lambda m: m.double(2))
    assert (outcome.kind, "not asked" in outcome.detail) == ("crashed", True)


class Endless:
    """A process that sends frames without end, as fast as they are read; it counts them."""

    def __init__(self):
        self.data = frame(VALUE)
        self.sent = 0

    def write(self, data):
        pass

    def read_reply(self, count):
        self.sent += count > 8  # what follows a prefix
        part, self.data = self.data[:count], self.data[count:] + self.data[:count]
        return part

    def read_output(self, count):
        return b""

    def stop(self, kill):
        return "stopped"

    def close(self):
        pass


def test_one_frame_is_read_ahead_and_no_more():
    process = Endless()
    worker = Worker(process)
    time.sleep(0.3)
    assert process.sent == 1
    for count in (2, 3, 4):
        assert worker.receive(5)["kind"] == "value"
        time.sleep(0.1)
        assert process.sent == count
    begin = time.monotonic()
    assert worker.stop() == "stopped"
    assert time.monotonic() - begin < 1
    assert not any(thread.is_alive() for thread in worker._threads)


def test_a_file_that_hangs_while_it_is_loaded_is_ended(start):
    worker = start()
    ready = load(worker, "x = 1\n")  # a spawned process takes its time to come up
    assert ready.kind == "value"
    assert load(worker, "while True:\n    pass\n", timeout=1.0).kind == "timed out"


def test_a_process_that_does_not_read_blocks_nobody(worker):
    begin = time.monotonic()
    hanging = Call(cloudpickle.dumps(lambda m: m.hangs()), cloudpickle.dumps(()))
    worker.start(hanging.request, PATIENCE)
    outcome = ask(worker, lambda m, x: 1, np.zeros(3_000_000), timeout=1.0)
    assert outcome.kind == "timed out"
    assert time.monotonic() - begin < 30


def test_two_hundred_megabytes_are_too_many(worker):
    outcome = ask(worker, lambda m: m.prints(200 * 2**20))
    assert outcome.kind == "crashed"
    assert "printed more than 64 MiB" in outcome.detail
    assert len(outcome.printed) < host.KEEP_OUTPUT + 100


def test_closed_standard_streams_are_no_obstacle(worker):
    outcome = ask(worker, lambda m: m.closes())
    assert (outcome.kind, outcome.value) == ("value", 5)
    begin = time.monotonic()
    for _ in range(10):  # and nobody waits for what cannot be printed
        assert ask(worker, lambda m: m.double(2)).value == 4
    assert time.monotonic() - begin < 5


def frame(message, body=b""):
    head = msgpack.packb(message)
    return struct.pack(">II", len(head) + len(body), len(head)) + head + body


VALUE = {"kind": "value", "value": ["plain", 1], "nonce": b"N" * 16, "buffers": []}


@pytest.mark.parametrize(
    "data",
    [
        frame(VALUE),  # 16 letters are not the nonce
        frame({"kind": "value", "value": ["plain", 1], "buffers": []}),
        frame([1, 2]),
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x09\x00\x00\x00\x05\x80\x04\x95\x1e\x00\x00\x00\x00\x00",
    ],
    ids=["wrong nonce", "no nonce", "no dictionary", "4 GB", "pickle"],
)
def test_a_forged_reply_is_not_believed(worker, data):
    outcome = ask(worker, lambda m, data: m.writes(data), data)
    assert outcome.kind == "crashed"
    assert not worker.alive


@pytest.mark.parametrize(
    "part",
    [
        {"value": ["array", "jax", "float32", [1000], 0]},
        {"kind": "raised"},
        {"compilations": "many"},
        {"buffers": [5]},
    ],
    ids=lambda part: repr(part)[:40],
)
def test_a_reply_with_the_right_nonce_must_still_follow_the_protocol(launcher, part):
    worker = launcher.start()
    assert load(worker).kind == "value"
    outcome = ask(worker, lambda m, data: m.writes(data, True), frame(VALUE | part))
    assert outcome.kind == "crashed"
    worker.stop()


def test_a_forged_reply_costs_the_next_call(worker):
    assert ask(worker, lambda m, data: m.writes(data, True), frame(VALUE)).value == 1
    assert ask(worker, lambda m: m.double(2)).kind == "crashed"


# Processes.


def test_what_the_code_forked_ends_with_its_worker():
    launcher = Launcher(mechanisms=())  # where nothing keeps it from forking
    worker = launcher.start()
    try:
        assert load(worker).kind == "value"
        child = ask(worker, lambda m: m.forks()).value
        assert os.path.exists(f"/proc/{child}")
        worker.stop()
        assert gone(child)
    finally:
        launcher.close()


def test_nothing_is_left_after_close():
    launcher = Launcher()
    workers = [launcher.start() for _ in range(2)]
    for worker in workers:
        assert load(worker).kind == "value"
    zygote = launcher._zygotes[()]._process.pid
    family = [zygote, *descendants(zygote)]
    assert len(family) >= 1 + len(workers)
    launcher.close()
    assert all(gone(pid) for pid in family)
    assert [worker.stop() for worker in workers]  # and stopping them now is harmless


def test_a_zygote_that_is_killed_is_replaced():
    launcher = Launcher()
    try:
        worker = launcher.start()
        assert load(worker).kind == "value"
        launcher._zygotes[()]._process.kill()
        outcome = ask(worker, lambda m: m.hangs(), timeout=60)  # it dies with its parent
        assert outcome.kind == "crashed"
        worker.stop()
        another = launcher.start()
        assert load(another).kind == "value"
        assert ask(another, lambda m: m.double(4)).value == 8
        another.stop()
    finally:
        launcher.close()


def test_closing_a_launcher_that_is_still_starting_ends_it():
    launcher = Launcher()
    launcher.warm()
    pid = launcher._zygotes[()]._process.pid
    launcher.close()
    assert gone(pid)


def test_the_environment_of_a_worker_holds_nothing_of_the_users(monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "x")
    monkeypatch.setenv("PYTHONPATH", "x")
    assert {"SECRET_TOKEN", "PYTHONPATH", "HOME"}.isdisjoint(clean_environment())
    assert clean_environment()["JAX_PLATFORMS"] == "cpu"


def test_a_worker_starts_no_plugin_of_jax(launcher):
    """JAX loads all that are installed, with the libraries of a GPU, also where it may use the CPU alone."""
    worker = launcher.start()
    assert load(worker).kind == "value"
    assert ask(worker, lambda m: __import__("sys").modules["jax_plugins"]).value is None
    worker.stop()


def test_an_exit_in_words():
    assert describe_exit(3) == "its process exited with status 3"
    assert describe_exit(-signal.SIGKILL) == "its process was ended by SIGKILL"
    assert describe_exit(-200) == "its process was ended by signal 200"


@pytest.mark.skipif(sys.platform == "win32", reason="workers are not forked there")
def test_a_worker_that_is_stopped_twice_closes_nobody_elses_pipes(launcher):
    """Descriptors are numbers that are used again at once."""
    worker = launcher.start()
    worker.stop()
    pipes = [os.pipe() for _ in range(8)]
    worker.stop()
    for pipe in pipes:
        for fd in pipe:
            os.close(fd)  # raises OSError if that has happened already
