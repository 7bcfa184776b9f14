"""Imports: light, one way, and every module stands alone."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import grader

PACKAGE = Path(grader.__file__).parent
MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
# What each layer holds. A module imports from its own layer and from those below, never from above.
# (The order within a layer is free of circles too; see the test.)
LAYERS = (
    ("__main__",),
    ("cli",),
    ("authoring", "learning"),
    ("selfcheck", "scaffold", "stubs", "reports.screen"),
    ("watch", "keyboard"),
    ("exporting", "packaging", "teaching"),
    ("batch.classroom", "reports.batch_progress", "crew"),
    ("batch.run",),
    ("batch.cluster",),
    ("batch.scheduler",),
    ("exports.autograder", "exports.archive", "exports.workflow"),
    ("exports.canvas", "exports.moodle", "exports.grades"),
    ("exports.sheet",),
    ("exports.matching", "exports.gradescope", "exports.github", "exports.junit"),
    ("exports.rosters", "exports.messages"),
    ("batch.store", "batch.unit", "batch.pool"),
    ("batch.layouts",),
    ("batch.reading", "batch.gradescope", "batch.names"),
    ("batch.entries", "batch.terms"),
    ("parity.report", "parity.showdown"),
    ("parity.plots",),
    ("reports.similarity_page",),
    ("reports.class_page",),
    ("reports.learner_pages",),
    ("session", "reports", "reports.terminal", "reports.json_report", "reports.page", "progress"),
    ("reports.figures",),
    ("reports.curves", "reports.raster"),
    ("gallery",),
    ("reports.tables",),
    ("reports.symbols",),
    ("plugin", "judge"),
    ("fixtures", "drawing"),
    ("replay",),
    ("run", "gradebook", "bank"),
    ("speed", "matrix", "microscope"),
    ("asking",),
    ("program", "results"),
    ("trial",),
    ("in_process",),
    ("worlds",),
    ("memory", "recall", "waiting"),
    ("kept",),
    ("submission", "manifest", "sealing"),
    ("plain",),
    ("sources",),
    ("anonymous",),
    ("similarity",),
    ("passages", "matching"),
    ("explain", "checks", "observer"),
    ("misconceptions", "misconceptions.packs", "pictures"),
    (
        "misconceptions.compilation",
        "misconceptions.exceptions",
        "misconceptions.gradients",
        "misconceptions.keys",
        "misconceptions.layers",
        "misconceptions.lists",
        "misconceptions.loops",
        "misconceptions.names",
        "misconceptions.numbers",
        "misconceptions.precision",
        "misconceptions.purity",
        "misconceptions.results",
        "misconceptions.shapes",
        "misconceptions.timing",
        "misconceptions.torch_parity",
        "misconceptions.tracing",
        "misconceptions.training",
        "misconceptions.transformations",
        "misconceptions.updates",
    ),
    ("misconceptions.measure",),
    ("misconceptions.rule",),
    ("misconceptions.evidence",),
    ("pack", "compare"),
    ("parity.child",),
    ("parity.training", "parity.record"),
    ("archive",),
    ("members",),
    ("files", "text", "registry", "table"),
    ("worker.zygote", "worker.spawned"),
    ("worker.child",),
    ("worker.pristine",),
    (
        "worker.arguments",
        "worker.toolbox",
        "worker.programs",
        "worker.transformations",
        "worker.chapters",
        "worker.encode",
    ),
    ("worker.launcher",),
    ("worker.processes", "worker.canary"),
    ("worker.boot", "worker.bubblewrap", "worker.lockdown"),
    ("worker.landlock", "worker.seccomp", "worker.places"),
    ("worker.compiled", "worker.linux", "worker.lowering", "worker.syscalls"),
    ("worker.host",),
    ("worker.replies",),
    ("worker.decode",),
    ("worker.names", "worker.wire"),
    ("model", "errors", "options"),
    ("mnist.make_subset",),
    ("mnist",),
    ("mnist.files",),
    ("", "batch", "exports", "parity", "worker"),
)
LEVEL = {
    f"grader.{name}".rstrip("."): level for level, names in enumerate(LAYERS) for name in names
}
# A late import that is meant: debugging runs an answer in the grader's own process.
EXCEPTIONS = {("grader.in_process", "grader.worker.child")}


def imports(name, source):
    """The modules of the package that a module imports when it runs (not for type checkers)."""
    found = set()
    tree = ast.parse(source)
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name in MODULES}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found |= {inner if inner in MODULES else node.module} & MODULES.keys()
    return found - {name}


def against_the_table(sources):
    """Imports that go up, as pairs; `sources` maps module names to texts."""
    wrong = []
    for name, source in sources.items():
        for other in imports(name, source):
            if LEVEL[other] < LEVEL[name] and (name, other) not in EXCEPTIONS:
                wrong.append((name, other))
    return wrong


SOURCES = {name: path.read_text(encoding="utf-8") for name, path in MODULES.items()}


def test_the_table_holds_every_module():
    assert set(LEVEL) == set(MODULES)


def test_imports_run_one_way():
    assert against_the_table(SOURCES) == []


def test_that_this_can_fail():
    worse = SOURCES | {"grader.model": "def f():\n    from grader import cli\n"}
    assert against_the_table(worse) == [("grader.model", "grader.cli")]
    worse = SOURCES | {"grader.errors": "import grader.worker.host\n"}
    assert against_the_table(worse) == [("grader.errors", "grader.worker.host")]
    typed = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import grader.cli\n"
    assert against_the_table(SOURCES | {"grader.model": typed}) == []


def test_there_is_no_circle():
    left = {name: imports(name, source) for name, source in SOURCES.items()}
    while left:
        free = {name for name, others in left.items() if not others & left.keys()}
        assert free, f"a circle among {sorted(left)}"
        left = {name: others for name, others in left.items() if name not in free}


def test_a_worker_sees_nothing_of_the_graders_side():
    allowed = {"grader", "grader.worker"} | {
        f"grader.worker.{name}"
        for name in (
            *("arguments", "child", "chapters", "encode", "names", "spawned", "wire", "zygote"),
            *("pristine", "programs", "toolbox", "transformations"),
            *(
                "canary",
                "compiled",
                "landlock",
                "linux",
                "lockdown",
                "lowering",
                "seccomp",
                "syscalls",
            ),
        )
    }
    for name in ("zygote", "spawned", "child"):
        pending, seen = {f"grader.worker.{name}"}, set()
        while pending:
            seen |= pending
            pending = {o for n in pending for o in imports(n, SOURCES[n])} - seen
        assert seen <= allowed


ALONE = """
import importlib, os, sys, traceback
for library in ("jax.export", "hypothesis", "pytest", "rich.progress", "jinja2", "matplotlib"):
    importlib.import_module(library)  # once, and not in every fork; they know nothing of ours
