"""The page of a class: who stands where, what was hard, what was misunderstood; and a page per learner.

The page needs nothing else and may load nothing: the figures of all learners travel in it as JSON, and its
own script paints the rows that can be seen. All texts of learners are cleaned, bounded and escaped.
"""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from grader.files import write_whole
from grader.pack import Exercise, Pack
from grader.reports.learner_pages import LEARNERS, Class, link_to, shown_name, write_learner_pages
from grader.reports.page import asset, render, shares_of
from grader.reports.symbols import SYMBOLS
from grader.text import MESSAGE, continued, one_line

if TYPE_CHECKING:
    from grader.batch.entries import Entry, Graded

CLASS_PAGE = "index.html"
SIMILARITY = "similarity.html"  # beside it too
_LETTERS = {status: status[0] for status in SYMBOLS}  # p f t b u e
_NOTHING = "-"
_BINS = 20
_SHOWN = 12


@dataclass(frozen=True)
class Tally:
    """An exercise in the class: of `counted` learners, who tried it and who passed."""

    exercise: Exercise
    counted: int
    tried: int
    passed: int

    @property
    def share(self) -> float:
        return self.passed / self.counted if self.counted else 0.0


@dataclass(frozen=True)
class Misconception:
    """What went wrong most: how many learners, in which exercises, and what one of them was told."""

    name: str
    learners: int
    exercises: tuple[tuple[str, int], ...]
    example: str
    whose: str
    link: str


@dataclass(frozen=True)
class Slow:
    """A submission that took long to grade."""

    shown: str
    link: str
    seconds: float
    length: float


@dataclass(frozen=True)
class Scores:
    """How the scores are spread; `bins` are the first and last point, and how many learners have them."""

    bins: tuple[tuple[float, float, int], ...]
    best: float
    median: float
    low: float  # the lower quartile
    high: float  # the upper one
    mean: float

    @property
    def most(self) -> int:
        return max(count for _, _, count in self.bins)


def write_class_page(store: Class, pack: Pack, path: Path) -> None:
    """Write the page of the class to `path`, and beside it a page for every learner with a verdict.

    Raises:
        UsageError: a file cannot be written.
    """
    entries = store.entries()
    write_learner_pages(store, pack, entries, path.with_name(LEARNERS), path.name)
    write_whole(path, make_class_page(store, pack, path.with_name(SIMILARITY).is_file()))


def make_class_page(store: Class, pack: Pack, is_compared: bool = False) -> str:
    """The page of the class; `is_compared` says whether the page on similar submissions is beside it."""
    entries = store.entries()
    graded = [(entry, entry.graded) for entry in entries if entry.graded is not None]
    exercises = _exercises(pack, [known for _, known in graded])
    counts = Counter(v.status for _, known in graded for v in known.verdicts.values())
    return render(
        "class_page.html",
        asset("page.css") + asset("class_page.css"),
        asset("class_page.js"),
        title=pack.title,
        entries=entries,
        graded=graded,
        scores=_scores([known for _, known in graded]),
        shares=shares_of([s for s in SYMBOLS for _ in range(counts[s])]),
        counts=[(status, counts[status]) for status in SYMBOLS if counts[status]],
        verdicts=max(1, counts.total()),
        symbols={status: marks[0] for status, marks in SYMBOLS.items()},
        tallies=_tallies(exercises, [known for _, known in graded]),
        shown=_SHOWN,
        misconceptions=list(_misconceptions(store, graded)),
        slow=list(_slow(graded)),
        seconds=sum(known.duration for _, known in graded),
        levels=sorted({known.isolation for _, known in graded}),
        perfect=sum(_is_perfect(known) for _, known in graded),
        twins=_twins(entries),
        similarity=SIMILARITY if is_compared else "",
        data=_data(entries, exercises, pack),
    )


def _exercises(pack: Pack, graded: Sequence[Graded]) -> list[Exercise]:
    """The exercises that somebody was graded in, in the pack's order."""
    known = {id for one in graded for id in one.verdicts}
    return [exercise for exercise in pack.exercises if exercise.id in known]


def _is_perfect(graded: Graded) -> bool:
    counted = [v for v in graded.verdicts.values() if v.status != "unavailable"]
    return bool(counted) and all(verdict.status == "passed" for verdict in counted)


def _twins(entries: Sequence[Entry]) -> int:
    """How many submissions are identical to another that scores."""
    scoring = Counter(e.digest for e in entries if e.graded is not None and e.graded.score > 0)
    return sum(count for count in scoring.values() if count > 1)


