"""Draws docs/score-sheet.svg: a real run over chapters 1 to 3 with one mistake in it.

python docs/make_pictures.py
"""

import re
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

from grader.manifest import find_pack
from grader.reports import terminal
from grader.session import Grader
from grader.submission import submission_of_texts

WITHOUT_WEB_FONTS = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
HERE = Path(__file__).resolve().parent
MISTAKE = """

def selu(x, alpha=1.67, lmbda=1.05):
    return lmbda * jnp.where(x > 0, x, alpha * jnp.exp(x) - alpha)
"""


def main() -> None:
    """Grade, and draw what a learner would see."""
    pack = find_pack(start=HERE)
    exercises = pack.select(["ch01", "ch02", "ch03"])
    texts = {}
    for name, folder in (
        ("ch01_arrays", pack.solutions_dir),
        ("ch02_tracing", pack.stubs_dir),
        ("ch03_jit", pack.solutions_dir),
    ):
        texts[name] = (folder / f"{name}.py").read_text(encoding="utf-8")
    texts["ch03_jit"] += MISTAKE
    with Grader(pack) as grader:
        report = grader.grade(submission_of_texts("exercises", texts), exercises)
    console = Console(record=True, width=104, force_terminal=True, highlight=False)
    terminal.print_sheet(console, report, pack)
    console.save_svg(
        str(HERE / "score-sheet.svg"),
        title="python -m grader --student",
        code_format=WITHOUT_WEB_FONTS,
    )


if __name__ == "__main__":
    main()
