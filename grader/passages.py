"""The code of a chapter as passages: short runs of tokens that survive what is changed to hide a copy.

Comments, docstrings, layout and imports do not count. Names that the learner chose are all alike, since
renaming is the first thing that is done to a copy; names of JAX's, of Python's and of the pack's own
(`where`, `range`, `dot`) are kept, and `jnp.where` and `jax.numpy.where` are both `where`. What one
statement at the top of the file says is taken apart by itself, so that their order is nothing.

Nothing is parsed: the text may be no Python. All expressions run in linear time on any text.

Passages are k-grams of tokens, chosen by winnowing (Schleimer, Wilkerson, Aiken, SIGMOD 2003): every run of
`GUARANTEED` tokens that two texts share shows in both as an equal passage.
"""

from __future__ import annotations

import ast
import bisect
import builtins
import functools
import hashlib
import itertools
import keyword
import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from grader.pack import Chapter, Pack

LENGTH = 10  # tokens of a passage: about a line
_WINDOW = 4
GUARANTEED = LENGTH + _WINDOW - 1
MAX_TOKENS = 3_000  # of a statement; the longest of the reference has 300
MAX_STATEMENTS = 400  # of a chapter; those that bind an exercise come first

_REMEMBERED = 100_000  # different tokens

Hashes = npt.NDArray[np.uint64]

_COMMENT_OR_STRING = re.compile(
    r"#[^\n]*+"
    r"|(?:\b[bfrtuBFRTU]{1,2})?"
    r"(?:\"\"\"(?:[^\\\"]|\\.|\"(?!\"\"))*+(?:\"\"\"|\Z)|'''(?:[^\\']|\\.|'(?!''))*+(?:'''|\Z)"
    r"|\"(?:[^\\\"\n]|\\.)*+(?:\"|$)|'(?:[^\\'\n]|\\.)*+(?:'|$))",
    re.DOTALL | re.MULTILINE,
)
_DOCSTRING = re.compile(r"^[ \t]*+\"[ \t;]*+$", re.MULTILINE)  # a text that stands alone
_CALL = re.compile(r"[ \t]++\(")
_CONTINUED = re.compile(r"(?:else|elif|except|finally)\b")
_IMPORT = re.compile(r"(?:from|import)\b")
_BOUND = re.compile(
    r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)|^(\w+)[ \t]*(?::[^=\n]*)?=(?!=)", re.M
)
_TOKEN = re.compile(r"\.?[^\W\d]\w*+\(?|\.?\d[\w.]*+|[-+*/%@&|^=<>!:]{1,3}|[^\s\w]")


@dataclass(frozen=True)
class Statement:
    """A statement at the top of a chapter.

    Args:
        name: what it binds; empty if nothing.
        first, last: its lines, counted from 1.
        code: its text without comments and strings; its lines are those of the file.
    """

    name: str
    first: int
    last: int
    code: str


def statements(text: str, chapter: Chapter) -> list[Statement]:
    """The statements of a chapter's text that are more than imports, those that bind exercises first."""
    code = _DOCSTRING.sub("", _COMMENT_OR_STRING.sub(_blank, text))
    lines = code.split("\n")
    found = []
    for start, end in itertools.pairwise([*_starts(lines), len(lines)]):
        piece = "\n".join(lines[start:end]).rstrip()
        if not _IMPORT.match(piece):
            bound = _BOUND.search(piece)
            name = (bound[1] or bound[2]) if bound else ""
            found.append(Statement(name, start + 1, start + 1 + piece.count("\n"), piece))
    exercises = {exercise.name for exercise in chapter.exercises}
    found.sort(key=lambda statement: statement.name not in exercises)
    return found[:MAX_STATEMENTS]


def _starts(lines: list[str]) -> Iterator[int]:
    """The lines that begin a statement: those that begin in the first column, with decorators above them."""
    decorated = False
    for number, line in enumerate(lines):
        first = line[:1]
        if first == "@":
            if not decorated:
                yield number
            decorated = True
        elif (first.isalpha() or first == "_") and not _CONTINUED.match(line):
            if not decorated:
                yield number
            decorated = False


def _blank(match: re.Match[str]) -> str:
    """A quotation mark in the place of a text, nothing in that of a comment; lines stay."""
    piece = match[0]
    return "" if piece[0] == "#" else '"' + "\n" * piece.count("\n")


