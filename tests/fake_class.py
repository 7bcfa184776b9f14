"""A class made by hand, with the interface of a store, for the tests of pages and comparisons."""

import ast
import hashlib
import random
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from page_report import HOSTILE

from grader.bank import read_bank
from grader.batch.entries import Entry, Graded, Learner, Verdict
from grader.model import CheckResult, Diagnosis, ExerciseResult, Isolation, Report
from grader.reports.json_report import as_dict

MISCONCEPTIONS = ("a sum for a mean", "a clock that stops too early", "a key used twice")
PAGE = "https://docs.jax.dev/en/latest/errors.html"


@dataclass
class FakeStore:
    """What a batch has kept: entries, reports and texts by name."""

    pack_name: str
    listed: list[Entry] = field(default_factory=list)
    reports: dict = field(default_factory=dict)
    handed_in: dict = field(default_factory=dict)
    read: list = field(default_factory=list)

    def entries(self):
        return sorted(self.listed, key=lambda entry: entry.name)

    def report(self, name):
        self.read.append(name)
        known = self.reports[name]
        return known() if callable(known) else known

    def texts(self, name):
        return self.handed_in[name]

    def close(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        pass

    def change(self, name, /, **options):
        """Replace fields of an entry."""
        at = next(i for i, entry in enumerate(self.listed) if entry.name == name)
        self.listed[at] = replace(self.listed[at], **options)


def report_with(pack, statuses, started="2026-01-02T03:04:05Z", duration=60.0, message=HOSTILE):
    """A report with one check for each exercise; a failed one has a misconception, now and then."""
    results = []
    for number, (exercise, status) in enumerate(zip(pack.exercises, statuses, strict=True)):
        found, said = None, ""
        if status == "failed":
            said = f"{exercise.name} {message}"
            if number % 4:
                found = Diagnosis(MISCONCEPTIONS[number % 4 - 1], "seen", "Mend it.", "", PAGE)
        check = CheckResult("gives the values", "value", status, 1.0, said, diagnosis=found)
        results.append(ExerciseResult(exercise.id, exercise.points, (check,)))
    isolation = Isolation("FULL", ("bwrap",), 15, ())
    report = Report(pack.name, pack.version, "x", started, duration, isolation, {}, tuple(results))
    return as_dict(report)


def graded(exercises, statuses, duration):
    """The summary of `report_with`, without making it: of thousands that would take a while."""
    verdicts = {}
    for number, (exercise, status) in enumerate(zip(exercises, statuses, strict=True)):
        found = MISCONCEPTIONS[number % 4 - 1] if status == "failed" and number % 4 else ""
        score = exercise.points if status == "passed" else 0.0
        verdicts[exercise.id] = Verdict(status, score, exercise.points, found)
    score = sum(verdict.score for verdict in verdicts.values())
    most = sum(exercise.points for exercise in exercises)
    return Graded(score, most, round(duration, 3), "FULL", "2026-01-02T03:04:05Z", verdicts)


def make_class(pack, size, seed=0, ungraded=0, hostile=True):
    """A class in which some are good, some exercises hard, and names are as names are."""
    drawn = random.Random(seed)
    store = FakeStore(pack.name)
    exercises = list(pack.exercises)
    ease = [drawn.uniform(0.25, 1.3) - i / len(exercises) / 2 for i in range(len(exercises))]
    first = (
        "Ada",
        "Björn",
        "Chén",
        "Dilnoza",
        "Emre",
        "Fatoumata",
        "Göran",
        "Hye-jin",
        "İpek",
        "João",
    )
    last = ("Adeyemi", "Bergström", "Çelik", "Dubois", "Eriksson", "Fernández", "Gupta", "Haddad")
    for number in range(size):
        name = f"learner{number:04}"
        full = f"{drawn.choice(first)} {drawn.choice(last)}-{drawn.choice(last)}"
        if hostile and not number:
            full = HOSTILE
        skill, stops = drawn.gauss(0.62, 0.25), drawn.random() ** 0.4 * len(exercises) * 1.3
        statuses = []
        for at in range(len(exercises)):
            passed = drawn.random() < skill * ease[at] + 0.35
            rest = drawn.choices(("failed", "todo", "error"), (70, 29, 1))[0]
            statuses.append("todo" if at > stops else "passed" if passed else rest)
        duration = drawn.lognormvariate(4, 0.5)
        report = partial(report_with, pack, statuses, duration=duration)
        known = graded(exercises, statuses, duration) if number >= ungraded else None
        learner = Learner(full, str(1000 + number), f"{name}@example.org", name)
        store.listed.append(Entry(name, name, learner, f"digest {number}", known))
        store.reports[name] = report
        store.handed_in[name] = {}
    return store


# Submissions with code: honest ones, and copies in disguise.


def with_answers(pack, answers):
    """Stubs with `answers`, by exercise id, written below them; None leaves a stub alone."""
    texts = {c.name: (pack.stubs_dir / c.filename).read_text("utf-8") for c in pack.chapters}
    for id, answer in answers.items():
        texts[id.partition(".")[0]] += f"\n\n{answer or ''}"
    return texts


def honest(pack, bank):
    """A class in which everybody has gone a way of their own: every right answer of a bank is held once."""
    by_exercise = {}
    for answer in bank:
        if answer.expectation == "right":
            by_exercise.setdefault(answer.exercise.id, []).append(answer.text)
    most = max(map(len, by_exercise.values()))
    return {
        f"honest{number}": with_answers(
            pack, {id: texts[number] for id, texts in by_exercise.items() if texts[number:]}
        )
        for number in range(most)
    }


class _Renamed(ast.NodeTransformer):
    """Gives new names to the arguments and variables of a function, and drops its docstring."""

    def visit_FunctionDef(self, node):
        inner = list(ast.walk(node))
        local = {part.arg for part in inner if isinstance(part, ast.arg)}
        local |= {p.id for p in inner if isinstance(p, ast.Name) and isinstance(p.ctx, ast.Store)}
        for part in inner:
            if isinstance(part, ast.Name) and part.id in local:
                part.id = f"my_{part.id}"
            if isinstance(part, ast.arg):
                part.arg = f"my_{part.arg}"
        if ast.get_docstring(node) is not None:
            node.body[0] = ast.Expr(ast.Constant("My own words."))
        return node


def disguised(text, seed=0):
    """The code with other names, other comments, another layout and its functions in another order."""
    tree = ast.parse(text)
    tree.body = [_Renamed().visit(statement) for statement in tree.body[1:]]
    random.Random(seed).shuffle(tree.body)
    lines = ast.unparse(tree).replace("    ", "  ").split("\n")
    return "\n".join(
        f"{line}  # all my own" if n % 3 == 0 else line for n, line in enumerate(lines)
    )


def store_of(pack, submissions):
    """A store of texts by name, without verdicts."""
    store = FakeStore(pack.name)
    for name, texts in submissions.items():
        digest = hashlib.sha256(repr(sorted(texts.items())).encode("utf-8", "replace")).hexdigest()
        store.listed.append(Entry(name, name, Learner(f"{name} {HOSTILE}"), digest, None))
        store.handed_in[name] = texts
    return store


def planted(pack):
    """A store with honest learners, a copy of one of them in disguise, and one of another as it is."""
    kit = Path(__file__).parent / "answers"
    class_ = honest(pack, read_bank(kit, pack))
    copy = {chapter: disguised(text) for chapter, text in class_["honest1"].items()}
    return store_of(pack, class_ | {"copy": copy, "twin": dict(class_["honest0"])})
