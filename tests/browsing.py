"""A real browser for the tests of pages: opened without network, and what a screen reader cannot use."""

import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
axe = pytest.importorskip("axe_core_python", reason="needs axe-core-python")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
AXE = Path(axe.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
VIEWS = [(width, scheme) for width in (390, 1440) for scheme in ("light", "dark")]


@contextmanager
def browser():
    """A browser that is installed already."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def visits(browser):
    """`visit(path, width, scheme)`: the page, opened without network; what it asked for and said."""
    contexts = []

    def visit(path, width=1440, scheme="light", **options):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.asked, page.said = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("dialog", lambda dialog: (page.said.append(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri())
        return page

    yield visit
    for context in contexts:
        context.close()


def findings(page):
    """The serious and critical findings of axe-core, and what they are about."""
    page.evaluate(AXE)
    results = page.evaluate("axe.run()")
    return [
        (found["id"], node["target"], node["failureSummary"])
        for found in results["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]
