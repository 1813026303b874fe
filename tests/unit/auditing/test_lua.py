"""The calls of a Lua program that is read and never run."""

from __future__ import annotations

import pytest

from anchors.auditing.readers.lua import Call, calls
from anchors.formats.found import MalformedAnchors


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f('a')", Call("f", ("a",), 1)),
        ('a.b.c("x", true, false)', Call("a.b.c", ("x", True, False), 1)),
        ("f()", Call("f", (), 1)),
        ("\nf 'a'", Call("f", ("a",), 2)),
        ("f[[a]]", Call("f", ("a",), 1)),
        ("f(\n[==[a]]b]==])", Call("f", ("a]]b",), 2)),
        ("f --[[ x ]] ( -- y\n'a')", Call("f", ("a",), 2)),
        (r"f('a\nb\'c\\')", Call("f", ("a\nb'c\\",), 1)),
        ("f(x)", Call("f", (None,), 1)),
        ("f('a' .. x)", Call("f", (None,), 1)),
        ("f('a', x)", Call("f", ("a", None), 1)),
        ("f('a', 24)", Call("f", ("a", None), 1)),
        ("if x then f('a') end", Call("f", ("a",), 1)),
        ("a = b f('a')", Call("f", ("a",), 1)),
        ("g = { f('a') }", Call("f", ("a",), 1)),
    ],
)
def test_a_call(text: str, expected: Call) -> None:
    assert calls(text) == [expected]


@pytest.mark.parametrize(
    "text", ["", "-- f('a')", "--[[\nf('a')\n]]", "--[=[ f('a') ]] f('b') ]=]", "x = 'f(1)'"]
)
def test_what_is_no_call(text: str) -> None:
    assert calls(text) == []


def test_calls_in_calls() -> None:
    assert [call.name for call in calls("f(g('a'), h(1))")] == ["f", "g", "h"]


@pytest.mark.parametrize(
    "text",
    [
        "this is prose",
        "f('a') and see also the manual f",
        "#!/bin/sh\nf",
        "don't",
        "`f('a')`",
        "f([[a)",
        "--[[ f('a')",
        "f('a",
        "{% if x %} f('a') {% endif %}",
        "char *f = 'a\n",
    ],
)
def test_what_is_no_lua(text: str) -> None:
    with pytest.raises(MalformedAnchors):
        calls(text)
