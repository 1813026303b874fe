"""recursor.conf: one option on a line."""

from __future__ import annotations

import pytest

from anchors.grammars.option_lines import Option, parse_options


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a=b\n", [Option(1, "a", "b")]),
        ("# x\n\n a \t= b c \r\n", [Option(3, "a", "b c")]),
        ("a=b # c\nd=e#f\n", [Option(1, "a", "b"), Option(2, "d", "e#f")]),
        ("a=\nb", [Option(1, "a", ""), Option(2, "b", None)]),
        ("a=\\\nb\nc=d", [Option(1, "a", "b"), Option(3, "c", "d")]),
        ("a=b\\", [Option(1, "a", "b")]),
        ("\u00a0a=b=c", [Option(1, "\u00a0a", "b=c")]),
    ],
)
def test_options_with_their_lines(text: str, expected: list[Option]) -> None:
    assert parse_options(text.encode()) == expected
