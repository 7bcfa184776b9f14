"""Draws the pictures of the documents: a real run over chapters 1 to 3 and 5 with one mistake in it.

    docs/score-sheet.svg    what `--student` prints
    docs/watch.svg          what `watch` shows
    docs/report.png         the page that `--html` writes, in Chromium
    docs/class.png          with OUT, the folder of a batch: the page of the class

python docs/make_pictures.py [OUT]
"""

import contextlib
import io
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

from grader.manifest import find_pack
from grader.reports import terminal
from grader.reports.page import make_page
from grader.reports.screen import Page
from grader.session import Grader
from grader.submission import submission_of_texts
from grader.watch import View

WITHOUT_WEB_FONTS = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
HERE = Path(__file__).resolve().parent
MISTAKE = """

def selu(x, alpha=1.67, lmbda=1.05):
    return lmbda * jnp.where(x > 0, x, alpha * jnp.exp(x) - alpha)
"""


def main() -> None:
    """Grade, and draw what a learner would see."""
    pack = find_pack(start=HERE)
    exercises = pack.select(["ch01", "ch02", "ch03", "ch05"])
    texts = {}
    for name, folder in (
        ("ch01_arrays", pack.solutions_dir),
        ("ch02_tracing", pack.stubs_dir),
        ("ch03_jit", pack.solutions_dir),
        ("ch05_vmap", pack.solutions_dir),
    ):
        texts[name] = (folder / f"{name}.py").read_text(encoding="utf-8")
    texts["ch03_jit"] += MISTAKE
    submission = submission_of_texts("exercises", texts)
    with Grader(pack) as grader:
        report = grader.grade(submission, exercises)
        scenes = grader.pictures(submission, report)
    photograph(make_page(report, pack, scenes))
    draw("score-sheet", "--student", lambda console: terminal.print_sheet(console, report, pack))
    states = dict.fromkeys((e.id for e in pack.exercises), "todo")
    states |= {result.id: result.status for result in report.exercises}
    failed = next(result for result in report.exercises if result.failure)
    view = View(pack, states, pack.exercise(failed.id), failed, seconds=failed.duration)
    draw("watch", "watch", lambda console: Page(console, has_keys=True).show(view))


def draw(name: str, command: str, show: Callable[[Console], None]) -> None:
    """What a command shows, as docs/NAME.svg."""
    console = Console(
        record=True, width=104, force_terminal=True, highlight=False, file=io.StringIO()
    )
    show(console)
    console.save_svg(
        str(HERE / f"{name}.svg"),
        title=f"python -m grader {command}",
        code_format=WITHOUT_WEB_FONTS,
    )


@contextlib.contextmanager
def browsing() -> Iterator[Any]:
    """A window of Chromium."""
    from playwright.sync_api import sync_playwright  # of the extra `dev`

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        yield browser.new_page(viewport={"width": 1000, "height": 900}, color_scheme="light")
        browser.close()


def photograph(page: str) -> None:
    """The page of a report as docs/report.png."""
    with browsing() as view:
        view.set_content(page)
        view.locator("figure", has_text="Swish").last.scroll_into_view_if_needed()
        view.screenshot(path=str(HERE / "report.png"))


def photograph_class(out: Path) -> None:
    """The page of the class in `out` as docs/class.png."""
    with browsing() as view:
        view.goto((out / "index.html").resolve().as_uri())
        view.screenshot(path=str(HERE / "class.png"))


if __name__ == "__main__":
    for out in sys.argv[1:]:
        photograph_class(Path(out))
    if not sys.argv[1:]:
        main()
