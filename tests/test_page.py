"""The page of a report: what it says, that it is safe, that it is the same every time."""

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import numpy as np
import pytest
from page_report import PAGE, make_report, make_scenes

from grader.errors import UsageError
from grader.pictures import Curve
from grader.reports.curves import curve_svg, limits
from grader.reports.figures import distance
from grader.reports.page import make_page, write_page
from grader.reports.raster import raster_svg

VOID = {"meta", "br", "img", "link", "input", "hr"}


class Reader(HTMLParser):
    """Notes elements, attributes and text; fails where elements are not closed in order."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.attributes, self.texts = [], [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, *pair) for pair in attributes]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.texts.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


@pytest.fixture(scope="module")
def page(pack):
    return make_page(make_report(), pack, make_scenes())


@pytest.fixture(scope="module")
def reader(page):
    return Reader(page)


def test_it_says_what_the_report_holds(reader):
    for said in (
        "2 of 7 points",
        "Isolation",
        "FULL (bwrap), self-test 15 of 15",
        "python 3.11.1, jax 0.10.0",
        "12.3 s",
        "Seed 5",
        "1 of 3 passed",
        "✗ failed",
        "Failed: mean gives the mean.",
        "a sum for a mean: it is 3 times as large",
        "mean under transformations",
        "vmap ✗ failed",
        "2.50 times the reference’s time, of at most 1.5",
        "The same message as mean",
        "needs torch, which is not installed. It is not counted.",
        "Note. It replaces",
    ):
        assert said in reader.text, said
    assert reader.text.count("likely a sum") == 0  # it is a line of its own


def test_an_interrupted_run_says_so(pack, page):
    said = "Interrupted."
    assert said not in page
    assert said in make_page(make_report(interrupted=True), pack)


def test_what_a_learner_wrote_stays_text(page, reader):
    assert reader.tags.count("script") == 1
    assert "img" not in reader.tags
    assert not [a for a in reader.attributes if a[1].startswith("on")]
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "<script>alert(1)</script>" in reader.text  # as text


def test_long_texts_are_bounded(pack):
    report = make_report(submission="s" * 10_000, warnings=("w" * 10_000,))
    assert len(make_page(report, pack)) < len(make_page(make_report(), pack)) + 1_000


def test_the_page_loads_nothing(page, reader):
    links = [value for _, name, value in reader.attributes if name in ("src", "href", "action")]
    assert PAGE in links
    outside = [link for link in links if not link.startswith("#")]
    assert all(link.startswith("https://docs.jax.dev/") for link in outside)
    assert not {"link", "img", "iframe", "object", "base", "form"} & set(reader.tags)
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)
    policy = next(value for _, name, value in reader.attributes if "default-src" in (value or ""))
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not [a for a in reader.attributes if a[1] == "style"]


def test_ids_are_unique_and_links_lead_to_them(reader):
    ids = [value for _, name, value in reader.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    inner = [v for _, n, v in reader.attributes if n == "href" and v.startswith("#")]
    assert {link[1:] for link in inner} <= set(ids)


def test_the_same_report_gives_the_same_page(pack, page):
    assert make_page(make_report(), pack, make_scenes()) == page


def test_pictures_have_words(reader):
    assert "It lies on the reference." in reader.text
    assert "One of the two is not finite, first at x = -2" in reader.text
    assert "Yours: 25% kept, at 1 on average; reference: 25% kept, at 2 on average" in reader.text
    assert "Yours reads 1 of 2 right; the reference 2." in reader.text
    labels = [value for _, name, value in reader.attributes if name == "aria-label"]
    assert any(label.startswith("parabola: your curve") for label in labels)


def test_a_page_that_cannot_be_written_is_a_wrong_request(pack, tmp_path):
    with pytest.raises(UsageError, match="cannot be written"):
        write_page(make_report(), pack, (), tmp_path / "nowhere" / "page.html")


# Curves and rasters.


def curve(values, reference):
    panel = Curve("f", "f", None, (), over=np.arange(len(values)))
    return panel, np.asarray(values, float), np.asarray(reference, float)


@pytest.mark.parametrize(
    "values", [[0, 1, 2], [np.nan] * 3, [np.inf, 0, -np.inf], [1e300, 0, -1e300], [0, 0, 0]]
)
def test_any_numbers_can_be_drawn(values):
    for one, other in ((values, [0, 1, 2]), ([0, 1, 2], values)):
        panel, answer, reference = curve(one, other)
        svg = ET.fromstring(curve_svg(panel, answer, reference, "p", 'a "text" & <more>'))
        assert svg.get("aria-label") == 'a "text" & <more>'
        assert all(np.isfinite(limits(answer, reference, None)))
        assert distance(panel, answer, reference)


def test_a_curve_takes_its_colours_from_the_page():
    svg = curve_svg(*curve([0, 1, 2], [0, 1, 2]), "p", "")
    assert "#0000" not in svg
    assert "style=" not in svg
    assert {"var(--answer)", "var(--reference)"} <= set(re.findall(r'stroke="([^"]+)"', svg))


def test_a_far_answer_does_not_flatten_the_reference():
    low, high = limits(np.array([0, 1e9]), np.array([0.0, 1.0]), None)
    assert -0.5 < low < 0
    assert 2 < high < 2.5


def test_a_distance_names_the_place():
    assert distance(*curve([0, 3, 0], [0, 1, 0])) == "Up to 2 from the reference, at x = 1."
    assert distance(*curve([0, 1.0001, 0], [0, 1, 0])) == "It lies on the reference."


def test_a_raster_draws_runs_of_a_shade():
    svg = raster_svg(np.array([[0, 2, 2], [1, 0, np.nan]]), 2.0, "", "ink")
    paths = dict(re.findall(r'fill-opacity="([\d.]+)" d="([^"]+)"', svg))
    assert paths == {"1": "M1 0h2v1h-2z", "0.6": "M0 1h1v1h-1z"}
