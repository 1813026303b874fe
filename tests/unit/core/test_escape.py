"""Nothing from outside moves a cursor."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anchors.core.escape import printable, without_password, without_userinfo

# Lone surrogates stand for bytes of file names that are no UTF-8.
ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("", ""),
        ("dnssec@iana.org", "dnssec@iana.org"),
        ("C:\\new", "C:\\new"),
        ("Zürich 東京", "Zürich 東京"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\nb\rc\td", "a\\nb\\rc\\td"),
        ("\0\x07\x7f", "\\x00\\x07\\x7f"),
        ("\x9b31m", "\\x9b31m"),
        ("\u202egro.ana", "\\u202egro.ana"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\u200b\ufeff", "\\u200b\\ufeff"),
        ("a\u00a0b", "a\\xa0b"),
        ("\U000e0001", "\\U000e0001"),
        ("\udcff", "\\udcff"),
    ],
)
def test_what_does_not_print_is_written_out(text: str, escaped: str) -> None:
    assert printable(text) == escaped


@settings(deadline=None, derandomize=True)
@given(ANY_TEXT)
def test_the_result_prints_and_stays_as_it_is(text: str) -> None:
    once = printable(text)
    assert once.isprintable()
    assert printable(once) == once
    assert len(once) >= len(text)
    once.encode()


@settings(deadline=None, derandomize=True)
@given(ANY_TEXT.filter(str.isprintable))
def test_what_prints_is_left_alone(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("https://user:secret@host/x", "https://***@host/x"),
        ("https://secret@host/x", "https://***@host/x"),
        ("http://a/ -> http://u:se@cret@b/", "http://a/ -> http://***@b/"),
        ("//u:secret@host", "//***@host"),
        ("https://host/path@x", "https://host/path@x"),
        ("https://host#@other/", "https://host#@other/"),
        ("https://host?a@b", "https://host?a@b"),
        ("dnssec@iana.org", "dnssec@iana.org"),
    ],
)
def test_a_url_is_told_without_name_and_password(text: str, left: str) -> None:
    assert without_userinfo(text) == left


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("http://user:a b/c@d\n@host:x/", "http://***@host:x/"),
        ("http://host/", "http://host/"),
        ("dnssec@iana.org", "dnssec@iana.org"),
    ],
)
def test_a_password_may_hold_anything(text: str, left: str) -> None:
    assert without_password(text) == left
