"""Text from strangers loses what a terminal would obey, and is escaped for where it goes."""

import csv
import html.parser
import io
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from grader.text import (
    bounded,
    clean,
    continued,
    for_csv,
    for_github,
    for_html,
    for_markdown,
    markdown_block,
    one_line,
    quoted,
    stop_commands,
)

UNSEEN = [
    *range(0x09),
    *range(0x0B, 0x20),
    *range(0x7F, 0xA0),
    *(0xAD, 0x61C, 0x180E, 0x200B, 0x200E, 0x200F, 0xFEFF, 0xFFFE, 0xFFFF),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFFF9, 0xFFFC),
    *range(0xD800, 0xE000),
    *range(0xE0000, 0xE0080),
]
HARMFUL = set(map(chr, UNSEEN))
NASTY = [
    *(
        "\x1b[31m",
        "\x1b]0;",
        "\x1bP",
        "\x9b",
        "\x07",
        "\x1b\\",
        "\r",
        "\n",
        "\t",
        "\u202e",
        "\u200d",
    ),
    *(
        "\ud800",
        "\U000e0041",
        "=",
        "+",
        "-",
        "@",
        "\uff1d",
        "::",
        "##[",
        "%0A",
        "|",
        "\\",
        "`",
        "```",
    ),
    *(
        "<b>",
        "</td>",
        "<script>",
        "&lt;",
        "&#64;",
        "](x)",
        "![a](b)",
        "[a]: b",
        "# ",
        "- ",
        "1. ",
        "> ",
    ),
    *(
        "@user",
        "#1",
        "https://a.b",
        "www.a.bc",
        "a@b.cd",
        "*",
        "_",
        "~~",
        "'",
        '"',
        ",",
        ";",
        "\u00e9",
    ),
    *("\u0301", "===", "---", "    ", "<!--", "-->", "<?", "$x$", "x"),
]
texts = st.lists(
    st.one_of(st.sampled_from(NASTY), st.characters(exclude_categories=()), st.text(max_size=3)),
    max_size=12,
).map("".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain \u00fc\ttext\nmore", "plain \u00fc\ttext\nmore"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[1;1Hgone", "gone"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link", "link"),
        ("\x1b]8;;http://x\x9clink", "link"),
        ("\x9b31mred", "red"),
        ("a\rb\x00c\x08d\x7fe\x85f", "abcdef"),
        ("\u202eabc\u2066", "abc"),
        ("\x1b", ""),
        ("a\x1bcb", "ab"),
        ("a\x1b(Bb", "ab"),
        ("a\x1b]0;never ended\nb", "a\nb"),
        ("a\x1bPq#0;2\nb", "a\nb"),
        ("a\x1b_app\x1b\\b\x1b^pm\x1b\\c\x1bXsos\x1b\\d", "abcd"),
        ("a\x9dtitle\x9cb\x90data\x9cc", "abc"),
        ("a\x1b[31", "a"),
        ("pass\u200dword \u200cx", "password x"),
        ("a\u00e9\u200d\u200d\u200d\u00e9", "a\u00e9\u00e9"),
        ("Z" + "\u0301" * 50, "Z" + "\u0301" * 4),
    ],
)
def test_what_a_terminal_would_obey_is_gone(text, expected):
    assert clean(text) == expected


def test_what_cannot_be_seen_is_gone():
    for code in (*UNSEEN, 0x200C, 0x200D):
        assert clean(f"a\n{chr(code)}\nb") == "a\n\nb", hex(code)


@pytest.mark.parametrize(
    "text",
    [
        "Grüße, naïve Čeština, Tiếng Việt",
        "日本語のテキスト、한국어, 中文",
        "עברית ועוד العربية",
        "می\u200cخواهم",  # Persian, with a non-joiner
        "ක්\u200dෂ हिन्दी தமிழ்",  # Sinhala, with a joiner
        "👩\u200d👩\u200d👧 👍🏽 ❤️ 🏳️\u200d🌈",
        "e\u0301 x\u0302\u0304",
        "a\tb\n  c",
    ],
)
def test_ordinary_text_stays(text):
    assert clean(text) == text


@given(texts)
@example("\x1b" * 5 + "]0;x")
def test_what_is_clean_stays_clean(text):
    result = clean(text)
    assert not HARMFUL & set(result)
    assert clean(result) == result
    assert len(result) <= len(text)
    assert result.splitlines() == result.removesuffix("\n").split("\n") or not result


@given(texts, st.integers(1, 40))
def test_one_line_is_one_line(text, limit):
    line = one_line(text, limit)
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1
    assert one_line(line, limit) == line
    assert line == " ".join(clean(text).split()) or line.endswith("..."[:limit])


def test_a_long_line_ends_with_dots():
    assert one_line("word " * 10, 12) == "word wor ..."


@given(st.text(max_size=300), st.integers(80, 200))
def test_a_bounded_text_says_what_is_left_out(text, limit):
    result = bounded(text, limit)
    assert len(result) <= limit
    assert bounded(result, limit) == result
    if result != text:
        kept, _, note = result.rpartition("\n[")
        assert text.startswith(kept)
        assert len(kept) + int(note.split()[0].replace(",", "")) == len(text)


@given(texts)
def test_quoted_and_continued_lines_are_marked(text):
    assert all(line.startswith("|") for line in quoted(text, 4000).splitlines())
    result = continued(text)
    assert all(line.startswith("| ") for line in result.splitlines()[1:])
    assert continued(result) == result


