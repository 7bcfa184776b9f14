"""Chapters as modules: siblings, stand-ins, and nothing else that can be imported."""

import marshal
import sys
import traceback

import pytest

from grader.worker import chapters
from grader.worker.chapters import Sources


@pytest.fixture(autouse=True)
def same_imports_afterwards():
    """Loading a chapter changes what can be imported; the next test starts anew."""
    finders, modules = list(sys.meta_path), set(sys.modules)
    yield
    sys.meta_path[:] = finders
    for name in set(sys.modules) - modules:
        if name.startswith(("ch", "stand_ins")):
            del sys.modules[name]


def load(text, stand_ins="", **siblings):
    """The chapter ch01 with this text, stand-ins for what `stand_ins` defines."""
    texts = {"ch01": ("/somewhere/ch01.py", text)}
    texts |= {name: (f"/somewhere/{name}.py", other) for name, other in siblings.items()}
    names = ("f",) if stand_ins else ()
    code = marshal.dumps(compile(stand_ins, "<stand-ins>", "exec"))
    return chapters.load(Sources("ch01", texts, names, code))


STAND_IN = "def f(x):\n    return 'reference'\n"


def test_a_chapter_is_an_ordinary_module():
    module = load('"""Text."""\nimport math\ndef f(x):\n    return math.sqrt(x)\n')
    assert module.f(9) == 3
    assert (module.__name__, module.__doc__) == ("ch01", "Text.")
    assert module.__file__ == "/somewhere/ch01.py"
    assert sys.modules["ch01"] is module


def test_a_traceback_shows_the_learners_line():
    module = load("def f(x):\n    return x / 0  # here\n")
    with pytest.raises(ZeroDivisionError) as caught:
        module.f(1)
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (last.filename, last.lineno, last.line) == (
        "/somewhere/ch01.py",
        2,
        "return x / 0  # here",
    )


def test_chapters_import_one_another():
    module = load("from ch02 import g\nimport ch02\nf = g\n", ch02="def g(x):\n    return x + 1\n")
    assert module.f(1) == 2
    assert module.ch02.g is module.f


def test_the_stand_ins_are_not_to_be_found_under_a_name():
    module = load("def f(x):\n    return 'mine'\n", stand_ins=STAND_IN)
    assert module.f(1) == "reference"
    assert not [name for name in vars(module) if "stand" in name]
    assert "stand_ins" not in sys.modules


def test_two_chapters_that_import_one_another_do_not_hang():
    module = load("import ch02\ndef f(x):\n    return ch02.g(x)\n", ch02="import ch01\ng = abs\n")
    assert module.f(-1) == 1


@pytest.mark.parametrize("name", ["ch03", "helpers", "ch01_extra", "grader_secret"])
def test_nothing_else_of_the_submission_can_be_imported(name, tmp_path, monkeypatch):
    (tmp_path / f"{name}.py").write_text("raise SystemExit('imported')")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModuleNotFoundError):
        load(f"import {name}\n")


def test_a_chapter_named_like_a_part_of_another_is_not_found():
    with pytest.raises(ModuleNotFoundError):
        load("import ch02.inner\n", ch02="")


def test_loading_again_runs_the_new_text():
    assert load("value = 1\n").value == 1
    assert load("value = 2\n").value == 2


@pytest.mark.parametrize(
    "error", ["raise ValueError(1)", "raise SystemExit", "f(", "raise BaseException"]
)
def test_whatever_the_code_raises_comes_out(error):
    with pytest.raises(BaseException) as caught:  # noqa: PT011
        load(error)
    assert type(caught.value) in (ValueError, SystemExit, SyntaxError, BaseException)
    assert "ch01" not in sys.modules


# Stand-ins.