# Figures.


def _scores(graded: Sequence[Graded]) -> Scores | None:
    if not graded:
        return None
    scores = sorted(known.score for known in graded)
    best = max((known.max_score for known in graded), default=0.0) or 1.0
    number = min(_BINS, max(1, round(best)))
    counts = Counter(min(number - 1, int(number * score / best)) for score in scores)
    quartiles = statistics.quantiles(scores, n=4, method="inclusive") if scores[1:] else scores * 3
    return Scores(
        bins=tuple((best * i / number, best * (i + 1) / number, counts[i]) for i in range(number)),
        best=best,
        median=quartiles[1],
        low=quartiles[0],
        high=quartiles[2],
        mean=statistics.fmean(scores),
    )


def _tallies(exercises: Sequence[Exercise], graded: Sequence[Graded]) -> list[Tally]:
    """All exercises, the hardest first; who could not be graded in one does not count."""
    tallies = []
    for exercise in exercises:
        found = (known.verdicts.get(exercise.id) for known in graded)
        counts = Counter(verdict.status for verdict in found if verdict)
        counted = counts.total() - counts["unavailable"]
        tallies.append(Tally(exercise, counted, counted - counts["todo"], counts["passed"]))
    return sorted((t for t in tallies if t.counted), key=lambda tally: tally.share)


def _misconceptions(
    store: Class, graded: Sequence[tuple[Entry, Graded]]
) -> Iterator[Misconception]:
    learners: Counter[str] = Counter()
    where: dict[str, Counter[str]] = {}
    first: dict[str, tuple[Entry, str]] = {}
    for entry, known in graded:
        held = {(v.misconception, id) for id, v in known.verdicts.items() if v.misconception}
        learners.update({name for name, _ in held})
        for name, id in sorted(held):
            where.setdefault(name, Counter())[id] += 1
            first.setdefault(name, (entry, id))
    for name, count in sorted(learners.items(), key=lambda item: (-item[1], item[0]))[:_SHOWN]:
        entry, id = first[name]
        yield Misconception(
            name=one_line(name),
            learners=count,
            exercises=tuple(where[name].most_common(3)),
            example=_message(store.report(entry.name), id, name),
            whose=shown_name(entry),
            link=f"{link_to(entry)}#{quote(id)}",
        )


def _message(report: dict[str, Any], id: str, misconception: str) -> str:
    """What was said of the check of an exercise that failed for a misconception."""
    checks = [c for e in report["exercises"] if e["id"] == id for c in e["checks"]]
    return next(
        (
            continued(check["rationale"], MESSAGE // 4)
            for check in checks
            if check["misconception"] == misconception
        ),
        "",
    )


def _slow(graded: Sequence[tuple[Entry, Graded]]) -> Iterator[Slow]:
    slowest = sorted(graded, key=lambda pair: (-pair[1].duration, pair[0].name))[:_SHOWN]
    longest = max((known.duration for _, known in slowest), default=0.0) or 1.0
    for entry, known in slowest:
        length = round(100 * known.duration / longest, 2)
        yield Slow(shown_name(entry), link_to(entry), known.duration, length)


def _data(entries: Sequence[Entry], exercises: Sequence[Exercise], pack: Pack) -> str:
    """What the page's script works with, as JSON that can stand in a page."""
    chapters = list(dict.fromkeys(exercise.chapter for exercise in exercises))
    data = {
        "folder": LEARNERS,
        "statuses": {letter: status for status, letter in _LETTERS.items()},
        "chapters": [[name, pack.chapter(name).title] for name in chapters],
        "exercises": [[e.id, e.name, e.title, chapters.index(e.chapter)] for e in exercises],
        "learners": [_learner(entry, exercises) for entry in entries],
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _learner(entry: Entry, exercises: Sequence[Exercise]) -> list[Any]:
    """Name of the file, name, other name to search for, score (or nothing), a letter per exercise, seconds."""
    name, shown = one_line(entry.name, 100), shown_name(entry)
    other = " ".join(filter(None, (one_line(entry.learner.id, 40), name if name != shown else "")))
    if entry.graded is None:
        return [entry.name, shown, other, None, "", 0]
    verdicts = entry.graded.verdicts
    letters = (_LETTERS[v.status] if (v := verdicts.get(e.id)) else _NOTHING for e in exercises)
    score, seconds = round(entry.graded.score, 2), round(entry.graded.duration, 1)
    return [entry.name, shown, other, score, "".join(letters), seconds]
