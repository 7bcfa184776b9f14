"""Syntax trees that are never changed: finding nodes, and copies with another node in one place."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator

Operator = Callable[[ast.AST], Iterator[ast.AST]]
Path = tuple[tuple[str, int | None], ...]


def places(node: ast.AST, path: Path = ()) -> Iterator[tuple[Path, ast.AST]]:
    """Every node that is code, with the way to it: docstrings and format specifications are not."""
    yield path, node
    for field, value in ast.iter_fields(node):
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            docstring = field == "body" and index == 0 and _is_text(child)
            if isinstance(child, ast.AST) and not docstring and field != "format_spec":
                yield from places(child, (*path, (field, index)))


def replaced(node: ast.AST, path: Path, new: ast.AST) -> ast.AST:
    """A copy of `node` with `new` at the end of `path`; nothing that exists is changed."""
    if not path:
        return new
    (field, index), *rest = path
    result, value = copy.copy(node), getattr(node, field)
    if index is None:
        setattr(result, field, replaced(value, tuple(rest), new))
    else:
        changed = replaced(value[index], tuple(rest), new)
        setattr(result, field, [*value[:index], changed, *value[index + 1 :]])
    return result


def _is_text(node: object) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def expression(text: str) -> ast.expr:
    """The expression that `text` is."""
    return ast.parse(text, mode="eval").body


def with_fields(node: ast.AST, **fields: object) -> ast.AST:
    """A copy of `node` with other fields."""
    result = copy.copy(node)
    for name, value in fields.items():
        setattr(result, name, value)
    return result


def called(node: ast.AST) -> str:
    """The last part of the name of what is called; nothing if `node` is no call."""
    return ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""


def with_keyword(node: ast.AST, names: tuple[str, ...], others: Operator) -> Iterator[ast.AST]:
    """The call without a keyword of these names, and with what `others` makes of its value."""
    for index, keyword in enumerate(node.keywords if isinstance(node, ast.Call) else []):
        if keyword.arg in names:
            before, after = node.keywords[:index], node.keywords[index + 1 :]
            yield with_fields(node, keywords=before + after)
            for value in others(keyword.value):
                yield with_fields(
                    node, keywords=[*before, with_fields(keyword, value=value), *after]
                )


def nothing(node: ast.AST) -> Iterator[ast.AST]:
    """The operator that makes nothing."""
    yield from ()
