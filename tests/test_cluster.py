"""A batch on a Dask cluster: real schedulers and nodes, each a process of its own."""

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import nodes
import pytest
import yaml
from family import children, descendants, zygotes

from conftest import DEADLINE, REPOSITORY

pytest.importorskip("distributed", reason="the extra `cluster` is not installed")

import dask.config

from grader.batch import cluster as module
from grader.batch.cluster import ClusterPool
from grader.batch.terms import terms_of
from grader.batch.unit import Settings
from grader.errors import InternalError, IsolationError, UsageError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills groups of processes")


class Cluster:
    """A scheduler and its nodes; each node is a nanny and its worker, in a group of processes."""

    def __init__(self, folder, environment, *options):
        self.folder, self._environment = folder, environment
        self.file = folder / "scheduler.json"
        self.nodes = []
        self.scheduler = self._start("dask_scheduler", "--port", 0, "--scheduler-file", self.file)

    def _start(self, program, *options):
        command = [sys.executable, "-m", f"distributed.cli.{program}", "--no-dashboard", *options]
        log = (self.folder / f"{program}-{len(self.nodes)}.log").open("wb")
        with log:
            return subprocess.Popen(
                [*map(str, command), "--host", "127.0.0.1"],
                cwd=self.folder,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def address(self):
        until(lambda: self.file.exists() and self.file.read_text())
        return json.loads(self.file.read_text())["address"]

    def add(self, threads=1):
        """One more node."""
        options = ("--nthreads", threads, "--local-directory", self.folder / "scratch")
        node = self._start("dask_worker", self.address, *options, "--memory-limit", 0)
        self.nodes.append(node)
        return node

    def end(self):
        for process in (*self.nodes, self.scheduler):
            kill(process)


def kill(process):
    """End a group of processes as power does."""
    if process.poll() is None:  # else its number may be another's by now
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def until(condition, seconds=60):
    """Wait until something is so, and return it."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it has not come about"
        time.sleep(0.05)
    return found


@contextlib.contextmanager
def clusters(folders, environment):
    """`start(count, threads=1)`: a new cluster with so many nodes, which ends with the context."""
    started = []
    path = os.pathsep.join(map(str, (REPOSITORY, Path(__file__).parent)))
    settings = {"PYTHONPATH": path, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "2"}

    def start(count, threads=1):
        cluster = Cluster(folders.mktemp("cluster"), environment | settings)
        started.append(cluster)
        for _ in range(count):
            cluster.add(threads)
        return cluster

    try:
        yield start
    finally:
        for cluster in started:
            cluster.end()


@pytest.fixture
def start(tmp_path_factory, environment):
    """`start(count, threads=1)`: a new cluster with so many nodes."""
    with clusters(tmp_path_factory, environment) as start:
        yield start


@pytest.fixture(scope="module")
def pair(tmp_path_factory, environment):
    """Two nodes that tests share."""
    with clusters(tmp_path_factory, environment) as start:
        yield start(2)


@pytest.fixture
def settings(pack):
    return Settings(str(pack.root), terms_of(pack, 0, 60.0), "PROCESS-ONLY")


@pytest.fixture
def pool(pair, settings):
    with ClusterPool(pair.address, settings) as pool:
        until(lambda: pool.width == 2)
        yield pool


def graded(out):
    """Everything in the reports that does not differ from run to run."""
    found = {}
    for path in (out / "reports").glob("*.json"):
        report = json.loads(path.read_text())
        found[path.stem] = [
            report["score"],
            report["warnings"],
            [
                (
                    e["id"],
                    e["status"],
                    e["score"],
                    [(c["rationale"], c["hint"]) for c in e["checks"]],
                )
                for e in report["exercises"]
            ],
        ]
    return found


def class_of(folder, pack, solutions):
    """Right, wrong, half done, broken."""
    texts = {
        f"right{n}": solutions | {"ch01_sums": f"{solutions['ch01_sums']}# {n}\n"} for n in "abc"
    }
    wrong = "\ndef total(x):\n    return x.sum() + 1\n"
    texts["wrong"] = solutions | {"ch01_sums": solutions["ch01_sums"] + wrong}
    texts["half"] = {"ch01_sums": solutions["ch01_sums"]}
    for name, chapters in texts.items():
        (folder / name).mkdir(parents=True)
        for chapter, text in chapters.items():
            (folder / name / f"{chapter}.py").write_text(text)
    (folder / "broken.zip").write_bytes(b"no zip")
    return folder


def test_a_cluster_without_nodes_is_waited_for(start, settings):
    cluster = start(1)
    with ClusterPool(cluster.address, settings) as pool:
        assert pool.waits_for() == ""
        kill(cluster.nodes[0])
        why = until(pool.waits_for)
        assert cluster.address in why
        assert "goes on once there is one" in why
        cluster.add()
        until(lambda: pool.waits_for() == "")


def is_grading(node):
    """Whether a worker of the grader runs there."""
    pids = (node.pid, *descendants(node.pid))
    return any(children(zygote) for pid in pids for zygote in zygotes(pid))


def test_a_node_that_is_lost_loses_no_verdict(start, pack, solutions, cli, environment, tmp_path):
    cluster = start(3)
    folder = class_of(tmp_path / "class", pack, solutions)
    command = ["batch", folder, "--pack", pack.root, "--timeout", 60, "--out"]
    cli(*command, tmp_path / "here", "--jobs", 1, cwd=tmp_path, code=0)
    address = cluster.address
    until(lambda: "Registered to" in cluster_logs(cluster, 3))
    batch = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "grader",
            *map(str, command),
            tmp_path / "there",
            "--scheduler",
            address,
        ],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    lines = []
    with batch:
        for line in batch.stderr:
            lines.append(line)
            if line.startswith("1/6"):
                kill(until(lambda: next(filter(is_grading, cluster.nodes), None)))
        assert batch.wait(DEADLINE) == 0, "".join(lines)
    assert any(line.startswith(f"3 nodes at {address}. Isolation: 3 ") for line in lines), lines
    assert len(graded(tmp_path / "here")) == 6
    assert graded(tmp_path / "there") == graded(tmp_path / "here")


def cluster_logs(cluster, count):
    """The logs of the nodes, once all of them are there."""
    texts = [(cluster.folder / f"dask_worker-{n}.log").read_text() for n in range(count)]
    return texts[0] if all("Registered to" in text for text in texts) else ""


def test_what_ends_three_nodes_is_given_up(pool):
    with pytest.raises(InternalError, match="3 nodes were lost while grading this"):
        pool.submit(nodes.end_process).result(DEADLINE)
    assert pool.submit(nodes.alone, 0).result(DEADLINE) is True


def test_what_a_node_refuses_keeps_its_kind_and_names_the_node(pool):
    with pytest.raises(IsolationError, match=rf"The node .*{socket.gethostname()}.* too little"):
        pool.submit(nodes.refuse).result(DEADLINE)


def test_what_fails_on_a_node_is_the_graders_own_failure(pool):
    with pytest.raises(InternalError, match="LookupError: a bug"):
        pool.submit(nodes.fail).result(DEADLINE)


def test_an_object_does_not_travel(pool):
    with pytest.raises(InternalError, match="not JSON serializable"):
        pool.submit(nodes.hand_over_an_object).result(DEADLINE)


def test_a_node_with_many_threads_grades_one_at_a_time(start, settings):
    cluster = start(1, threads=3)
    with ClusterPool(cluster.address, settings) as pool:
        assert pool.width == 1
        assert "more than one thread" in "".join(pool.described())
        running = [pool.submit(nodes.alone, 0.3) for _ in range(3)]
        assert [future.result(DEADLINE) for future in running] == [True] * 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"pack_digest": "0" * 64}, "digest of the pack: 000000000000 asked for"),
        ({"versions": ("jax 0.0.1",)}, "jax: 0.0.1 asked for"),
    ],
)
def test_a_node_that_differs_refuses_and_is_named(pair, settings, change, said):
    other = replace(settings, terms=replace(settings.terms, **change))
    with pytest.raises(UsageError, match=rf"The node .*tcp://127.* refuses: .*{said}"):
        ClusterPool(pair.address, other)


def test_a_scheduler_that_goes_is_said(start, settings):
    cluster = start(1)
    with ClusterPool(str(cluster.file), settings) as pool:
        running = pool.submit(nodes.alone, 600)
        kill(cluster.scheduler)
        with pytest.raises(UsageError, match=r"has gone.*the same command goes on"):
            running.result(DEADLINE)
        with pytest.raises(UsageError, match="has gone"):
            until(lambda: pool.submit(nodes.alone, 0) and False, 30)


def test_a_scheduler_without_nodes_is_said(start, settings, monkeypatch):
    monkeypatch.setattr(module, "_NODES_SECONDS", 0.5)
    with pytest.raises(UsageError, match=r"has no workers\. Start some with"):
        ClusterPool(start(0).address, settings)


def test_a_node_without_the_kit_is_said():
    future = Future()
    future.set_exception(ModuleNotFoundError("No module named 'grader'"))
    with pytest.raises(UsageError, match=r"The node tcp://x:1 cannot grade .*No module named"):
        module._prepared("tcp://x:1", future)


# Certificates.


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """A folder with certificates made as the document says, and others in `stranger`."""
    openssl = shutil.which("openssl") or pytest.skip("makes certificates with openssl")
    folder = tmp_path_factory.mktemp("tls")
    (folder / "stranger").mkdir()
    recipe = [line.split(None, 1)[1] for line in TEXT.splitlines() if "    openssl " in line]
    assert len(recipe) == 3
    for place in (folder, folder / "stranger"):
        for line in recipe:
            words = shlex.split(line.replace("4096", "2048"))
            subprocess.run([openssl, *words], cwd=place, check=True, capture_output=True)
    return folder


def tls_settings(folder):
    """Dask's settings as the document gives them, with the certificates in a folder."""
    (block,) = (text for text in blocks("yaml") if "ca-file" in text)
    named = yaml.safe_load(block.replace("/home/me/tls", str(folder)))["distributed"]
    return {"distributed": dask.config.merge(dask.config.get("distributed"), named)}


def test_certificates_are_demanded_and_enough(certificates, environment, settings, tmp_path):
    (tmp_path / "tls.yaml").write_text(yaml.safe_dump(tls_settings(certificates)))
    inherited = environment | {"DASK_CONFIG": str(tmp_path)}
    cluster = Cluster(tmp_path, inherited, "--protocol", "tls")
    try:
        cluster.add()
        assert cluster.address.startswith("tls://")
        with (
            dask.config.set(tls_settings(certificates)),
            ClusterPool(cluster.address, settings) as pool,
        ):
            assert len(pool.nodes) == 1
        with dask.config.set(tls_settings(certificates / "stranger")):
            assert "certificates of both ends" in refused(cluster.address, settings)
        assert "name no certificates" in refused(cluster.address, settings)
        refused(cluster.address.replace("tls", "tcp"), settings)
    finally:
        cluster.end()


# The document.

TEXT = (REPOSITORY / "docs" / "cluster.md").read_text(encoding="utf-8")


def blocks(language):
    """The blocks of the document in a language."""
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_the_programs_in_the_document_compile():
    (program,) = blocks("python")
    compile(program, "cluster.md", "exec")


def test_the_resources_in_the_document_belong_together():
    (text,) = (text for text in blocks("yaml") if "DaskCluster" in text)
    cluster, policy = yaml.safe_load_all(text)
    name = cluster["metadata"]["name"]
    service = cluster["spec"]["scheduler"]["service"]
    assert service["selector"]["dask.org/cluster-name"] == name
    assert policy["spec"]["podSelector"]["matchLabels"] == {"dask.org/cluster-name": name}
    (scheduler,) = cluster["spec"]["scheduler"]["spec"]["containers"]
    ports = {port["name"] for port in scheduler["ports"]}
    assert {port["targetPort"] for port in service["ports"]} == ports
    for part in ("worker", "scheduler"):
        (container,) = cluster["spec"][part]["spec"]["containers"]
        program, subcommand, *options = container["args"]
        assert program == "dask"
        done = subprocess.run(
            [sys.executable, "-m", f"distributed.cli.dask_{subcommand}", "--help"],
            capture_output=True,
            text=True,
            check=True,
            timeout=DEADLINE,
        )
        for option in (word for word in options if word.startswith("--")):
            assert option in done.stdout


# Addresses.


@contextlib.contextmanager
def listening(answer):
    """The address of a server that gives one and the same answer; None: none at all."""
    import threading

    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                if answer is not None:
                    connection.sendall(answer)
                held.append(connection)

    held = []
    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
    finally:
        server.close()
        for connection in held:
            connection.close()


def refused(address, settings):
    """What is said of an address; it must be said soon."""
    start = time.monotonic()
    with pytest.raises(UsageError, match="There is no Dask scheduler") as error:
        ClusterPool(address, settings)
    assert time.monotonic() - start < 10
    return str(error.value)


def test_nobody_at_an_address_is_said_soon(settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        assert "nobody answers within 6 s" in refused(address, settings)


def test_a_server_that_is_silent_is_said_soon(settings):
    with listening(None) as address:
        assert "nobody answers" in refused(address, settings)


def test_another_kind_of_server_is_said_soon(settings):
    with listening(b"HTTP/1.1 400 Bad Request\r\n\r\n") as address:
        assert "something else" in refused(address, settings)


@pytest.mark.parametrize("address", ["nowhere", "foo://x:1", "", "a\nb"])
def test_what_is_no_address_is_said(settings, address):
    assert "\n" not in refused(address, settings)


def test_certificates_that_are_missing_are_said(settings):
    assert "name no certificates" in refused("tls://127.0.0.1:1", settings)


def test_a_file_that_is_no_scheduler_file_is_said(settings, tmp_path):
    for text in ("text", "[]", "{}"):
        (tmp_path / "file.json").write_text(text)
        assert "no scheduler file" in refused(str(tmp_path / "file.json"), settings)


def test_a_node_is_no_scheduler(pair, settings):
    log = until(lambda: cluster_logs(pair, 2))
    started = [line.split()[-1] for line in log.splitlines() if "Start worker at" in line]
    address = started[-1]  # the nanny may have started others before
    assert "a worker answers there" in refused(address, settings)