names, failed = sys.argv[1:], []
for name in names:
    pid = os.fork()
    if not pid:
        try:
            importlib.import_module(name)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if os.waitpid(pid, 0)[1]:
        failed.append(name)
print(failed)
"""


def alone(*names):
    """Which of these modules cannot be imported by themselves, warnings as errors; and why."""
    command = [sys.executable, "-W", "error", "-c", ALONE, *names]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    return done.stdout.strip(), done.stderr


@pytest.mark.skipif(not hasattr(sys, "platform") or sys.platform == "win32", reason="needs fork")
def test_every_module_imports_alone():
    failed, errors = alone(*(name for name in MODULES if name != "grader.__main__"))
    assert failed == "[]", errors


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
def test_that_importing_alone_can_fail():
    assert alone("grader", "grader.no_such_module")[0] == "['grader.no_such_module']"


def loaded_by(code, run, cwd):
    """Which of the heavy libraries are loaded after this code has run."""
    heavy = "{'jax', 'jaxlib', 'torch', 'numpy', 'hypothesis', 'pytest', 'matplotlib', 'jinja2'}"
    code += f"\nimport sys\nprint('LOADED', sorted({heavy} & set(sys.modules)))"
    return run("-c", code, cwd=cwd, code=0).stdout.rpartition("LOADED ")[2].strip()


def test_importing_the_package_is_light(run, tmp_path):
    assert loaded_by("import grader", run, tmp_path) == "[]"


def test_that_this_finds_what_is_loaded(run, tmp_path):
    assert loaded_by("import numpy", run, tmp_path) == "['numpy']"


@pytest.mark.parametrize("command", [["list"], ["hint", "ch01_sums.mean"], [], ["--help"]])
def test_commands_that_grade_nothing_are_light(run, mini, command):
    code = (
        "from grader.cli import main\n"
        "try:\n"
        f"    main({command!r})\n"
        "except SystemExit as end:\n"
        "    assert not end.code\n"
    )
    assert loaded_by(code, run, mini) == "[]"


def test_every_package_of_the_grader_is_installed():
    import tomllib

    text = (PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8")
    listed = tomllib.loads(text)["tool"]["setuptools"]["packages"]
    folders = {".".join(p.parent.relative_to(PACKAGE.parent).parts) for p in MODULES.values()}
    assert set(listed) == folders
