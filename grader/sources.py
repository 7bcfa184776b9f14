"""The text of a chapter, taken apart: where a name is defined, and what its definition rests on."""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterable, Mapping

from grader.anonymous import anonymous
from grader.worker.names import bound_names

_DEEPEST = 200  # levels of a syntax tree; what works on one calls itself for each


def lines_of(text: str) -> list[str]:
    """The lines as Python counts them: `str.splitlines` would also split at form feeds and others."""
    return [line + "\n" for line in text.removesuffix("\n").split("\n")]


def line_ranges(text: str, name: str) -> list[tuple[int, int]]:
    """The (start, end) line ranges of the top-level statements that bind `name`.

    Raises:
        SyntaxError, ValueError: the text is no Python.
    """
    ranges = []
    for statement in parsed(text):
        if name in bound_names(statement):
            decorators = getattr(statement, "decorator_list", [])
            start = min([statement.lineno, *(d.lineno for d in decorators)])
            ranges.append((start - 1, statement.end_lineno or statement.lineno))
    return ranges


@functools.lru_cache(64)
def parsed(text: str) -> tuple[ast.stmt, ...]:
    """The top-level statements.

    Raises:
        SyntaxError, ValueError: the text is no Python, or nested more deeply than anybody can read.
    """
    try:
        tree = ast.parse(text)
    except (RecursionError, MemoryError):
        raise ValueError("the text is nested too deeply") from None
    level: list[ast.AST] = [tree]
    for _ in range(_DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return tuple(tree.body)
    raise ValueError("the text is nested too deeply")


def is_python(text: str) -> bool:
    """Whether Python can read the text."""
    try:
        parsed(text)
    except (SyntaxError, ValueError):
        return False
    return True


def definition(text: str, name: str) -> str:
    """The statements that bind `name`, as they are written."""
    lines = lines_of(text)
    pieces = ["".join(lines[start:end]) for start, end in line_ranges(text, name)]
    return "\n\n".join(pieces)


def digests(
    texts: Mapping[str, str], chapter: str, names: Iterable[str], anonymously: bool = False
) -> dict[str, str]:
    """For each of `names`, a digest of all code of `chapter` that its definition rests on.

    Comments, layout, the chapter's docstring and what is imported once more do not count; what the code
    names does, and so do statements that bind nothing. A chapter that is imported counts whole, and so does
    a text that is no Python.

    Args:
        texts: chapter names and their sources.
        anonymously: whether the names of local variables do not count either.
    """
    text = texts.get(chapter, "")
    if not is_python(text):
        return dict.fromkeys(names, text_digest(text))
    body = parsed(text)
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]  # without the lesson
    functions = {node.name for node in body if isinstance(node, ast.FunctionDef)}
    dumped = (ast.dump(anonymous(node) if anonymously else node) for node in body)
    statements = [
        _Statement(node, code, texts, chapter, functions)
        for node, code in zip(body, dumped, strict=True)
    ]
    return {name: text_digest(_resting_on(name, statements)) for name in names}


class _Statement:
    """A top-level statement: its code, the names it binds or completes and those it mentions."""

    def __init__(
        self,
        node: ast.stmt,
        code: str,
        texts: Mapping[str, str],
        chapter: str,
        functions: set[str],
    ) -> None:
        self.code = code
        bound = bound_names(node)
        self.binds = bound | (_decorating(node) & functions)
        self.imports = isinstance(node, ast.Import | ast.ImportFrom)
        mentioned = (getattr(part, "id", None) for part in ast.walk(node))
        self.mentions = {name for name in mentioned if name} - bound
        for imported in _modules(node) & texts.keys() - {chapter}:
            self.code += texts[imported]


def _decorating(node: ast.stmt) -> set[str]:
    """The names whose methods decorate a definition, and which it may complete: `f` of `@f.defjvp`."""
    methods = (d for d in getattr(node, "decorator_list", []) if isinstance(d, ast.Attribute))
    return {method.value.id for method in methods if isinstance(method.value, ast.Name)}


def _modules(node: ast.AST) -> set[str]:
    """The modules that a statement imports, also inside functions."""
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Import):
            found |= {alias.name for alias in part.names}
        elif isinstance(part, ast.ImportFrom) and part.module:
            found.add(part.module)
    return found


def _resting_on(name: str, statements: list[_Statement]) -> str:
    """The code of all statements that the definition of `name` needs, in their order."""
    wanted, pending = set(), {name}
    for statement in statements:
        if not statement.binds:
            pending |= statement.mentions
    while pending:
        wanted |= pending
        found = (s.mentions for s in statements if s.binds & pending)
        pending = set().union(*found) - wanted
    needed = [s for s in statements if not s.binds or s.binds & wanted]
    return "\n".join(s.code for i, s in enumerate(needed) if not _is_again(s, needed[:i]))


def _is_again(statement: _Statement, before: list[_Statement]) -> bool:
    """Whether it imports once more what the last statement to bind its names has imported."""
    if not statement.imports:
        return False
    last = next((s for s in reversed(before) if s.binds & statement.binds), None)
    return last is not None and last.code == statement.code


def text_digest(text: str) -> str:
    """SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
