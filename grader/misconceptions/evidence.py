"""What is known about a failed check when its message is written."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.model import Kind, Raised
from grader.worker.names import bound_names
from grader.worker.wire import Array, Record

# Characters of a file that is looked into: some texts take a parser seconds, and gigabytes, for a megabyte.
_LARGEST = 128 * 2**10
_SIMPLE = (
    ast.Assign,
    ast.AnnAssign,
    ast.AugAssign,
    ast.Expr,
    ast.Return,
)  # statements of one piece


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()


@dataclass(frozen=True)
class Evidence:
    """What a failed check leaves behind for the rules.

    Args:
        chapter, exercise: what was checked, such as "ch03_jit" and "selu".
        check, kind: the check's name and kind.
        rationale, shown: what the message says already, and the evidence that it shows.
        args: the arguments of the call that failed, NumPy arrays among them.
        compiled: whether the call was one jitted program.
        error: what the answer raised, if it did.
        got: the decoded value that the answer returned; `MISSING` if there is none.
        expected: the decoded value that was expected; `MISSING` if the check compared nothing.
        compilations: programs compiled during the call.
        printed: what the call printed.
        source: the text of the learner's file.
    """

    chapter: str
    exercise: str
    check: str
    kind: Kind
    rationale: str = ""
    shown: str = ""
    args: tuple[Any, ...] = ()
    compiled: bool = False
    error: Raised | None = None
    got: Any = MISSING
    expected: Any = MISSING
    compilations: int = 0
    printed: str = ""
    source: str = ""

    def raised(self, *types: str) -> bool:
        """Whether the answer raised an exception of one of these classes (by name)."""
        return self.error is not None and bool(set(types) & set(self.error.types))

    @functools.cached_property
    def leaves(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Pairs (got, expected) of arrays, where both values have the same structure; else none."""
        try:
            return list(_pairs(self.got, self.expected))
        except ValueError:
            return []

    @functools.cached_property
    def tree(self) -> ast.Module:
        """The learner's file, parsed; an empty module if Python cannot read it, or not soon."""
        if len(self.source) > _LARGEST:
            return ast.Module([], [])
        try:
            return ast.parse(self.source)
        except SyntaxError:
            return ast.Module([], [])

    @functools.cached_property
    def code(self) -> ast.AST:
        """The statement that defines the exercise (the last one that binds its name)."""
        return self.definition(self.exercise) or ast.Module([], [])

    @functools.cached_property
    def _definitions(self) -> dict[str, ast.stmt]:
        return {name: node for node in self.tree.body for name in bound_names(node)}

    def definition(self, name: str) -> ast.stmt | None:
        """The last top-level statement that binds `name`."""
        return self._definitions.get(name)

    @functools.cached_property
    def calls(self) -> frozenset[str]:
        """The dotted names of everything that the exercise's code, and what it calls, calls."""
        names: set[str] = set()
        seen: set[str] = set()
        todo: list[ast.AST] = [self.code]
        while todo:
            for node in ast.walk(todo.pop()):
                if isinstance(node, ast.Call):
                    names.add(ast.unparse(node.func))
                if isinstance(node, ast.Name) and node.id not in seen:
                    seen.add(node.id)
                    helper = self.definition(node.id)
                    if isinstance(helper, ast.FunctionDef) and helper is not self.code:
                        todo.append(helper)
        return frozenset(names)

    @functools.cached_property
    def parts(self) -> tuple[ast.AST, ...]:
        """The exercise's code and the private helpers (`_name`) of the file that it leads to."""
        found: list[ast.AST] = [self.code]
        seen = {self.code}
        for part in found:
            for name in sorted({n.id for n in ast.walk(part) if isinstance(n, ast.Name)}):
                helper = self.definition(name) if name.startswith("_") else None
                if helper is not None and helper not in seen:
                    found.append(helper)
                    seen.add(helper)
        return tuple(found)

    @functools.cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of `parts`."""
        return tuple(node for part in self.parts for node in ast.walk(part))

    @functools.cached_property
    def text(self) -> str:
        """`parts` as Python writes them: no comments, one way to quote."""
        return "\n".join(ast.unparse(part) for part in self.parts)

    @property
    def line(self) -> str:
        """The learner's innermost line in the traceback; "" if there is none.

        Where that line only opens a bracket, the statement: so Python 3.12 tells of a comprehension.
        """
        if not self.error or not self.error.frames:
            return ""
        frame = self.error.frames[-1]
        text = frame.text.strip()
        if text.endswith(("(", "[", "{")):
            whole = [
                n for n in ast.walk(self.tree) if isinstance(n, _SIMPLE) and n.lineno == frame.line
            ]
            text = ast.unparse(whole[-1]) if whole else text
        return text

    def says(self, *texts: str) -> bool:
        """Whether the exception's text contains one of these."""
        return self.error is not None and any(text in self.error.message for text in texts)

    def called(self, *endings: str) -> list[ast.Call]:
        """The calls in `parts` whose dotted name ends so."""
        return [call for name, call in self._named_calls if name in endings]

    @functools.cached_property
    def _named_calls(self) -> list[tuple[str, ast.Call]]:
        calls = [node for node in self.nodes if isinstance(node, ast.Call)]
        return [(ast.unparse(call.func).split(".")[-1], call) for call in calls]

    @property
    def parameters(self) -> list[str]:
        """The parameters of the exercise, where it is a function."""
        if not isinstance(self.code, ast.FunctionDef):
            return []
        arguments = self.code.args
        return [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]

    @property
    def differs(self) -> bool:
        """Whether the check compared values of one structure and shape, all of them numbers."""
        return bool(self.leaves) and all(a.shape == b.shape for a, b in self.leaves)

    def uses(self, *endings: str) -> bool:
        """Whether a call's dotted name ends so: `uses("split")` finds `jax.random.split`."""
        return any(name.split(".")[-1] in endings or name in endings for name in self.calls)


def _pairs(got: Any, expected: Any) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    if isinstance(got, Record):
        got = got.values
    if isinstance(expected, Record):
        expected = expected.values
    if isinstance(expected, list | tuple):
        if not isinstance(got, list | tuple) or len(got) != len(expected):
            raise ValueError("another structure")
        for mine, theirs in zip(got, expected, strict=True):
            yield from _pairs(mine, theirs)
    elif isinstance(expected, dict):
        if not isinstance(got, dict) or got.keys() != expected.keys():
            raise ValueError("another structure")
        for key in expected:
            yield from _pairs(got[key], expected[key])
    else:
        yield _numbers(got), _numbers(expected)


def _numbers(value: Any) -> np.ndarray:
    if isinstance(value, Array):
        value = value.values
    if isinstance(value, np.ndarray | np.generic | int | float | complex):
        return np.asarray(value)
    raise ValueError("no numbers")
