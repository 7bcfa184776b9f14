"""Small changes to a solution that a learner might make, or that a blind check would not notice.

General tools for mutation testing run a test suite in a new process for every mutant and know nothing
of JAX: no axes, no keys, no tracing. Here an operator is a function from a syntax node to the nodes that
may stand in its place; `mutations` applies all of them everywhere in a statement.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from mutants.syntax import (
    Operator,
    called,
    expression,
    nothing,
    places,
    replaced,
    with_fields,
    with_keyword,
)

OPERATORS: dict[str, Operator] = {}

# Without one of these nothing is left that could pass a check.
_NEVER_DROPPED = (ast.FunctionDef, ast.ClassDef, ast.Return, ast.Pass)
_MODULES = ("jax", "jnp", "lax", "nn", "np", "time", "torch")
_ARITHMETIC = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.FloorDiv: (ast.Mod,),
    ast.MatMult: (ast.Mult,),
    ast.LShift: (ast.RShift,),
}
_COMPARISON = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
_OTHER_NAME = {
    "reduction": [("sum", "mean"), ("max", "min"), ("maximum", "minimum"), ("argmax", "argmin")],
    "fill": [("zeros", "ones"), ("zeros_like", "ones_like")],
    "sampler": [("normal", "uniform")],
    "collective": [("psum", "pmean")],
    "update": [("add", "set")],
    "derivative": [("jvp", "vjp")],
}
_OTHER_DTYPE = {"float32": ("int32", "float16", "float64"), "long": ("float",)}
_AXES = ("in_axes", "out_axes", "in_specs", "out_specs")
_STATIC = ("static_argnames", "static_argnums")
_NAMED = ("axis", "dim", "argnums", *_AXES, *_STATIC)  # keywords that have an operator of their own


def operator(name: str) -> Callable[[Operator], Operator]:
    """Enter an operator in the table under `name`, which names its mutants."""

    def enter(function: Operator) -> Operator:
        OPERATORS[name] = function
        return function

    return enter


def mutations(statement: ast.stmt) -> Iterator[tuple[str, ast.stmt]]:
    """`(operator, changed statement)` for every change of every operator, each new text once."""
    seen = {ast.unparse(statement)}
    for path, node in places(statement):
        for name, change in OPERATORS.items():
            for new in change(node):
                changed = replaced(statement, path, new)
                text = ast.unparse(changed)
                if text not in seen:
                    seen.add(text)
                    yield name, changed


# Transformations and their arguments.


@operator("axis")
def axis(node: ast.AST) -> Iterator[ast.AST]:
    """`axis` or `dim` left out, or another one."""
    others = {"0": "1", "1": "0", "-1": "0"}

    def other(value: ast.AST) -> Iterator[ast.AST]:
        if ast.unparse(value) in others:
            yield expression(others[ast.unparse(value)])

    yield from with_keyword(node, ("axis", "dim"), other)


@operator("mapped axes")
def mapped_axes(node: ast.AST) -> Iterator[ast.AST]:
    """What `vmap` maps, or how `shard_map` splits: left out, in another order, another entry."""
    others = {"0": ("1", "None"), "1": ("0",), "None": ("0",), "P()": ("P('data')",)}
    others["P('data')"] = ("P()",)

    def other(value: ast.AST) -> Iterator[ast.AST]:
        if isinstance(value, ast.Tuple):
            yield with_fields(value, elts=value.elts[::-1])
        for index, entry in enumerate(value.elts if isinstance(value, ast.Tuple) else [value]):
            for text in others.get(ast.unparse(entry), ()):
                new = expression(text)
                path = (("elts", index),) if isinstance(value, ast.Tuple) else ()
                yield replaced(value, path, new)

    yield from with_keyword(node, _AXES, other)


@operator("argnums")
def argnums(node: ast.AST) -> Iterator[ast.AST]:
    """The derivative in another argument, or in both."""

    def other(value: ast.AST) -> Iterator[ast.AST]:
        yield from map(expression, ("1 - " + ast.unparse(value), "(0, 1)"))

    yield from with_keyword(node, ("argnums",), other)
    if called(node) in ("grad", "value_and_grad") and not node.keywords:
        yield with_fields(node, keywords=[ast.keyword("argnums", ast.Constant(1))])


@operator("static dropped")
def static_dropped(node: ast.AST) -> Iterator[ast.AST]:
    """A static argument that is traced."""
    yield from with_keyword(node, _STATIC, nothing)


@operator("decorator dropped")
def decorator_dropped(node: ast.AST) -> Iterator[ast.AST]:
    """No `jit`, no `no_grad`."""
    for index in range(len(getattr(node, "decorator_list", []))):
        rest = node.decorator_list[:index] + node.decorator_list[index + 1 :]
        yield with_fields(node, decorator_list=rest)


@operator("keyword dropped")
def keyword_dropped(node: ast.AST) -> Iterator[ast.AST]:
    """Any other keyword left to its default: dtype, where, length, ..."""
    names = [k.arg for k in node.keywords] if isinstance(node, ast.Call) else []
    yield from with_keyword(node, tuple(n for n in names if n and n not in _NAMED), nothing)


# Keys.


@operator("key reused")
def key_reused(node: ast.AST) -> Iterator[ast.AST]:
    """No split: the key itself everywhere. Or the same child everywhere."""
    if called(node) == "split":
        key, count = ast.unparse(node.args[0]), ", ".join(map(ast.unparse, node.args[1:])) or "2"
        yield expression(f"jax.numpy.repeat({key}[None], {count}, axis=0)")
        for child in (":1", "-1:"):
            children = f"{ast.unparse(node)}[{child}]"
            yield expression(f"jax.numpy.repeat({children}, {count}, axis=0)")


@operator("another name")
def another_name(node: ast.AST) -> Iterator[ast.AST]:
    """Sums for means, set for add, psum for pmean: the neighbour of a function."""
    for pairs in _OTHER_NAME.values():
        for one, other in pairs:
            for old, new in ((one, other), (other, one)):
                if isinstance(node, ast.Attribute) and node.attr == old:
                    yield with_fields(node, attr=new)


@operator("dtype")
def dtype(node: ast.AST) -> Iterator[ast.AST]:
    """Another dtype."""
    if isinstance(node, ast.Attribute):
        yield from (with_fields(node, attr=other) for other in _OTHER_DTYPE.get(node.attr, ()))
        if node.attr == "dtype":
            yield expression("jax.numpy.int32")


# Numbers.


@operator("constant")
def constant(node: ast.AST) -> Iterator[ast.AST]:
    """Off by one, or another text; the other truth value."""
    if isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, bool):
            yield ast.Constant(not value)
        elif isinstance(value, int | float):
            yield from (ast.Constant(value + 1), ast.Constant(value - 1))
        elif isinstance(value, str):
            yield ast.Constant(f"{value}x")


@operator("off by one")
def off_by_one(node: ast.AST) -> Iterator[ast.AST]:
    """One more or less at the end of a slice, a range, a split."""
    if isinstance(node, ast.Slice):
        for field in ("lower", "upper"):
            bound = getattr(node, field)
            if bound is not None and not isinstance(bound, ast.Constant):
                for change in ("+ 1", "- 1"):
                    yield with_fields(
                        node, **{field: expression(f"({ast.unparse(bound)}) {change}")}
                    )
    if called(node) in ("range", "arange", "split", "permutation") and node.args:
        for change in ("+ 1", "- 1"):
            last = expression(f"({ast.unparse(node.args[-1])}) {change}")
            yield with_fields(node, args=[*node.args[:-1], last])


@operator("factor")
def factor(node: ast.AST) -> Iterator[ast.AST]:
    """Twice the result."""
    if isinstance(node, ast.Return) and node.value is not None:
        values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
        for index, value in enumerate(values):
            path = (("value", None), ("elts", index))[: 1 + isinstance(node.value, ast.Tuple)]
            yield replaced(node, path, expression(f"2 * ({ast.unparse(value)})"))


@operator("arithmetic")
def arithmetic(node: ast.AST) -> Iterator[ast.AST]:
    """+ and -, * and /, and their like; also one operand alone."""
    if isinstance(node, ast.BinOp):
        for other in _ARITHMETIC.get(type(node.op), ()):
            yield with_fields(node, op=other())
        yield from (node.left, node.right)


@operator("comparison")
def comparison(node: ast.AST) -> Iterator[ast.AST]:
    """< for <=, and the opposite."""
    if isinstance(node, ast.Compare):
        for other in _COMPARISON.get(type(node.ops[0]), ()):
            yield with_fields(node, ops=[other()])


@operator("sign")
def sign(node: ast.AST) -> Iterator[ast.AST]:
    """A minus, a not, a ~ left out; a minus put before a result."""
    if isinstance(node, ast.UnaryOp):
        yield node.operand
    if isinstance(node, ast.Return) and node.value and not isinstance(node.value, ast.Tuple):
        yield with_fields(node, value=expression(f"-({ast.unparse(node.value)})"))


# Structure.


@operator("condition")
def condition(node: ast.AST) -> Iterator[ast.AST]:
    """The other branch; or one of them always."""
    if isinstance(node, ast.If | ast.IfExp):
        yield with_fields(node, test=expression(f"not ({ast.unparse(node.test)})"))
        yield from (with_fields(node, test=ast.Constant(value)) for value in (True, False))
    if called(node) in ("where", "cond") and len(node.args) >= 3:
        test, yes, no, *rest = node.args
        yield with_fields(node, args=[test, no, yes, *rest])
        yield from (with_fields(node, args=[test, one, one, *rest]) for one in (yes, no))
        if called(node) == "where":
            yield from (yes, no)


@operator("naive form")
def naive_form(node: ast.AST) -> Iterator[ast.AST]:
    """The formula as it stands in the books, which overflows."""
    forms = {
        "sigmoid": "1 / (1 + jax.numpy.exp(-({})))",
        "logsumexp": "jax.numpy.log(jax.numpy.sum(jax.numpy.exp({})))",
        "log_softmax": "{1}.softmax({0}, {2}).log()",
    }
    library = "torch" if called(node) and ast.unparse(node).startswith("torch") else "jax.nn"
    if called(node) in forms and node.args:
        rest = ", ".join(map(ast.unparse, node.keywords))
        text = forms[called(node)].format(ast.unparse(node.args[0]), library, rest)
        if library == "jax.nn" and called(node) == "log_softmax":
            text = f"jax.numpy.log(jax.nn.softmax({ast.unparse(node.args[0])}))"
        yield expression(text)


@operator("order")
def order(node: ast.AST) -> Iterator[ast.AST]:
    """The elements of a tuple, or the first two arguments of a call, the other way round."""
    if isinstance(node, ast.Tuple) and len(node.elts) > 1:
        yield with_fields(node, elts=node.elts[::-1])
    if isinstance(node, ast.Call) and len(node.args) > 1:
        yield with_fields(node, args=[node.args[1], node.args[0], *node.args[2:]])


@operator("call dropped")
def call_dropped(node: ast.AST) -> Iterator[ast.AST]:
    """`f(x)` becomes `x`; `x.copy()` becomes `x`; `debug.print` becomes `print`; `x.T` becomes `x`."""
    if isinstance(node, ast.Call):
        if node.args and not isinstance(node.args[0], ast.Starred):
            yield node.args[0]
        name = ast.unparse(node.func)
        if isinstance(node.func, ast.Attribute) and name.partition(".")[0] not in _MODULES:
            yield node.func.value
        if name == "jax.debug.print":
            yield with_fields(node, func=ast.Name("print"))
    if isinstance(node, ast.Attribute) and node.attr == "T" and isinstance(node.ctx, ast.Load):
        yield node.value


@operator("statement dropped")
def statement_dropped(node: ast.AST) -> Iterator[ast.AST]:
    """A statement left out."""
    if isinstance(node, ast.stmt) and not isinstance(node, _NEVER_DROPPED):
        yield ast.Pass()


@operator("default")
def default(node: ast.AST) -> Iterator[ast.AST]:
    """A parameter with another default, or without one."""
    if isinstance(node, ast.arguments) and node.defaults:
        yield with_fields(node, defaults=node.defaults[1:])
        for index, value in enumerate(node.defaults):
            if isinstance(value, ast.Name):
                new = expression(f"{value.id} + {value.id}")
                yield replaced(node, (("defaults", index),), new)
