"""Similar submissions: copies in disguise are found, honest classes are left in peace."""

from pathlib import Path

import numpy as np
import pytest
from fake_class import disguised, honest, planted, report_with, store_of, with_answers
from page_report import HOSTILE
from test_page import Reader

from grader import matching
from grader.bank import read_bank
from grader.batch.entries import Learner
from grader.batch.store import Store
from grader.batch.terms import terms_of
from grader.errors import UsageError
from grader.manifest import find_pack, load_pack
from grader.reports.similarity_page import make_similarity_page, write_similarity
from grader.similarity import compare
from grader.submission import submission_of_texts

REPOSITORY = Path(__file__).parents[1]
BANK = REPOSITORY / "tests" / "answers"


@pytest.fixture(scope="module")
def kit():
    """The kit's own pack: the banks of answers belong to it."""
    return find_pack()


@pytest.fixture(scope="module")
def peers(kit):
    return honest(kit, read_bank(BANK, kit))


def compared(kit, submissions):
    store = store_of(kit, submissions)
    return compare(store.entries(), store.texts, kit)


def names(found):
    return [set(pair.names) for pair in found.pairs]


def test_an_honest_class_has_no_pair(kit, peers):
    found = compared(kit, peers)
    assert (found.compared, found.pairs, found.groups) == (len(peers), (), ())
    assert len(peers) > 5


@pytest.fixture(scope="module")
def mistaken(kit):
    """Learners each of whom makes other mistakes of the bank."""
    by_exercise = {}
    for answer in read_bank(BANK, kit):
        if answer.expectation == "wrong":
            by_exercise.setdefault(answer.exercise.id, []).append(answer.text)
    return {
        f"wrong{n}": with_answers(kit, {i: t[n] for i, t in by_exercise.items() if t[n:]})
        for n in range(12)
    }


def test_a_class_with_the_mistakes_of_the_bank_has_no_pair(kit, peers, mistaken):
    assert compared(kit, peers | mistaken).pairs == ()


def test_a_copy_in_disguise_is_found_with_its_exercises(kit, peers):
    copy = {chapter: disguised(text) for chapter, text in peers["honest1"].items()}
    found = compared(kit, peers | {"copy": copy})
    assert names(found) == [{"honest1", "copy"}]
    pair = found.pairs[0]
    assert pair.share > 0.7
    assert len(pair.matches) > 20
    assert pair.weight > 5 * matching.ENOUGH
    sides = {pair.names[0]: 0, pair.names[1]: 1}
    for match in pair.matches:
        both = (match.first, match.second)
        for name, texts in (("honest1", peers["honest1"]), ("copy", copy)):
            side = both[sides[name]]
            assert side.marked
            assert max(side.marked) < len(side.lines)
            lines = texts[match.chapter].split("\n")
            assert tuple(lines[side.first - 1 : side.first - 1 + len(side.lines)]) == side.lines


def test_three_copied_chapters_are_found(kit, peers):
    taken = ("ch05_vmap", "ch08_control_flow", "ch10_mnist_jax")
    part = {chapter: disguised(peers["honest1"][chapter]) for chapter in taken}
    found = compared(kit, peers | {"partly": peers["honest3"] | part})
    assert {"honest1", "partly"} in names(found)
    pair = next(p for p in found.pairs if set(p.names) == {"honest1", "partly"})
    assert {match.chapter for match in pair.matches} <= set(taken)


def test_a_ring_of_copies_is_found(kit, peers, mistaken):
    ring = {
        f"ring{seed}": {c: disguised(text, seed) for c, text in peers["honest1"].items()}
        for seed in range(3)
    }
    found = compared(kit, peers | mistaken | ring)
    assert len([pair for pair in names(found) if pair <= {*ring, "honest1"}]) == 6


def test_identical_submissions_are_grouped_and_compared_once(kit, peers):
    twins = {f"twin{n}": dict(peers["honest1"]) for n in range(3)}
    found = compared(kit, peers | twins)
    assert [set(group.names) for group in found.groups] == [{"honest1", *twins}]
    assert found.groups[0].has_own
    assert found.pairs == ()


def test_untouched_stubs_are_no_group_and_the_reference_is_one_without_own(kit):
    stubs = {f"stub{n}": with_answers(kit, {}) for n in range(3)}
    reference = {c.name: (kit.solutions_dir / c.filename).read_text() for c in kit.chapters}
    found = compared(kit, stubs | {"a": reference, "b": dict(reference), "empty": {}, "none": {}})
    assert [(group.names, group.has_own) for group in found.groups] == [(("a", "b"), False)]
    assert found.pairs == ()


def test_what_many_share_does_not_count(kit, peers):
    """An answer that went round the whole class says nothing of two of them."""
    many = {f"l{n}": peers["honest1"] | {"ch01_arrays": f"x{n} = {n}"} for n in range(30)}
    assert compared(kit, many).pairs == ()


@pytest.mark.parametrize("submissions", [{}, {"one": {}}, {"a": {}, "b": {}}])
def test_a_class_with_nothing_to_compare(kit, submissions):
    found = compared(kit, submissions)
    assert (found.compared, found.pairs, found.groups) == (len(submissions), (), ())


def test_what_is_no_python_is_compared_all_the_same(kit):
    letter = "Dear teacher, my dog ate it; " + " ".join(f"word{n} + {n * n}" for n in range(400))
    found = compared(
        kit, {"a": {"ch01_arrays": letter}, "b": {"ch01_arrays": f"{letter} !"}, "c": {}}
    )
    assert names(found) == [{"a", "b"}]


