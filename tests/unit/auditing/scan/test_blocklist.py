"""Of the lines of a long list the first of each form is kept."""

from __future__ import annotations

import pytest

from anchors.auditing.scan.blocklist import first_of_each_form

_LINES = b"".join(b"address=/n%d.example/10.0.0.%d\n" % (n, n) for n in range(200))


@pytest.mark.parametrize(
    "odd",
    [
        b"address/n7.example/10.0.0.7",
        b"ADDRESS=/n7.example/10.0.0.7",
        b"address=/n7..example/10.0.0.7",
        b"address=/n7.example/10.0.0.256",
        b"address=/" + b"n" * 64 + b".example/10.0.0.7",
        b"<%= @anchors %>",
    ],
)
def test_a_line_of_another_form_is_kept_where_it_stands(odd: bytes) -> None:
    kept = first_of_each_form(_LINES + odd + b"\n" + _LINES)
    assert kept is not None
    assert [line for line in kept.split(b"\n") if line] == [_LINES.split(b"\n")[0], odd]
    assert kept.split(b"\n").index(odd) == 200


def test_remarks_and_empty_lines_say_nothing() -> None:
    text = b"# one\n\n# two\n" + _LINES
    kept = first_of_each_form(text)
    assert kept is not None
    assert kept.split(b"\n")[:4] == [b"# one", b"", b"", _LINES.split(b"\n")[0]]
    assert kept.count(b"\n") == text.count(b"\n")


@pytest.mark.parametrize(
    "text", [b"x" * 5000, b"".join(b"word%s\n" % (b"x" * n) for n in range(1001))]
)
def test_what_is_no_list_is_told(text: bytes) -> None:
    assert first_of_each_form(text) is None