class Page(html.parser.HTMLParser):
    """What a page holds: its elements, the attributes of the first, its text."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes.append(attributes)

    def handle_endtag(self, tag):
        self.tags.append(f"/{tag}")

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        raise AssertionError("a comment")


@given(texts)
def test_html_shows_the_text_and_nothing_else(text):
    page = Page(f'<p title="{for_html(text)}">{for_html(text)}</p>')
    assert page.tags == ["p", "/p"]
    assert page.text == clean(text)
    assert page.attributes == [[("title", clean(text))]]


def leaves(tokens):
    """All tokens of Markdown, those within lines too."""
    for token in tokens:
        yield from leaves(token.children) if token.children else [token]


markdown = MarkdownIt("commonmark").enable(["table", "strikethrough"])
PLACES = {
    "paragraph": ("{}", {"paragraph_open", "paragraph_close"}),
    "heading": ("# {}", {"heading_open", "heading_close"}),
    "item": ("- x {}", set()),
}


@given(texts)
@example("a\\|b | c")
@example("1. item")
@example("x    =")
def test_markdown_shows_the_text_and_nothing_else(text):
    shown = for_markdown(text)
    for form, kinds in PLACES.values():
        tokens = list(leaves(markdown.parse(form.format(shown))))
        if kinds and one_line(text):
            assert {token.type for token in tokens} <= kinds | {"text", "text_special"}
        found = "".join(t.content for t in tokens if t.type in ("text", "text_special"))
        wanted = f"x {one_line(text)}" if form.startswith("- x") else one_line(text)
        assert found.replace("\u2060", "") == wanted.rstrip()


@given(texts)
@example("a\\|b | c")
def test_a_table_keeps_its_cells(text):
    table = f"| a | b |\n| - | - |\n| {for_markdown(text)} | last |\n"
    cells = [t.content for t in markdown.parse(table) if t.type == "inline"]
    assert len(cells) == 4
    assert cells[-1] == "last"
    assert "|" not in for_markdown(text)


@given(texts)
def test_nothing_that_github_would_link_is_left(text):
    shown = html.unescape(for_markdown(text))
    assert not re.search(r"@[\w-]|#\d", shown)
    assert not re.search(r"[<>\[\]():/.@`|]", for_markdown(text))


@given(texts)
@example("```\n````\n")
def test_a_block_of_code_ends_where_it_should(text):
    tokens = markdown.parse(f"{markdown_block(text)}\nafter")
    assert [t.type for t in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]
    assert tokens[0].content == clean(text) + "\n"


@given(texts)
@example("\t=1+1")
@example("\uff1dcmd")
@example(" @x")
@example("\n-2")
@example("\r+2")
def test_no_cell_is_a_formula(text):
    cell = for_csv(text)
    assert not cell[:1].isspace()
    assert not unicodedata.normalize("NFKC", cell[:1]).startswith(tuple("=+-@\u2212"))
    assert cell.removeprefix("'") == one_line(text, 8192).removeprefix("'")
    file = io.StringIO()
    csv.writer(file).writerows([[cell, "next"], ["row", ""]])
    assert list(csv.reader(io.StringIO(file.getvalue()))) == [[cell, "next"], ["row", ""]]


def test_ordinary_cells_stay():
    assert [for_csv(text) for text in ("Ada", "a-b", "x@y", "", "'q")] == [
        *("Ada", "a-b", "x@y", "", "'q"),
    ]
    assert [for_csv(text) for text in ("=1", "\uff20x", "\u2212" + "1")] == [
        *("'=1", "'\uff20x", "'\u2212" + "1"),
    ]


def commands(log):
    """The commands that a workflow obeys in its log, as (name and properties, data)."""
    found, token = [], None
    for line in log.splitlines():
        match = re.match(r"\s*::([^:\s][^:]*)::(.*)", line)
        if token is not None:
            token = None if line.strip() == f"::{token}::" else token
        elif match and match[1] == "stop-commands":
            token = match[2]
        elif match or "##[" in line:
            found.append((match[1], match[2]) if match else line)
    return found


def unescaped(text):
    for code, character in (("2C", ","), ("3A", ":"), ("0A", "\n"), ("0D", "\r"), ("25", "%")):
        text = text.replace(f"%{code}", character)
    return text


@given(texts)
@example("a::b,title=c\n::error::d")
def test_a_workflow_command_holds_its_text(text):
    line = f"::error title={for_github(text, is_property=True)}::{for_github(text)}"
    ((head, data),) = commands(line)
    assert unescaped(data) == clean(text)
    assert unescaped(head.removeprefix("error title=")) == clean(text)
    assert "," not in head


@given(texts)
@example("::error::forged\n##[error]forged\n::stop-commands::x\n::x::\n::error::forged")
def test_what_is_wrapped_is_not_obeyed(text):
    log = stop_commands(text) + "::notice::mine"
    assert commands(log) == [("notice", "mine")]
    assert clean(text) in log


def test_a_wrong_token_is_refused():
    with pytest.raises(ValueError, match="16 letters"):
        stop_commands("text", "x")
    with pytest.raises(ValueError, match="holds the token"):
        stop_commands("a\n::ABCDEFGHABCDEFGH::\n::error::x", "abcdefghabcdefgh")
    assert stop_commands("a", "abcdefghabcdefgh").endswith("\n::abcdefghabcdefgh::\n")


def test_commands_to_a_build_log_are_broken():
    assert clean("a ##[error]no ###[group] # [x] #[y]") == "a #[error]no #[group] # [x] #[y]"
