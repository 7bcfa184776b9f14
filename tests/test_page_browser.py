"""The page in a real browser: nothing from outside, no sideways scrolling, usable by everybody."""

import browsing
import pytest
from browsing import VIEWS, findings
from page_report import make_report, make_scenes

from grader.reports.page import write_page


@pytest.fixture(scope="module")
def browser():
    with browsing.browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def file(pack, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "page.html"
    write_page(make_report(), pack, make_scenes(), path)
    return path


@pytest.fixture
def visit(browser, file):
    """`visit(width, scheme)`: the page, opened without network; what it asked for and said."""
    with browsing.visits(browser) as visit:
        yield lambda *view, path=file, **options: visit(path, *view, **options)


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_it_can_be_used_by_everybody(visit, width, scheme):
    page = visit(width, scheme)
    for details in page.query_selector_all("details:not([open]) > summary"):
        details.click()
    assert findings(page) == []


def test_that_this_can_fail(visit):
    page = visit()
    page.evaluate("document.querySelector('.frame svg').removeAttribute('aria-label')")
    page.evaluate("document.documentElement.removeAttribute('lang')")
    assert {found[0] for found in findings(page)} == {"html-has-lang", "svg-img-alt"}


@pytest.mark.parametrize("width", [320, 390, 1440])
def test_it_does_not_scroll_sideways(visit, width):
    page = visit(width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_asks_for_nothing_and_breaks_no_rule(visit, file):
    page = visit()
    assert page.asked == [file.as_uri()]
    assert page.said == []


def test_a_script_that_is_not_its_own_does_not_run(visit, file, tmp_path):
    text = file.read_text(encoding="utf-8")
    path = tmp_path / "worse.html"
    worse = "<script>document.title = 'taken'</script><img src='https://example.org/x.png'>"
    path.write_text(text.replace("</main>", f"{worse}</main>"), encoding="utf-8")
    page = visit(path=path)
    assert page.title() != "taken"
    assert len([said for said in page.said if "Content Security Policy" in said]) >= 2


def test_its_style_is_applied_and_follows_the_scheme(visit):
    colours = [
        visit(390, scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    ]
    assert colours == ["rgb(251, 250, 248)", "rgb(20, 23, 26)"]


def test_the_filter_works_by_keyboard(visit):
    page = visit()
    reached = None
    for _ in range(30):
        page.keyboard.press("Tab")
        reached = page.evaluate("document.activeElement.dataset.show")
        if reached == "failed":
            break
    assert reached == "failed"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    shown = page.query_selector_all(".exercise:not([hidden])")
    assert [item.get_attribute("data-status") for item in shown] == ["failed"] * 3
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"


def test_it_is_whole_without_script(visit):
    page = visit(java_script_enabled=False)
    assert not page.is_visible(".tools")
    assert page.is_visible("text=The same message as")
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")


def test_a_printer_gets_everything(visit):
    page = visit()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.query_selector_all("details:not([open])") == []
    page.emulate_media(media="print")
    assert not page.is_visible("nav")


def test_labels_of_a_curve_stay_inside_it(visit):
    page = visit(390)
    outside = page.evaluate(
        """() => [...document.querySelectorAll('.frame svg text')].filter(text => {
            const box = text.getBoundingClientRect();
            const frame = text.closest('svg').getBoundingClientRect();
            return box.left < frame.left - 1 || box.right > frame.right + 1;
        }).map(text => text.textContent)"""
    )
    assert outside == []
