"""Text from strangers loses what a terminal would obey."""

import pytest

from grader.text import clean


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain \u00fc\ttext\nmore", "plain \u00fc\ttext\nmore"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[1;1Hgone", "gone"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link", "link"),
        ("\x9b31mred", "red"),
        ("a\rb\x00c\x08d\x7fe\x85f", "abcdef"),
        ("\u202eabc\u2066", "abc"),
        ("\x1b", ""),
    ],
)
def test_what_a_terminal_would_obey_is_gone(text, expected):
    assert clean(text) == expected
