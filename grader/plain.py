"""Whether a chapter is plain: whether its functions can act on nothing but their arguments and results.

In a plain chapter an exercise's verdict rests on its own definition and on what that names, not on what
other exercises do. It is asked before a verdict on the same code is used again, so a doubt counts as "no":
plain code is made of imports from a few libraries, functions, and names for what never changes.
"""

from __future__ import annotations

import ast
import functools

_MODULES = {
    *("__future__", "jax", "jax.lax", "jax.nn", "jax.numpy", "jax.random", "jax.scipy.special"),
    *("jax.sharding", "jax.tree", "jax.tree_util", "numpy", "torch", "torch.nn"),
    *("torch.nn.functional", "collections.abc", "functools", "itertools", "math", "operator"),
    *("time", "typing"),
}
_FAR_REACHING = {  # built-in functions that reach what the code does not name
    *("breakpoint", "compile", "delattr", "eval", "exec", "getattr", "globals", "input", "locals"),
    *("open", "setattr", "vars"),
}
_LASTING = {  # attributes that remember, change how libraries behave, or lead out of them
    *("attrgetter", "cache", "config", "core", "ctypeslib", "delete", "delitem", "distributed"),
    *("environ", "experimental", "ffi", "get_type_hints", "hub", "lib", "library", "live_arrays"),
    *("lru_cache", "manual_seed", "methodcaller", "modules", "monitoring", "os", "profiler"),
    *("seed", "seterr", "seterrcall", "setbufsize", "setitem", "singledispatch", "sys", "testing"),
    *("utils", "ForwardRef"),
}
_LASTING_PREFIXES = ("_", "clear_", "disable_", "enable_", "rand", "register", "set_", "use_")
_GIVING_AWAY = {"donate_argnames", "donate_argnums", "inplace", "out"}  # keywords
_TRANSFORMS = {
    f"jax.{name}"
    for name in (
        *("checkpoint", "grad", "hessian", "jacfwd", "jacrev", "jit", "remat", "shard_map"),
        *("value_and_grad", "vmap"),
    )
}
_PURE = ("jax.numpy.", "jax.random.", "jax.nn.", "jax.lax.", "math.")
_NO_PART = (
    *(ast.AsyncFunctionDef, ast.Await, ast.ClassDef, ast.Delete, ast.Global),
    *(ast.Yield, ast.YieldFrom),
)


@functools.lru_cache(256)
def is_plain(text: str) -> bool:
    """Whether the chapter `text` is plain, as far as can be told without running it."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    body = [statement for statement in tree.body if not _is_main(statement)]
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
        for node in (part for statement in body for part in ast.walk(statement)):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                self._used.add(node.id)
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
            return all(map(self._is_transform, statement.decorator_list))
        if isinstance(statement, ast.Assign):
            names = {
                n.id for t in statement.targets for n in ast.walk(t) if isinstance(n, ast.Name)
            }
            if isinstance(statement.value, ast.List) and not names & self._used:
                return self._is_given(statement.value)
            return all(map(_is_name, statement.targets)) and self._never_changes(statement.value)
        if isinstance(statement, ast.Expr):
            return isinstance(statement.value, ast.Constant)
        return isinstance(statement, ast.Import | ast.ImportFrom)

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
            return node.id not in _FAR_REACHING and not node.id.startswith("__")
        if isinstance(node, ast.Attribute):
            return isinstance(node.ctx, ast.Load) and self._is_plain_attribute(node)
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
        return _is_harmless(node.attr) or origin == "jax.core"


def _is_name(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) or (
        isinstance(target, ast.Tuple) and all(map(_is_name, target.elts))
    )


def _is_harmless(name: str) -> bool:
    return name not in _LASTING and not name.startswith(_LASTING_PREFIXES)
