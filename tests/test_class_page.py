"""The page of a class and the pages of its learners: what they say, that they are safe, when they are written."""

import json
import re

import pytest
from fake_class import FakeStore, make_class, report_with
from page_report import HOSTILE
from test_page import Reader

from grader.batch.entries import Entry, Learner, summary
from grader.errors import UsageError
from grader.reports.class_page import make_class_page, write_class_page


def class_of(pack, *rows, digests=()):
    """A store of learners whose verdicts are given by their letters; None stands for no verdict yet."""
    statuses = {"p": "passed", "f": "failed", "t": "todo", "u": "unavailable", "e": "error"}
    store = FakeStore(pack.name)
    for number, letters in enumerate(rows):
        name = f"l{number}"
        known = letters and report_with(pack, [statuses[letter] for letter in letters])
        digest = digests[number] if digests else name
        store.listed.append(
            Entry(name, name, Learner(f"Learner {number}"), digest, known and summary(known))
        )
        store.reports[name] = known
    return store


def read(page):
    return Reader(page.replace("<!doctype html>", ""))


def data_of(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])


def test_a_made_class_has_the_summaries_of_its_reports(pack):
    store = make_class(pack, 20)
    assert [e.graded for e in store.entries()] == [
        summary(store.report(e.name)) for e in store.entries()
    ]


def test_it_says_how_the_class_stands(pack):
    reader = read(make_class_page(class_of(pack, "ppppp", "pfttt", "ppftt", None), pack))
    for said in (
        "A class of 4",
        "3 of 9 points, the median",
        "Graded 3 of 4",
        "Everything passed 1",
        "Mean 4.3",
        "53% ✓ passed",
        "Not all have been graded. 1 has no verdict yet",
        "Isolation FULL",
    ):
        assert said in reader.text, said


def test_the_hardest_exercise_comes_first_and_what_is_not_counted_does_not_count(pack):
    page = make_class_page(class_of(pack, "pppfu", "ppptu", "pfptp", "pfpfu"), pack)
    rows = re.findall(
        r"<code>(\S+)</code></th><td class=\"number\">(\S+)</td><td[^>]*>([^<]+)<", page
    )
    assert rows == [
        ("ch02_shapes.outer", "0%", "50%"),
        ("ch01_sums.mean", "50%", "100%"),
        ("ch01_sums.total", "100%", "100%"),
        ("ch01_sums.spread", "100%", "100%"),
        ("ch02_shapes.relu_jit", "100%", "100%"),
    ]


def test_misconceptions_are_counted_by_learners_with_what_one_was_told(pack):
    text = read(make_class_page(class_of(pack, "pffpp", "pfppp", "ppppp"), pack)).text
    assert "a sum for a mean 2 learners ch01_sums.mean 2 mean </pre><script>alert(1)" in text
    assert "a clock that stops too early 1 learner ch01_sums.spread 1" in text
    assert text.index("a sum for a mean") < text.index("a clock that stops too early")


def test_the_data_hold_every_learner(pack):
    data = data_of(make_class_page(class_of(pack, "pftue", None), pack))
    assert data["learners"] == [
        ["l0", "Learner 0", "l0", 1.0, "pftue", 60.0],
        ["l1", "Learner 1", "l1", None, "", 0],
    ]
    assert [exercise[0] for exercise in data["exercises"]] == [e.id for e in pack.exercises]
    assert data["statuses"]["p"] == "passed"
    assert len(set(data["statuses"])) == 6


def test_a_report_without_some_exercises_leaves_them_open(pack):
    store = class_of(pack, "ppppp")
    known = store.listed[0].graded
    kept = {id: v for id, v in known.verdicts.items() if id != "ch01_sums.mean"}
    store.change("l0", graded=known.__class__(**vars(known) | {"verdicts": kept}))
    data = data_of(make_class_page(store, pack))
    assert len(data["exercises"]) == 4
    assert data["learners"][0][4] == "pppp"


def test_the_slowest_are_shown_first(pack):
    store = make_class(pack, 20)
    page = make_class_page(store, pack)
    slow = page[page.index('id="slowest"') :]
    shown = re.findall(r'href="learners/(\w+)\.html"', slow)
    by_time = sorted(store.listed, key=lambda entry: -entry.graded.duration)
    assert shown == [entry.name for entry in by_time[:12]]


