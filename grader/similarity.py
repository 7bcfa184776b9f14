"""Pairs of submissions that are suspiciously alike: a hint where to look, never a verdict.

What counts are passages (see `grader.passages`) of the learners' own: not those of the stubs or the
reference, and not those that many of the class have, for there is often one natural way. A passage that
two alone share weighs 1, one that more share less. Two statements match if most of what is their own is
shared; two submissions are shown if enough of their statements match.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from grader.matching import Found, Passages, pairs_of
from grader.pack import Pack
from grader.passages import (
    LENGTH,
    Hashes,
    Statement,
    Vocabulary,
    chosen,
    grams,
    seed_of,
    statements,
    vocabulary,
)

MAX_PAIRS = 200  # that are shown

Progress = Callable[[str, int, int], None]  # what is done, how much of it, of how much


class Handed(Protocol):
    """What is read of one submission."""

    @property
    def name(self) -> str: ...
    @property
    def digest(self) -> str: ...


@dataclass(frozen=True)
class Side:
    """A statement of one of two.

    Args:
        first: its first line in the chapter's file, counted from 1.
        marked: which of its lines, counted from 0, hold shared passages, of `tokens` tokens in all.
    """

    first: int
    lines: tuple[str, ...]
    marked: frozenset[int]
    tokens: int


@dataclass(frozen=True)
class Match:
    """Statements of two submissions that share passages.

    Args:
        name: what they bind, an exercise or a helper; may be empty.
    """

    chapter: str
    name: str
    first: Side
    second: Side


@dataclass(frozen=True)
class Pair:
    """Two submissions that are alike.

    Args:
        share: of all own passages of the one who has fewer, those in matches.
        weight: of the shared passages in matches: each counts the more, the fewer have it.
    """

    names: tuple[str, str]
    share: float
    weight: float
    matches: tuple[Match, ...]

    @property
    def tokens(self) -> int:
        """How many tokens of the first are in shared passages."""
        return sum(match.first.tokens for match in self.matches)


@dataclass(frozen=True)
class Group:
    """Identical submissions; `has_own`: beside short answers and those of the reference."""

    names: tuple[str, ...]
    has_own: bool


@dataclass(frozen=True)
class Similarity:
    """What was found among `compared` submissions; `more` pairs are left out."""

    compared: int
    groups: tuple[Group, ...]
    pairs: tuple[Pair, ...]
    more: int = 0

    @property
    def in_words(self) -> str:
        """What was found, in a sentence."""
        pairs, groups = len(self.pairs) + self.more, len(self.groups)
        return (
            f"{self.compared:,} submissions compared: {pairs:,} {'pair' if pairs == 1 else 'pairs'} "
            f"alike, {groups:,} {'group' if groups == 1 else 'groups'} of identical ones."
        )


def compare(
    submissions: Sequence[Handed],
    texts: Callable[[str], Mapping[str, str]],
    pack: Pack,
    progress: Progress = lambda what, done, of: None,
) -> Similarity:
    """What is alike among `submissions`.

    Args:
        texts: gives chapter names and their source for the name of a submission; called for each, and
            again for those that are shown.
        progress: told after each submission how many are read.
    """
    reader = _Reader(pack)
    alike: dict[str, list[str]] = {}
    for submission in submissions:
        alike.setdefault(submission.digest, []).append(submission.name)
    names = [members[0] for members in alike.values()]
    own: list[list[Passages]] = []
    for done, name in enumerate(names, 1):
        own.append([reader.own(*written) for written in reader.written(texts(name))])
        progress("reading", done, len(names))
    found = pairs_of(own)
    pairs = tuple(
        reader.pair((names[found.one], names[found.other]), found, own, texts)
        for found in found[:MAX_PAIRS]
    )
    groups = tuple(
        Group(tuple(members), any(map(len, statements)))
        for members, statements in zip(alike.values(), own, strict=True)
        if len(members) > 1 and statements
    )
    return Similarity(len(submissions), groups, pairs, max(0, len(found) - MAX_PAIRS))


class _Reader:
    """Reads submissions to a pack, leaving out what is the pack's own."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.vocabulary: Vocabulary = vocabulary(pack)
        self._given: set[tuple[str, str]] = set()
        self._known: set[int] = set()
        for chapter in pack.chapters:
            for folder in (pack.stubs_dir, pack.solutions_dir):
                text = (folder / chapter.filename).read_text(encoding="utf-8")
                for statement in statements(text, chapter):
                    if folder == pack.stubs_dir:
                        self._given.add((chapter.name, statement.code))
                    self._known |= set(self._grams(chapter.name, statement).tolist())

    def _grams(self, chapter: str, statement: Statement) -> Hashes:
        return grams(self.vocabulary.numbers(statement.code), seed_of(chapter))

    def written(self, texts: Mapping[str, str]) -> list[tuple[str, Statement]]:
        """What was handed in beyond the stubs: chapter names and statements."""
        return [
            (chapter.name, statement)
            for chapter in self.pack.chapters
            for statement in statements(texts.get(chapter.name, ""), chapter)
            if (chapter.name, statement.code) not in self._given
        ]

    def own(self, chapter: str, statement: Statement) -> Passages:
        """The passages of a statement that are not the pack's, sorted."""
        hashes = self._grams(chapter, statement)
        passages = set(hashes[chosen(hashes)].tolist()) - self._known
        return np.array(sorted(passages), np.uint64)

    def pair(
        self,
        names: tuple[str, str],
        found: Found,
        own: Sequence[Sequence[Passages]],
        texts: Callable[[str], Mapping[str, str]],
    ) -> Pair:
        """The pair with its matches, those with most first."""
        sources = [texts(name) for name in names]
        written = [self.written(source) for source in sources]
        matches = []
        for i, j, _ in found.matches:
            shared = np.intersect1d(own[found.one][i], own[found.other][j])
            (chapter, one), (_, other) = written[0][i], written[1][j]
            first = self._side(sources[0][chapter], chapter, one, shared)
            second = self._side(sources[1][chapter], chapter, other, shared)
            matches.append(Match(chapter, one.name or other.name, first, second))
        return Pair(names, found.weight / found.whole, found.weight, tuple(matches))

    def _side(self, text: str, chapter: str, statement: Statement, shared: Passages) -> Side:
        hashes = self._grams(chapter, statement)
        tokens: set[int] = set()
        for start in np.flatnonzero(np.isin(hashes, shared)).tolist():
            tokens.update(range(start, start + LENGTH))
        line_of = self.vocabulary.lines(statement.code)
        marked = frozenset(line_of[token] for token in tokens)
        source = text.split("\n")[statement.first - 1 : statement.last]
        return Side(statement.first, tuple(source), marked, len(tokens))
