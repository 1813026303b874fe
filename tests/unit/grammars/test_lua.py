"""The calls of a Lua program that is read and never run."""

from __future__ import annotations

import contextlib
import time

import pytest

from anchors.core.found import MalformedAnchors
from anchors.grammars.lua import (
    Call,
    Mention,
    Number,
    Table,
    Untold,
    parse_lua,
)
from anchors.grammars.lua_tokens import MAX_TOKENS


def calls(text: str) -> list[Call]:
    return [*parse_lua(text.encode("utf-8", "surrogateescape")).calls]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f('a')", Call("f", ("a",), 1, 1)),
        ('a.b.c("x", true, false, nil)', Call("a.b.c", ("x", True, False, None), 1, 1)),
        ("a:b('x')", Call("a:b", ("x",), 1, 1)),
        ("_G.f('x')", Call("f", ("x",), 1, 1)),
        ("f()", Call("f", (), 1, 1)),
        ("\nf 'a'", Call("f", ("a",), 2, 2)),
        ("f[[a]]", Call("f", ("a",), 1, 1)),
        ("f(\n[==[a]]b]==])", Call("f", ("a]]b",), 1, 2)),
        ("f[[\na\r\nb]]", Call("f", ("a\nb",), 1, 2)),
        ("f --[[ x ]] ( -- y\n'a')", Call("f", ("a",), 1, 2)),
        (r"f('a\nb\'c\\')", Call("f", ("a\nb'c\\",), 1, 1)),
        (r"f('\46\x41\9\104\z  i')", Call("f", (".A\thi",), 1, 1)),
        ("f('\\z\n  a')", Call("f", ("a",), 1, 1)),
        ("f('é')", Call("f", ("é",), 1, 1)),
        ("f('\udcff')", Call("f", ("\udcff",), 1, 1)),
        ("f(x)", Call("f", (Untold(),), 1, 1)),
        ("f('a' .. x)", Call("f", (Untold(),), 1, 1)),
        ("f('a', x)", Call("f", ("a", Untold()), 1, 1)),
        ("f('a', 24)", Call("f", ("a", Number("24")), 1, 1)),
        ("f{'a', 'b'}", Call("f", (Table(("a", "b")),), 1, 1)),
        ("f({x='a', 'b'})", Call("f", (Table(("b",), is_list=False, keys=("x",)),), 1, 1)),
        ("if x then f('a') end", Call("f", ("a",), 1, 1, is_conditional=True)),
        ("x = function() f('a') end", Call("f", ("a",), 1, 1, is_conditional=True)),
        ("do f('a') end", Call("f", ("a",), 1, 1)),
        ("for i = 1, 2 do local x end f('a')", Call("f", ("a",), 1, 1)),
        ("if x then return end f('a')", Call("f", ("a",), 1, 1, is_conditional=True)),
        ("function g() return 1 end f('a')", Call("f", ("a",), 1, 1)),
        ("a = b f('a')", Call("f", ("a",), 1, 1)),
        ("g = { f('a') }", Call("f", ("a",), 1, 1)),
        ("#!/usr/sbin/kresd\nf('a')", Call("f", ("a",), 2, 2)),
        ("\ufefff('a')", Call("f", ("a",), 1, 1)),
        ("-- x\rf('a')", Call("f", ("a",), 2, 2)),
    ],
)
def test_a_call(text: str, expected: Call) -> None:
    assert calls(text) == [expected]


@pytest.mark.parametrize(
    "text",
    ["", "-- f('a')", "--[[\nf('a')\n]]", "--[=[ f('a') ]] f('b') ]=]", "x = 'f(1)'", "f\n('a')"],
)
def test_what_is_no_call(text: str) -> None:
    assert calls(text) == []


def test_calls_in_calls_and_several_on_a_line() -> None:
    assert [call.name for call in calls("f(g('a'), h(1)) i'x' j{}")] == ["f", "g", "h", "i", "j"]
    assert calls("f(g('a'), 'b')")[0].arguments == (Untold(), "b")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("local t = trust.x", Mention("trust.x", 1)),
        ("trust['add']('x')", Mention("trust", 1)),
        ("\ntrust.x = nil", Mention("trust.x", 2, is_assigned=True)),
        ("trust = {'a'}", Mention("trust", 1, is_assigned=True, table=Table(("a",)))),
        ("trust = ({'a'})", Mention("trust", 1, is_assigned=True)),
        ("if x then trust = {'a'} end", Mention("trust", 1, is_assigned=True)),
        (
            "trust = { x = 1, [y] = 'a' }",
            Mention(
                "trust",
                1,
                is_assigned=True,
                table=Table(is_list=False, keys=("x",), is_told=False),
            ),
        ),
        ("pcall(trust.x, 'a')", Mention("trust.x", 1)),
        ("_G['trust'].x('a')", Mention("trust", 1)),
        ("f = function() return trust end", Mention("trust", 1)),
    ],
)
def test_a_name_of_interest_that_is_not_called_is_told(text: str, expected: Mention) -> None:
    steps = parse_lua(text.encode(), {"trust"}).steps
    assert [step for step in steps if isinstance(step, Mention)] == [expected]


@pytest.mark.parametrize(
    "text",
    ["f({trust = 1})", "x = a.trust", "trust.x('a')", "function trust.x() end", "y = 'trust'"],
)
def test_what_is_no_mention(text: str) -> None:
    steps = parse_lua(text.encode(), {"trust"}).steps
    assert [step for step in steps if isinstance(step, Mention)] == []


@pytest.mark.parametrize(
    ("text", "told"),
    [("f('a', true)", True), ("f(x)", False), ("if x then f('a') end", False)],
)
def test_a_call_is_told_where_it_is_made_once_with_what_is_written_out(
    text: str, told: bool
) -> None:
    assert [call.is_told for call in calls(text)] == [told]


@pytest.mark.parametrize(
    "text",
    [
        "this is prose",
        "f('a') and see also the manual f",
        "don't",
        "`f('a')`",
        "f([[a)",
        "--[[ f('a')",
        "f('a",
        "f('a'",
        "f('a'))",
        "f('a'}",
        "end",
        "if x then",
        r"f('\q')",
        "\u00a0f('a')",
        "f('a')\0",
        "{% if x %} f('a') {% endif %}",
        "char *f = 'a\n",
    ],
)
def test_what_is_no_lua(text: str) -> None:
    with pytest.raises(MalformedAnchors):
        calls(text)


def test_a_program_of_too_many_words_is_not_read() -> None:
    with pytest.raises(MalformedAnchors, match=str(MAX_TOKENS)):
        calls("a=" * MAX_TOKENS)


@pytest.mark.parametrize(
    "unit",
    [
        "addTA{",
        "addTA(",
        "f(trust,",
        "trust.a",
        "'",
        "[",
        "[=",
        "--[[",
        "{{",
        "a.",
        "if ",
        "f'x'",
        "x(function() ",
        "end ",
        "}",
        "\\",
        "-",
        "\n",
        "f()",
        "\r",
        "'\\z ",
    ],
)
def test_no_content_takes_long(unit: str) -> None:
    """A mebibyte takes a second at most here; what grows with its square, many minutes."""
    content = (unit * (1 << 20))[: 1 << 20].encode()
    began = time.process_time()
    with contextlib.suppress(MalformedAnchors):
        parse_lua(content, {"trust"})
    assert time.process_time() - began < 5
