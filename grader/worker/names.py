"""Which names a statement of a module binds."""

from __future__ import annotations

import ast


def bound_names(statement: ast.stmt) -> set[str]:
    """The names that a top-level statement binds in its module."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {(a.asname or a.name).partition(".")[0] for a in statement.names}
    if isinstance(statement, ast.Expr):
        return {n.target.id for n in ast.walk(statement) if isinstance(n, ast.NamedExpr)}
    names = {
        n.id
        for n in ast.walk(statement)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.stmt):
            names |= bound_names(child)
    return names
