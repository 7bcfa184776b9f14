"""Code up to the names of local variables: functions that differ in nothing else do the same.

Parameters keep their names, since callers may use them. So does every name that is anything but a local variable
anywhere in the statement: a global, a parameter, an import.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator


def anonymous(statement: ast.stmt) -> ast.stmt:
    """A copy of a top-level statement, in which the local variables of functions have numbers for names."""
    text = ast.unparse(statement)
    tree = ast.parse(text).body[0]
    try:
        local = _local_names(symtable.symtable(text, "", "exec"))
    except SyntaxError:  # such as a `return` outside of a function, which parsing allows
        return statement
    numbers: dict[str, str] = {}

    def number(name: str) -> str:
        return numbers.setdefault(name, str(len(numbers))) if name in local else name

    for node in ast.walk(tree):
        for field in ("id", "name", "rest"):
            if isinstance(name := getattr(node, field, None), str):
                setattr(node, field, number(name))
        if isinstance(node, ast.Nonlocal):
            node.names = list(map(number, node.names))
    return tree


def _local_names(module: symtable.SymbolTable) -> set[str]:
    """The names that are local variables of functions in every scope in which they occur."""
    local: set[str] = set()
    other: set[str] = set()
    for scope in _scopes(module):
        for symbol in scope.get_symbols():
            is_local = (symbol.is_local() and not symbol.is_parameter()) or symbol.is_free()
            named = symbol.is_imported() or symbol.is_namespace()  # functions know their names
            known = scope.get_type() == "function" and is_local and not named
            (local if known else other).add(symbol.get_name())
    return local - other


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _scopes(child)