class Vocabulary:
    """The names that are kept, since they are not the learner's: those of Python and of the pack's files."""

    def __init__(self, sources: Iterable[str]) -> None:
        self.names = {*keyword.kwlist, *dir(builtins)}
        self.called: set[str] = set()
        self._modules: set[str] = set()
        for source in sources:
            for node in ast.walk(ast.parse(source)):
                self._learn(node)
        inner = "|".join(sorted(map(re.escape, self._modules))) or "(?!)"
        self._qualifier = re.compile(rf"(?<![\w.])(?:(?:{inner})\.)+")
        self._known = _Numbers(self.names, self.called)

    def _learn(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import | ast.ImportFrom):
            imported = {part for a in node.names for part in (a.asname or "", *a.name.split("."))}
            self.names |= imported - {""}
            self._modules |= imported - {""}
        elif isinstance(node, ast.Attribute):
            self.called.add(node.attr)
            if isinstance(node.value, ast.Attribute) and _root(node) in self._modules:
                self._modules.add(node.value.attr)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef) and node.col_offset == 0:
            self.names.add(node.name)

    def numbers(self, code: str) -> list[int]:
        """The tokens of a statement's code, as numbers that are the same in every process."""
        found = _TOKEN.findall(self._plain(code))
        return list(map(self._known.__getitem__, found[:MAX_TOKENS]))

    def lines(self, code: str) -> list[int]:
        """The line of each token of a statement's code, counted from 0."""
        ends = [end.start() for end in re.finditer("\n", code)]
        found = itertools.islice(_TOKEN.finditer(self._plain(code)), MAX_TOKENS)
        return [bisect.bisect(ends, token.start()) for token in found]

    def _plain(self, code: str) -> str:
        """`code` without the names of modules, and with calls written one way."""
        return _CALL.sub("(", self._qualifier.sub("", code))


class _Numbers(dict[str, int]):
    """Numbers of tokens, found as they are asked for; names that are not kept have one number.

    Args:
        names: are kept everywhere; `called` where they are called: a variable may have such a name too.
    """

    def __init__(self, names: Container[str], called: Container[str]) -> None:
        self.names, self.called = names, called

    def __missing__(self, token: str) -> int:
        name = token.removesuffix("(")
        kept = name in self.names or (name != token and name in self.called)
        if name.isidentifier() and not kept:
            token = token.replace(name, "a name")
        number = _number(token)
        if len(self) < _REMEMBERED:
            self[token] = number
        return number


def _root(node: ast.expr) -> str:
    """The name that a chain of attributes begins with."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def vocabulary(pack: Pack) -> Vocabulary:
    """The vocabulary of a pack's stubs and solutions."""
    folders = (pack.stubs_dir, pack.solutions_dir)
    return Vocabulary(
        (folder / chapter.filename).read_text(encoding="utf-8")
        for folder in folders
        for chapter in pack.chapters
    )


def _number(text: str) -> int:
    return int.from_bytes(
        hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big"
    )


def grams(numbers: list[int], seed: int) -> Hashes:
    """The hash of every run of `LENGTH` tokens, in order."""
    count = len(numbers) - LENGTH + 1
    if count < 1:
        return np.zeros(0, np.uint64)
    values = np.array(numbers, np.uint64) ^ np.uint64(seed)
    mixed = np.zeros(count, np.uint64)
    for offset in range(LENGTH):  # unsigned numbers wrap around
        mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + values[offset : offset + count]
    mixed ^= mixed >> np.uint64(29)
    return mixed * np.uint64(0xBF58476D1CE4E5B9)


def chosen(hashes: Hashes) -> npt.NDArray[np.intp]:
    """The places of the passages that winnowing keeps: of every window the least, the last of equals."""
    if len(hashes) <= _WINDOW:
        return (
            np.array([len(hashes) - 1 - int(np.argmin(hashes[::-1]))])
            if len(hashes)
            else np.zeros(0, np.intp)
        )
    count = len(hashes) - _WINDOW + 1
    windows = np.stack([hashes[shift : shift + count] for shift in reversed(range(_WINDOW))])
    return np.unique(_WINDOW - 1 - np.argmin(windows, axis=0) + np.arange(count))


@functools.cache
def seed_of(chapter: str) -> int:
    """What makes passages of different chapters differ."""
    return _number(chapter)
