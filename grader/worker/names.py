"""Which names a statement of a module binds."""

from __future__ import annotations

import ast

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_OWN_SCOPE = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def bound_names(node: ast.AST) -> set[str]:
    """The names that a top-level statement (or a part of one) binds in its module."""
    if isinstance(node, _DEFINITIONS):
        return {node.name}
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return {(a.asname or a.name).partition(".")[0] for a in node.names}
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Store) else set()
    if isinstance(node, _OWN_SCOPE):
        return set()
    names = {node.name} if isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name else set()
    return names.union(*map(bound_names, ast.iter_child_nodes(node)))