def test_less_is_enough_of_somebody_who_has_little_of_their_own():
    def passages(start, end):
        return np.arange(start, end, dtype=np.uint64)

    little = int(matching.ENOUGH_OF_MOST)
    assert little < matching.ENOUGH
    bystanders = [[passages(10_000 * n, 10_000 * n + 9)] for n in range(1, 9)]
    alone = [[passages(0, little)], [passages(0, little)], *bystanders]
    assert [(p.one, p.other) for p in matching.pairs_of(alone)] == [(0, 1)]
    less = [[passages(0, little - 1)], [passages(0, little - 1)], *bystanders]
    assert matching.pairs_of(less) == []
    more = [passages(500, 500 + 2 * little)], [passages(900, 900 + 2 * little)]
    among = [[passages(0, little), *more[0]], [passages(0, little), *more[1]], *bystanders]
    assert matching.pairs_of(among) == []


def test_the_least_weight_is_that_of_what_many_have():
    weights = [matching._weight(holders, 40) for holders in range(1, 41)]
    assert weights[0] == weights[1] == 1
    assert weights == sorted(weights, reverse=True)
    assert 0 < weights[-1] < 0.02


def test_pairs_do_not_depend_on_how_much_is_merged_at_once(monkeypatch):
    drawn = np.random.default_rng(1)
    own = [
        [np.unique(drawn.integers(0, 900, 60).astype(np.uint64)) for _ in range(3)]
        for _ in range(12)
    ]
    monkeypatch.setattr(matching, "ENOUGH", 1.0)
    monkeypatch.setattr(matching, "MATCH", 0.1)
    whole = matching.pairs_of(own)
    monkeypatch.setattr(matching, "_CHUNK", 10)
    assert matching.pairs_of(own) == whole != []


# The command.


def test_the_command_writes_the_page_and_says_what_it_found(cli, mini, tmp_path):
    out, pack = tmp_path / "out", load_pack(mini)
    code = {"ch01_sums": (mini / "solutions" / "ch01_sums.py").read_text() + "\nmine = 1\n"}
    with Store.create(out) as store:
        terms = terms_of(pack, 0, 20.0)
        store.agree(terms)
        for name in ("ada", "ben"):
            submission = submission_of_texts(name, code)
            digest = store.register(name, name, Learner(f"{name} L."), submission)
        store.keep(
            digest, terms, report_with(pack, ["passed", "failed", "todo", "error", "passed"])
        )
    done = cli("similar", out, "--pack", mini, cwd=tmp_path, code=0)
    assert "2 submissions compared: 0 pairs alike, 1 group of identical ones." in done.stdout
    assert "Hints, not verdicts" in done.stdout
    assert "ada L., ben L." in (out / "similarity.html").read_text()
    assert "Submissions that are alike" in (out / "index.html").read_text()
    assert "ben L." in (out / "learners" / "ben.html").read_text()
    assert "of the pack mini" in cli("similar", out, cwd=REPOSITORY, code=2).stderr


def test_the_command_needs_a_batch(cli, tmp_path):
    said = cli("similar", tmp_path, cwd=tmp_path, code=2).stderr
    assert "holds no results.sqlite" in said
    assert "Traceback" not in said


# The page.


def test_the_page_says_that_it_is_a_hint_and_shows_both_sides(kit):
    store = planted(kit)
    found = compare(store.entries(), store.texts, kit)
    reader = Reader(
        make_similarity_page(found, kit, {}, "index.html").replace("<!doctype html>", "")
    )
    for said in (
        "A hint, not a verdict.",
        "copy and honest1",
        "honest0, twin",
        "strength",
        "were compared",
    ):
        assert said in reader.text, said
    assert reader.tags.count("mark") > 50
    assert ("a", "href", "index.html") in reader.attributes


def test_what_learners_wrote_stays_text(kit):
    lines = "\n".join(
        f"value{n} = call(1, 2, 3, {n}) + '{HOSTILE}'  # {HOSTILE}" for n in range(99)
    )
    texts = {"ch01_arrays": f"def mine():\n{lines.replace('value', ' value')}\n"}
    store = store_of(kit, {"a": texts, "b": {c: t + "\nb = 2" for c, t in texts.items()}})
    found = compare(store.entries(), store.texts, kit)
    assert found.pairs
    page = make_similarity_page(found, kit, dict.fromkeys("ab", HOSTILE))
    reader = Reader(page.replace("<!doctype html>", ""))
    assert "img" not in reader.tags
    assert reader.tags.count("script") == 0
    assert not [a for a in reader.attributes if a[1].startswith("on") or a[1] == "style"]
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_the_page_is_bounded(kit):
    line = "x" * 5000 + " = " + " + ".join(f"a.b{n}(1)" for n in range(300))
    texts = {"ch01_arrays": "def mine():\n" + "\n".join([f"    {line}"] * 200)}
    store = store_of(kit, {"a": texts, "b": {c: t + "\nb = 2" for c, t in texts.items()}})
    found = compare(store.entries(), store.texts, kit)
    assert found.pairs
    page = make_similarity_page(found, kit, {})
    assert len(page) < 60_000
    assert "141 more lines" in page


def test_the_class_leads_to_the_page_once_it_is_there(kit, tmp_path):
    store = planted(kit)
    told = []
    found = write_similarity(store, kit, tmp_path, lambda *what: told.append(what))
    assert 'href="similarity.html"' in (tmp_path / "index.html").read_text()
    assert told[-1] == ("reading", found.compared - 1, found.compared - 1)  # one is identical
    assert "1 pair alike, 1 group of identical ones." in found.in_words


def test_a_store_of_another_pack_is_a_wrong_request(kit, pack, tmp_path):
    with pytest.raises(UsageError, match="of the pack mini, not of intro-to-jax"):
        write_similarity(store_of(pack, {}), kit, tmp_path)
