"""Who has enough in common with whom: from the passages of all statements of a class to pairs that match.

The passages of the whole class are sorted once, and only statements that share one meet: nothing is done
for pairs that have nothing in common, or for passages that many have.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MANY = 40  # learners with the same passage, at most, for it to count
MANY_SHARE = 1 / 3  # of the class, likewise
MATCH = 0.6  # of the own passages of the statement that has fewer
ENOUGH_OF_MATCH = 3.0  # weight of the shared passages of two statements
ENOUGH = (
    30.0  # weight of the matches of two submissions: some thirty lines that hardly anybody else has
)
MOST = 0.5  # of all that is the own of the one who has less; if the matches are that much, then
ENOUGH_OF_MOST = 18.0  # is enough
_CHUNK = 5_000_000  # meetings of two statements that are kept apart

Passages = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Found:
    """Two submissions, by number.

    Args:
        matches: a statement of each, by number, and the weight of what they share.
        whole: the weight of all passages of the one who has fewer.
    """

    one: int
    other: int
    matches: tuple[tuple[int, int, float], ...]
    whole: float

    @property
    def weight(self) -> float:
        return sum(weight for _, _, weight in self.matches)


def pairs_of(own: Sequence[Sequence[Passages]]) -> list[Found]:
    """All who share enough, most first; `own` holds the passages of each statement of each submission."""
    pieces = [piece for statements in own for piece in statements]
    counts = [len(statements) for statements in own]
    owner = np.repeat(np.arange(len(own)), counts)
    begins = np.cumsum([0, *counts])
    if not sum(map(len, pieces)):
        return []
    matches: dict[tuple[int, int], list[tuple[int, int, float]]] = {}
    meetings, counted = _meetings(pieces, owner, len(own))
    for i, j, weight in meetings:
        pair = int(owner[i]), int(owner[j])
        matches.setdefault(pair, []).append((i - begins[pair[0]], j - begins[pair[1]], weight))
    totals = np.bincount(owner, counted, len(own)).tolist()
    found = [
        Found(one, other, tuple(_each_once(of)), min(totals[one], totals[other]))
        for (one, other), of in matches.items()
    ]
    return sorted(filter(_is_enough, found), key=lambda pair: (-pair.weight, pair.one, pair.other))


def _is_enough(pair: Found) -> bool:
    least = ENOUGH_OF_MOST if pair.weight >= MOST * pair.whole else ENOUGH
    return pair.weight >= least


def _each_once(
    matches: Iterable[tuple[int, int, float]],
) -> Iterator[tuple[int, int, float]]:
    """The best of the matches, so that each statement is in one of them."""
    ones, others = set(), set()
    for i, j, weight in sorted(matches, key=lambda match: (-match[2], match[:2])):
        if i not in ones and j not in others:
            ones.add(i)
            others.add(j)
            yield int(i), int(j), weight


def _meetings(
    pieces: Sequence[Passages], owner: npt.NDArray[np.intp], learners: int
) -> tuple[Iterable[tuple[int, int, float]], npt.NDArray[np.float64]]:
    """`(one, other, weight)` of the statements of different learners that match, and the weight of each."""
    many = max(2, min(MANY, int(learners * MANY_SHARE)))
    which = np.repeat(np.arange(len(pieces)), [len(piece) for piece in pieces])
    every = np.concatenate(pieces)
    # Each passage of a learner once: a statement written down twice is not held by two.
    order = np.lexsort((which, owner[which], every))
    which, every = which[order], every[order]
    fresh = np.append(True, (every[1:] != every[:-1]) | (owner[which[1:]] != owner[which[:-1]]))
    which, every = which[fresh], every[fresh]
    starts = np.flatnonzero(np.append(True, every[1:] != every[:-1]))
    holders = np.diff(np.append(starts, len(every)))
    counted = np.zeros(len(pieces))
    codes, weights, kept_apart = [np.zeros(0, np.int64)], [np.zeros(0)], 0
    for size in range(1, many + 1):
        members = which[starts[holders == size][:, None] + np.arange(size)]
        np.add.at(counted, members.ravel(), _weight(size, many))
        for i, j in itertools.combinations(range(size), 2):
            codes.append(members[:, i] * len(pieces) + members[:, j])
            weights.append(np.full(len(members), _weight(size, many)))
            kept_apart += len(members)
            if kept_apart > _CHUNK:
                codes, weights = _merged(codes, weights)
                kept_apart = 0
    (code,), (weight,) = _merged(codes, weights)
    one, other = np.divmod(code, len(pieces))
    enough = np.maximum(ENOUGH_OF_MATCH, MATCH * np.minimum(counted[one], counted[other]))
    kept = weight >= enough
    lists = (one[kept].tolist(), other[kept].tolist(), weight[kept].tolist())
    return zip(*lists, strict=True), counted


def _merged(
    codes: list[npt.NDArray[np.int64]], weights: list[npt.NDArray[np.float64]]
) -> tuple[list[npt.NDArray[np.int64]], list[npt.NDArray[np.float64]]]:
    """Each code once, with the sum of its weights."""
    code, places = np.unique(np.concatenate(codes), return_inverse=True)
    return [code], [np.bincount(places, np.concatenate(weights), len(code)).astype(float)]


def _weight(holders: int, many: int) -> float:
    """How much a passage says that so many have: 1 for two, little for `many`."""
    return float(1 - np.log(max(2, holders) / 2) / np.log((many + 1) / 2)) if many > 2 else 1.0
