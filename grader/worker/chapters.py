"""Chapter modules inside a worker: made from source text, never from a file or an import path.

A submission's chapters may import one another; nothing else of the submission can be imported. Where
the grader asks for it, top-level names are replaced by *stand-ins* (the reference's version of an
exercise that the learner has not solved yet), so that one mistake is not counted twice. Statements that
furnish a replaced function, such as `sigmoid.defvjp(forward, backward)`, still furnish the learner's own.
"""

from __future__ import annotations

import ast
import importlib
import importlib.abc
import importlib.machinery
import linecache
import marshal
import sys
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from grader.worker.names import bound_names

_STAND_INS, _OWN = "__stand_ins__", "__own__"


@dataclass(frozen=True)
class Sources:
    """What a worker needs to build one chapter.

    `texts` maps chapter names to (file name, source); `stand_ins` maps exercise names of `chapter` to
    nothing but the reference's code that defines them, compiled and marshalled: no text of it comes here.
    """

    chapter: str
    texts: dict[str, tuple[str, str]]
    stand_ins: tuple[str, ...] = ()
    stand_in_code: bytes = b""


def load(sources: Sources) -> ModuleType:
    """The chapter as a module, its code executed.

    Raises:
        BaseException: whatever the code raises, `SystemExit` and `SyntaxError` included.
    """
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _Siblings)]
    sys.meta_path.insert(0, _Siblings(sources))
    for name in sources.texts:
        sys.modules.pop(name, None)
    return importlib.import_module(sources.chapter)


class _Siblings(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the chapters of the submission by their exact names."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name not in self._sources.texts:
            return None
        return importlib.machinery.ModuleSpec(name, self)

    def exec_module(self, module: ModuleType) -> None:
        name = module.__spec__.name if module.__spec__ else module.__name__
        filename, text = self._sources.texts[name]
        module.__file__ = filename
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
        tree = ast.parse(text, filename)
        if name == self._sources.chapter and self._sources.stand_ins:
            stand_ins = _stand_ins(self._sources)
            module.__dict__.update({_STAND_INS: stand_ins, _OWN: dict(stand_ins)})
            tree = _with_stand_ins(tree, frozenset(self._sources.stand_ins))
        exec(compile(tree, filename, "exec", dont_inherit=True), module.__dict__)
        for helper in (_STAND_INS, _OWN):
            module.__dict__.pop(helper, None)


def _stand_ins(sources: Sources) -> dict[str, Any]:
    module = ModuleType("stand_ins")
    exec(marshal.loads(sources.stand_in_code), module.__dict__)
    return {name: getattr(module, name) for name in sources.stand_ins}


def _with_stand_ins(tree: ast.Module, names: frozenset[str]) -> ast.Module:
    """`tree` with every top-level binding of `names` followed by the stand-in's binding."""
    start = _future_imports_end(tree)
    body = list(tree.body[:start])
    for name in sorted(names) if tree.body else ():
        body += _code(f"{name} = {_STAND_INS}[{name!r}]", tree.body[0])
    for statement in tree.body[start:]:
        bound = names & bound_names(statement)
        body.append(_Furnishing(names - bound).visit(statement))
        for name in sorted(bound):
            code = f"{_OWN}[{name!r}] = {name}; {name} = {_STAND_INS}[{name!r}]"
            body += _code(code, statement)
    return ast.Module(body, tree.type_ignores)


class _Furnishing(ast.NodeTransformer):
    """Has `f.method(...)` as a statement, `@f.method` and `f.name = ...` mean the learner's own `f`."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        for decorator in node.decorator_list:
            self._of_own(decorator)
        return node  # what its body does comes later, when the stand-in is in its place

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        if isinstance(node.value, ast.Call):
            self._of_own(node.value)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.ctx, ast.Store):
            self._of_own(node)
        return node

    def _of_own(self, node: ast.expr) -> None:
        attribute = node.func if isinstance(node, ast.Call) else node
        if not isinstance(attribute, ast.Attribute):
            return
        root = attribute.value
        if isinstance(root, ast.Name) and root.id in self._names:
            (own,) = _code(f"{_OWN}[{root.id!r}]", root)
            attribute.value = own.value


def _future_imports_end(tree: ast.Module) -> int:
    end = 0
    for index, statement in enumerate(tree.body):
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            end = index + 1
    return end


def _code(text: str, near: ast.AST) -> list[Any]:
    """The statements of `text`, as if they stood in the place of `near`."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        ast.copy_location(node, near)
    return tree.body