def test_what_learners_wrote_stays_text(pack):
    store = make_class(pack, 3)
    store.change("learner0001", source=HOSTILE, learner=Learner("", HOSTILE, HOSTILE, HOSTILE))
    page = make_class_page(store, pack)
    reader = read(page)
    assert reader.tags.count("script") == 2  # the data and the page's own
    assert "img" not in reader.tags
    assert not [a for a in reader.attributes if a[1].startswith("on") or a[1] == "style"]
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", page)
    assert "<" not in re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1]


def test_the_page_loads_nothing(pack):
    page = make_class_page(make_class(pack, 3), pack)
    reader = read(page)
    links = [value for _, name, value in reader.attributes if name in ("src", "href", "action")]
    assert all(link.startswith(("#", "learners/")) for link in links)
    assert not {"link", "img", "iframe", "object", "base"} & set(reader.tags)
    policy = next(value for _, name, value in reader.attributes if "default-src" in (value or ""))
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_ids_are_unique(pack):
    ids = [
        value
        for _, n, value in read(make_class_page(make_class(pack, 30), pack)).attributes
        if n == "id"
    ]
    assert len(ids) == len(set(ids))


def test_identical_submissions_are_mentioned_once_they_score(pack):
    twins = class_of(pack, "ppppp", "ppppp", "ttttt", "ttttt", digests=("a", "a", "b", "b"))
    assert "2 submissions are identical to another" in read(make_class_page(twins, pack)).text
    assert "identical" not in read(make_class_page(class_of(pack, "p" * 5, "p" * 5), pack)).text


def test_the_same_class_gives_the_same_page(pack):
    store = make_class(pack, 5)
    assert make_class_page(store, pack) == make_class_page(store, pack)


@pytest.mark.parametrize("rows", [(), (None,), (None, None)])
def test_a_class_without_verdicts_has_a_page(pack, rows):
    text = read(make_class_page(class_of(pack, *rows), pack)).text
    assert f"A class of {len(rows)}" in text
    assert ("No submission has been graded." in text) == bool(rows)
    assert "Hardest" not in text


def test_every_verdict_has_a_page_that_leads_back(pack, tmp_path):
    store = make_class(pack, 4, ungraded=1)
    write_class_page(store, pack, tmp_path / "index.html")
    pages = sorted(path.name for path in (tmp_path / "learners").glob("*.html"))
    assert pages == [f"learner000{n}.html" for n in (1, 2, 3)]
    reader = read((tmp_path / "learners" / pages[0]).read_text())
    assert store.listed[1].learner.full_name in reader.text
    assert ("a", "href", "../index.html") in reader.attributes


def changed_pages(store, pack, folder):
    """The pages of learners that writing the class anew writes anew."""
    store.read.clear()
    before = {path: path.stat().st_mtime_ns for path in (folder / "learners").glob("*.html")}
    write_class_page(store, pack, folder / "index.html")
    after = {path: path.stat().st_mtime_ns for path in (folder / "learners").glob("*.html")}
    return {path.stem for path, time in after.items() if before.get(path) != time}


def test_only_pages_whose_verdict_is_new_are_written(pack, tmp_path):
    store = class_of(pack, "ppppp", "pfppp", "ppppt")
    assert changed_pages(store, pack, tmp_path) == {"l0", "l1", "l2"}
    assert changed_pages(store, pack, tmp_path) == set()
    assert len(store.read) == 1  # for the example of a misconception
    again = report_with(pack, ["passed"] * 5, started="2026-01-02T04:04:05Z")
    store.reports["l1"] = again
    store.change("l1", graded=summary(again))
    assert changed_pages(store, pack, tmp_path) == {"l1"}
    (tmp_path / "learners" / "l2.html").unlink()
    assert changed_pages(store, pack, tmp_path) == {"l2"}
    (tmp_path / "learners" / ".pages.json").write_text("no JSON")
    assert changed_pages(store, pack, tmp_path) == {"l0", "l1", "l2"}


def test_the_page_of_one_who_is_gone_goes_too(pack, tmp_path):
    store = class_of(pack, "ppppp", "pfppp")
    changed_pages(store, pack, tmp_path)
    mine = tmp_path / "learners" / "notes.html"
    mine.write_text("not the grader's")
    del store.listed[0]
    changed_pages(store, pack, tmp_path)
    assert sorted(p.name for p in mine.parent.glob("*.html")) == ["l1.html", "notes.html"]


def test_a_page_that_cannot_be_written_is_a_wrong_request(pack, tmp_path):
    (tmp_path / "learners").write_text("a file")
    with pytest.raises(UsageError, match="cannot be made"):
        write_class_page(class_of(pack, "ppppp"), pack, tmp_path / "index.html")
