"""Whether a chapter is plain: whether its functions can act on nothing but their arguments and results.

In a plain chapter an exercise's verdict rests on its own definition and on what that names, not on what
other exercises do. It is asked before a verdict on the same code is used again, so a doubt counts as "no":
plain code is made of imports from a few libraries, functions, classes of functions, and names for what
never changes.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from typing import TypeGuard

from grader.sources import is_python, parsed

_MODULES = {
    *("__future__", "jax", "jax.dlpack", "jax.lax", "jax.nn", "jax.numpy", "jax.random"),
    *("jax.scipy.special", "jax.sharding", "jax.tree", "jax.tree_util", "jax.typing"),
    *("numpy", "numpy.typing", "torch", "torch.nn", "torch.nn.functional"),
    *("collections.abc", "copy", "functools", "itertools", "math", "operator", "time", "typing"),
}
_FAR_REACHING = {  # built-in functions that reach what the code does not name
    *("breakpoint", "compile", "delattr", "eval", "exec", "getattr", "globals", "input", "locals"),
    *("open", "setattr", "vars"),
}
_RULES = {"defjvp", "defjvps", "defvjp"}  # they change a function, which is for the module to do
_LASTING = {  # attributes that remember, change how libraries behave, or lead out of them
    *(
        "attrgetter",
        "cache",
        "config",
        "copyreg",
        "core",
        "ctypeslib",
        "delete",
        "delitem",
        "dispatch_table",
        "distributed",
    ),
    *("environ", "experimental", "ffi", "get_type_hints", "hub", "lib", "library", "live_arrays"),
    *("lru_cache", "manual_seed", "methodcaller", "modules", "monitoring", "os", "profiler"),
    *("seed", "seterr", "seterrcall", "setbufsize", "setitem", "singledispatch", "sys", "testing"),
    *("utils", "ForwardRef", *_RULES),
}
_LASTING_PREFIXES = ("_", "clear_", "disable_", "enable_", "rand", "register", "set_", "use_")
_GIVING_AWAY = {"donate_argnames", "donate_argnums", "inplace", "out"}  # keywords
_TRANSFORMS = {
    f"jax.{name}"
    for name in (
        *("checkpoint", "custom_jvp", "custom_vjp", "grad", "hessian", "jacfwd", "jacrev", "jit"),
        *("remat", "shard_map", "value_and_grad", "vmap"),
    )
}
_GUARDS = {"torch.inference_mode", "torch.no_grad"}
_BASES = {"object", "torch.nn.Module"}
_PURE = ("jax.numpy.", "jax.random.", "jax.nn.", "jax.lax.", "math.")
_NO_PART = (ast.AsyncFunctionDef, ast.Await, ast.Delete, ast.Global, ast.Yield, ast.YieldFrom)


@functools.lru_cache(256)
def is_plain(text: str) -> bool:
    """Whether the chapter `text` is plain, as far as can be told without running it."""
    if not is_python(text):
        return False
    body = [statement for statement in parsed(text) if not _is_main(statement)]
    reader = _Reader(body)
    return all(map(reader.is_plain_statement, body)) and all(
        reader.is_plain_node(node) for statement in body for node in ast.walk(statement)
    )


def _is_main(statement: ast.stmt) -> bool:
    """Whether it is `if __name__ == "__main__":`, which no grader runs."""
    return (
        isinstance(statement, ast.If)
        and not statement.orelse
        and ast.unparse(statement.test) == "__name__ == '__main__'"
    )


class _Reader:
    """Looks at the parts of a module; it knows where imported names come from."""

    def __init__(self, body: list[ast.stmt]) -> None:
        self._origins: dict[str, str] = {}
        self._used: set[str] = set()
        self._classes = [node for node in body if isinstance(node, ast.ClassDef)]
        self._functions = {node.name for node in body if isinstance(node, ast.FunctionDef)}
        self._allowed: set[ast.expr] = {a for c in self._classes for a in _own_attributes(c)}
        self._allowed |= {a for a in _at_the_top(body) if self._is_rule_of(a)}
        for node in (part for statement in body for part in ast.walk(statement)):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                self._used.add(node.id)
            if isinstance(node, ast.Call) and _names_attribute(node):
                self._allowed.add(node.func)
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.partition(".")[0]
                    self._origins[alias.asname or top] = alias.name if alias.asname else top
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    self._origins[alias.asname or alias.name] = f"{node.module}.{alias.name}"

    def _origin(self, value: ast.expr) -> str:
        """Where the value of a dotted name comes from, such as "jax.numpy.sum"; "" if it is not imported."""
        if isinstance(value, ast.Attribute):
            origin = self._origin(value.value)
            return f"{origin}.{value.attr}" if origin else ""
        return self._origins.get(value.id, "") if isinstance(value, ast.Name) else ""

    # Statements of the module.

    def is_plain_statement(self, statement: ast.stmt) -> bool:
        """Whether running it leaves nothing that can change."""
        if isinstance(statement, ast.FunctionDef):
            return all(map(self._is_decorator, statement.decorator_list))
        if isinstance(statement, ast.ClassDef):
            return self._is_plain_class(statement)
        if isinstance(statement, ast.Assign):
            names = {
                n.id for t in statement.targets for n in ast.walk(t) if isinstance(n, ast.Name)
            }
            if isinstance(statement.value, ast.List) and not names & self._used:
                return self._is_given(statement.value)
            return all(map(_is_name, statement.targets)) and self._never_changes(statement.value)
        if isinstance(statement, ast.Expr):
            return isinstance(statement.value, ast.Constant) or self._is_rule(statement.value)
        return isinstance(statement, ast.Import | ast.ImportFrom)

    def _is_plain_class(self, statement: ast.ClassDef) -> bool:
        """Whether it is a class of functions whose objects are all that its functions change."""
        names = {c.name for c in self._classes} - self._origins.keys()
        bases = (self._origin(base) or ast.unparse(base) for base in statement.bases)
        return (
            not statement.keywords
            and not statement.decorator_list
            and all(base in _BASES | names for base in bases)
            and all(map(self._is_plain_member, statement.body))
        )

    def _is_plain_member(self, part: ast.stmt) -> bool:
        if isinstance(part, ast.FunctionDef):
            known = part.name in ("__init__", "__call__") or not part.name.startswith("_")
            return known and all(map(self._is_guard, part.decorator_list))
        return isinstance(part, ast.Pass) or (
            isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)
        )

    def _is_decorator(self, value: ast.expr) -> bool:
        return self._is_transform(value) or self._is_guard(value) or self._is_rule_of(value)

    def _is_guard(self, value: ast.expr) -> bool:
        """Whether this is `torch.no_grad()` or the like."""
        if isinstance(value, ast.Call):
            return not value.args and not value.keywords and self._is_guard(value.func)
        return self._origin(value) in _GUARDS

    def _is_rule(self, value: ast.expr) -> bool:
        """Whether this is `f.defvjp(forward, backward)` or the like."""
        return (
            isinstance(value, ast.Call)
            and self._is_rule_of(value.func)
            and all(map(self._never_changes, value.args))
            and not value.keywords
        )

    def _is_rule_of(self, value: ast.expr) -> bool:
        """Whether this is `f.defvjp` or the like, where `f` is a function of the module."""
        return (
            isinstance(value, ast.Attribute)
            and value.attr in _RULES
            and isinstance(value.value, ast.Name)
            and value.value.id in self._functions
        )

    def _is_transform(self, value: ast.expr) -> bool:
        """Whether this is `jax.jit`, `partial(jax.jit, ...)` or the like."""
        if isinstance(value, ast.Call):
            given = [*value.args, *(keyword.value for keyword in value.keywords)]
            if not all(map(self._is_given, given)):
                return False
            if self._origin(value.func) == "functools.partial":
                return bool(given) and self._is_transform(given[0])
            return self._is_transform(value.func)
        return self._origin(value) in _TRANSFORMS

    def _never_changes(self, value: ast.expr) -> bool:
        """Whether the value of an expression is sure to be one that nothing can change."""
        if isinstance(value, ast.Call):
            origin = self._origin(value.func)
            pure = origin in (*_TRANSFORMS, "functools.partial") or origin.startswith(_PURE)
            given = [*value.args, *(keyword.value for keyword in value.keywords)]
            return pure and all(map(self._is_given, given))
        if isinstance(value, ast.Tuple | ast.BinOp | ast.UnaryOp):
            inner = (part for part in ast.iter_child_nodes(value) if isinstance(part, ast.expr))
            return all(map(self._never_changes, inner))
        return isinstance(value, ast.Constant | ast.Name | ast.Attribute | ast.Lambda)

    def _is_given(self, value: ast.expr) -> bool:
        """As `_never_changes`, for an argument: a list is read and let go."""
        if isinstance(value, ast.List):
            return all(map(self._is_given, value.elts))
        return self._never_changes(value)

    # Anything anywhere.

    def is_plain_node(self, node: ast.AST) -> bool:
        """Whether this, taken by itself, reaches and changes nothing that others use."""
        if isinstance(node, ast.Name):
            near = node.id not in _FAR_REACHING and not node.id.startswith("__")
            return near or node in self._allowed
        if isinstance(node, ast.Attribute):
            known = isinstance(node.ctx, ast.Load) and self._is_plain_attribute(node)
            return known or node in self._allowed
        if isinstance(node, ast.ClassDef):
            return node in self._classes
        if isinstance(node, ast.Import):
            return all(alias.name in _MODULES for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            return node.module in _MODULES and all(
                alias.name != "*" and _is_harmless(alias.name) for alias in node.names
            )
        if isinstance(node, ast.keyword):
            return node.arg not in _GIVING_AWAY
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            defaults = [*node.args.defaults, *(d for d in node.args.kw_defaults if d)]
            return all(map(self._never_changes, defaults))
        return not isinstance(node, _NO_PART)

    def _is_plain_attribute(self, node: ast.Attribute) -> bool:
        origin = self._origin(node)
        if origin.startswith("jax.random"):
            return not node.attr.startswith("_")
        if node.attr == "random" and origin:  # NumPy's and PyTorch's remember
            return False
        if node.attr == "__init__":
            return isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "super"
        return _is_harmless(node.attr) or node.attr == "__name__" or origin == "jax.core"


def _at_the_top(body: list[ast.stmt]) -> Iterator[ast.expr]:
    """The decorators of functions, and what is called by statements of the module."""
    for statement in body:
        if isinstance(statement, ast.FunctionDef):
            yield from statement.decorator_list
        elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            yield statement.value.func


def _names_attribute(call: ast.Call) -> bool:
    """Whether this is `getattr(x, "shape")` or the like."""
    if not (isinstance(call.func, ast.Name) and call.func.id == "getattr" and len(call.args) > 1):
        return False
    name = call.args[1].value if isinstance(call.args[1], ast.Constant) else None
    return isinstance(name, str) and name != "random" and _is_harmless(name)


def _own_attributes(statement: ast.ClassDef) -> Iterator[ast.Attribute]:
    """What `__init__` of a class gives to the new object: it is run on no other."""
    for part in statement.body:
        if isinstance(part, ast.FunctionDef) and part.name == "__init__" and part.args.args:
            itself = part.args.args[0].arg
            inside = [node for line in part.body for node in ast.walk(line)]
            if not any(_rebinds(node, itself) for node in inside):
                yield from (node for node in inside if _is_given_to(node, itself))


def _is_given_to(node: ast.AST, itself: str) -> TypeGuard[ast.Attribute]:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == itself
        and _is_harmless(node.attr)
    )


def _rebinds(node: ast.AST, name: str) -> bool:
    """Whether this may make something else of a name: by an assignment, a parameter, an import, ..."""
    if isinstance(node, ast.Name):
        return node.id == name and not isinstance(node.ctx, ast.Load)
    return any(getattr(node, field, None) == name for field in ("arg", "name", "asname", "rest"))


def _is_name(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) or (
        isinstance(target, ast.Tuple) and all(map(_is_name, target.elts))
    )


def _is_harmless(name: str) -> bool:
    return name not in _LASTING and not name.startswith(_LASTING_PREFIXES)
