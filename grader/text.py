"""Text from strangers, made safe to show: cleaned, bounded, escaped for where it goes.

    clean, one_line, bounded, quoted, continued     for eyes: the terminal, pytest, JSON
    for_html, for_markdown, markdown_block          for pages
    for_csv                                         for spreadsheets
    for_github, stop_commands                       for the log of a workflow

Every function takes any text at all, and every escape cleans first.
"""

from __future__ import annotations

import html
import re
import secrets
import unicodedata

LINE = 300  # characters of a name or a message that stands in one line
MESSAGE = 2000
EVIDENCE = 8 * 2**10
CONTINUATION = "| "

# What a terminal obeys. A sequence that never ends is taken to end with its line.
_SEQUENCES = re.compile(
    r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*+(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS, APC, ...
    r"|(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?"  # CSI: colours, the cursor
    r"|\x1b[ -/]*+[0-~]?"
)
# What has no look of its own, or changes the look of its neighbours: control characters (not tab and
# newline), marks of direction, spaces without width, line separators, annotations, tags, half pairs.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    r"\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
# Joiners make one emoji of several and shape letters of Persian and Indian scripts. Beside ASCII, and
# in heaps, they only hide.
_JOINERS = re.compile(
    r"(?<![^\x00-\x7f\u200c\u200d])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f\u200c\u200d])"
)
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_STACKED = re.compile(f"([{_MARKS}]{{4}})[{_MARKS}]+")  # accents upon accents cover other lines

_LOG_COMMAND = re.compile(
    r"##+(?=\[)"
)  # "##[error]" anywhere in a line is a command to some build logs


def clean(text: str) -> str:
    """`text` without escape sequences, control characters, what cannot be seen; tabs and newlines stay."""
    text = _LOG_COMMAND.sub("#", _UNSEEN.sub("", _SEQUENCES.sub("", text)))
    return _STACKED.sub(r"\1", _JOINERS.sub("", text))


def one_line(text: str, limit: int = LINE) -> str:
    """`text` cleaned, in one line of at most `limit` characters; "..." stands for what is left out."""
    text = " ".join(clean(text).split())
    return (
        text if len(text) <= limit else f"{text[: max(0, limit - 4)].rstrip()} ...".strip()[:limit]
    )


def bounded(text: str, limit: int) -> str:
    """`text` if it has at most `limit` characters, else its beginning and how much is left out.

    The note is part of the limit (which must leave room for it), so that a second time changes nothing.
    """
    if len(text) <= limit:
        return text
    kept = max(0, limit - 60)
    return f"{text[:kept]}\n[{len(text) - kept:,} more characters are left out]"


def quoted(text: str, limit: int) -> str:
    """`text` cleaned and bounded, every line marked: what a program printed cannot pass for the grader's words."""
    lines = bounded(clean(text), limit).split("\n")
    return "\n".join(f"{CONTINUATION}{line}".rstrip() for line in lines)


def continued(text: str, limit: int = MESSAGE) -> str:
    """`text` cleaned and bounded; its lines after the first are marked, so that none starts a line of the sheet."""
    first, *others = bounded(clean(text), limit).split("\n")
    marked = [
        line if line.startswith(CONTINUATION) else f"{CONTINUATION}{line}"
        for line in others
        if line.strip()
    ]
    return "\n".join([first, *marked])


# Escapes.


def for_html(text: str) -> str:
    """`text` inside an HTML element, or inside an attribute's quotes."""
    return html.escape(clean(text), quote=True)


_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")


def for_markdown(text: str) -> str:
    """`text` as one line of GitHub's Markdown that shows as it is: also in a table cell or a heading.

    All punctuation becomes character references. A mention, an e-mail address and an issue's number
    are recognised after those are resolved; a word joiner keeps them apart.
    """
    return _PUNCTUATION.sub(_reference, one_line(text, EVIDENCE))


def _reference(match: re.Match[str]) -> str:
    joiner = "\u2060" if match[0] in "@#" else ""
    return f"&#{ord(match[0])};{joiner}"


def markdown_block(text: str) -> str:
    """`text` as a block of code: its fence is longer than any in the text."""
    text = clean(text)
    fence = "`" * max(3, *(len(run) + 1 for run in ["", *re.findall("`+", text)]))
    return f"{fence}\n{text}\n{fence}\n"


def for_csv(text: str) -> str:
    """`text` as a cell in one line that no spreadsheet takes for a formula.

    For texts; a number of the grader's own goes as it is. Commas and quotes are `csv.writer`'s.
    """
    text = one_line(text, EVIDENCE)
    first = unicodedata.normalize("NFKC", text[:1])[:1]
    return f"'{text}" if first and first in "=+-@\u2212|%" else text


def for_github(text: str, is_property: bool = False) -> str:
    """`text` inside a workflow command: after its `::`, or as a property such as `title=`."""
    text = clean(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if is_property else text


def stop_commands(text: str, token: str = "") -> str:
    """`text` as lines of a workflow's log, none of which is obeyed as a command.

    Args:
        token: what ends the stretch; drawn at random where none is given.

    Raises:
        ValueError: the token is too short, or the text holds it and could end the stretch itself.
    """
    text, token = clean(text), token or secrets.token_hex(16)
    if not re.fullmatch(r"[A-Za-z0-9]{16,}", token):
        raise ValueError("a token has 16 letters and digits or more")
    if token.lower() in text.lower():
        raise ValueError("the text holds the token")
    return f"::stop-commands::{token}\n{text}\n::{token}::\n"
