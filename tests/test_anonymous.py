"""Functions that differ in the names of local variables alone are the same code."""

import ast

import pytest

from grader.anonymous import anonymous


def same(text, other):
    """Whether two statements are the same up to the names of local variables."""
    mine, theirs = (ast.dump(anonymous(ast.parse(t).body[0])) for t in (text, other))
    return mine == theirs


SAME = {
    "an assignment": ("def f(x):\n    a = x\n    return a", "def f(x):\n    b = x\n    return b"),
    "two of them": (
        "def f(x):\n    a, b = x\n    return a - b",
        "def f(x):\n    b, a = x\n    return b - a",
    ),
    "a loop": (
        "def f(x):\n    for w, b in x:\n        y = w + b",
        "def f(x):\n    for m, n in x:\n        z = m + n",
    ),
    "a comprehension": (
        "def f(x):\n    return [a for a in x]",
        "def f(x):\n    return [b for b in x]",
    ),
    "an exception": (
        "def f():\n    try:\n        g()\n    except E as e:\n        h(e)",
        "def f():\n    try:\n        g()\n    except E as error:\n        h(error)",
    ),
    "a walrus": ("def f(x):\n    return (a := x) + a", "def f(x):\n    return (b := x) + b"),
    "a variable of the function around": (
        "def f():\n    a = 1\n    def g():\n        nonlocal a\n        a += 1\n    return g",
        "def f():\n    b = 1\n    def g():\n        nonlocal b\n        b += 1\n    return g",
    ),
    "a match": (
        "def f(x):\n    match x:\n        case [a, *b]:\n            return b",
        "def f(x):\n    match x:\n        case [c, *d]:\n            return d",
    ),
    "a method": (
        "class A:\n    def f(self):\n        a = 1\n        return a",
        "class A:\n    def f(self):\n        b = 1\n        return b",
    ),
    "what Python cannot compile": ("return x", "return x"),
}
OTHER = {
    "a parameter": ("def f(x):\n    return x", "def f(y):\n    return y"),
    "an inner parameter": (
        "def f():\n    return jit(lambda a: a, static_argnames='a')",
        "def f():\n    return jit(lambda b: b, static_argnames='a')",
    ),
    "a global": ("def f():\n    return a", "def f():\n    return b"),
    "an inner function": (
        "def f():\n    def a():\n        pass\n    return a.__name__",
        "def f():\n    def b():\n        pass\n    return b.__name__",
    ),
    "a name that is global elsewhere": (
        "def f(x):\n    def g():\n        sum = 1\n        return sum\n    return sum(x)",
        "def f(x):\n    def g():\n        max = 1\n        return max\n    return max(x)",
    ),
    "another variable": (
        "def f(x):\n    a = x\n    b = a\n    return a",
        "def f(x):\n    a = x\n    b = a\n    return b",
    ),
    "one variable for two": (
        "def f(x):\n    a = x\n    b = a + 1\n    return b, a",
        "def f(x):\n    a = x\n    a = a + 1\n    return a, a",
    ),
    "an import": ("def f():\n    import a\n    return a", "def f():\n    import b\n    return b"),
    "a field of a class": ("class A:\n    a = 1", "class A:\n    b = 1"),
    "an attribute": (
        "def f(x):\n    a = x\n    return a.a",
        "def f(x):\n    b = x\n    return b.b",
    ),
    "a keyword": (
        "def f(x):\n    a = x\n    return g(a=a)",
        "def f(x):\n    b = x\n    return g(b=b)",
    ),
    "a variable that is printed by name": (
        "def f(x):\n    a = x\n    print(f'{a=}')",
        "def f(x):\n    b = x\n    print(f'{b=}')",
    ),
}


@pytest.mark.parametrize(("text", "other"), SAME.values(), ids=SAME)
def test_names_of_local_variables_do_not_count(text, other):
    assert same(text, other)


@pytest.mark.parametrize(("text", "other"), OTHER.values(), ids=OTHER)
def test_everything_else_counts(text, other):
    assert not same(text, other)