@pytest.mark.parametrize(
    "text",
    [
        "def f(x):\n    return 'learner'\n",
        "import functools\n@functools.cache\ndef f(x):\n    return 'learner'\n",
        "async def f(x):\n    return 'learner'\n",
        "f = lambda x: 'learner'\n",
        "f: object = len\n",
        "class f:\n    pass\n",
        "from builtins import len as f\n",
        "import math as f\n",
        "f, other = len, 3\n",
        "if True:\n    def f(x):\n        return 'learner'\n",
        "try:\n    import no_such_thing\nexcept ImportError:\n    f = len\n",
        "for f in [len]:\n    pass\n",
        "with open('/dev/null') as f:\n    pass\n",
        "(f := len)\n",
        "def f(x):\n    return 1\ndef f(x):\n    return 2\n",
        "other = 3\n",
        "try:\n    import no_such_thing\nexcept ImportError:\n    def f(x):\n        return 1\n",
        '"""Only a docstring."""\n',
        "from __future__ import annotations\n\ndef f(x: no_such) -> None:\n    return 'learner'\n",
        "match 1:\n    case f:\n        pass\n",
        "try:\n    raise ValueError\nexcept ValueError:\n    f = len\n",
        "del_me = 1\ndef f(x):\n    return 'learner'\ndel del_me\n",
    ],
)
def test_a_stand_in_takes_the_place_of_every_binding(text):
    assert load(text, STAND_IN).f(1) == "reference"


def test_what_is_computed_from_a_stand_in_uses_it():
    module = load("def f(x):\n    raise NotImplementedError\n\nvalue = f(3)\n", STAND_IN)
    assert module.value == "reference"


def test_other_functions_of_the_learner_call_the_stand_in():
    text = "def g(x):\n    return f(x) + '!'\n\ndef f(x):\n    return 'learner'\n"
    assert load(text, STAND_IN).g(1) == "reference!"


@pytest.mark.parametrize(
    "text",
    [
        "f.defvjp(len, len)\n",
        "@f.defvjp\ndef rule(x):\n    return 1\n",
        "@f.register(int)\ndef rule(x):\n    return 1\n",
        "f.note = 3\n",
        "if True:\n    f.note = 3\n    f.defvjp(len, len)\n",
        "async def later():\n    f.note = 3\n",
    ],
)
def test_a_statement_that_furnishes_the_learners_own_function_still_does(text):
    own = """
class Function:
    def defvjp(self, *rules):
        return lambda rule: rule
    register = defvjp
    def __call__(self, x):
        return 'learner'
f = Function()
"""
    module = load(own + text, STAND_IN)
    assert module.f(1) == "reference"
    assert set(vars(module)) & {"__own__", "__stand_ins__"} == set()
    assert not hasattr(module.f, "note")


def test_other_names_stay_the_learners():
    text = "def helper():\n    return 'learner'\n\ndef f(x):\n    return 'learner'\n"
    stand_in = "def helper():\n    return 'reference'\n\ndef f(x):\n    return helper()\n"
    module = load(text, stand_in)
    assert (module.f(1), module.helper()) == ("reference", "learner")


def test_line_numbers_stay_with_a_stand_in():
    module = load("\n\ndef g(x):\n    return x / 0\n", STAND_IN)
    with pytest.raises(ZeroDivisionError) as caught:
        module.g(1)
    assert traceback.extract_tb(caught.value.__traceback__)[-1].lineno == 4


def test_names_that_a_statement_binds():
    import ast

    from grader.worker.names import bound_names

    def names(code):
        return bound_names(ast.parse(code).body[0])

    block = "if a:\n    b = 1\n    for c, (d, *e) in f:\n        import g.h, i as j\n"
    assert names(block + "else:\n    k: int = 2") == {"b", "c", "d", "e", "g", "j", "k"}
    assert names("def f(x):\n    y = 1") == {"f"}
    assert names("if a:\n    def f(x):\n        y = 1") == {"f"}
    assert names("a.b = c[0] = d") == set()
    assert names("a = [b for b in c]") == {"a"}
    assert names("print(a := 1)") == {"a"}
