"""What is a Lua program, and what is none."""

from __future__ import annotations

import pytest

from anchors.core.found import MalformedAnchors
from anchors.grammars.lua_statements import NotLuaError, require_lua


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#!/usr/bin/lua\n-- a remark\n",
        "x, y.z = 1, 'a' .. #t; f()",
        "f{1; b = 2, ['c'] = 3,}.g:h'x'[1](2)",
        "local function f(a, ...) return a end\nlocal g = function() end",
        "if a then f() elseif not b then g() else return end",
        "for i = 1, 2 do f(i) end for k, v in pairs(t) do break end",
        "repeat local a = -1 until a == 2 while true do end ::here::",
        "trust_anchors.add([[\n. DS 1 8 2 00\n]])",
        "(f or g)(1)",
        "x = .5 y = 1. z = 0x1p4 goto here ::here::",
    ],
)
def test_a_program_is_taken(text: str) -> None:
    require_lua(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        ". IN DS 20326 8 2 00",
        "nothing here",
        "server:\n    trust-anchor-file: /k\n",
        "trust-anchors { . initial-ds 1 8 2 ''; };",
        "trust-anchor=.,20326,8,2,00",
        "dnssec:\n  trustanchors: []\n",
        "x",
        "f() = 1",
        "f(",
        "a:b",
        "if a then f()",
        "x = {1 2}",
        "f() end",
    ],
)
def test_another_syntax_is_refused(text: str) -> None:
    with pytest.raises(NotLuaError):
        require_lua(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "x = 7 // 2",
        "x = 7 << 2",
        "x = 7 | 2",
        "local x <const> = 1",
        "goto = 1",
        "x = '\\u{41}'",
        "x = 3y",
        "\u00e9 = 1",
    ],
)
def test_what_another_version_may_load_is_not_told_from_what_none_does(text: str) -> None:
    with pytest.raises(MalformedAnchors) as caught:
        require_lua(text.encode())
    assert not isinstance(caught.value, NotLuaError)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\n// x", 2),
        ("x = 1\r\n\r\ny", 3),
        ("f(\n\n", 1),
        ("x = 'a\n", 1),
        ("\nx = $y", 2),
        ("x = 1\nf([[\n\n", 2),
        ("\n\n--[==[ ]]\n", 3),
    ],
)
def test_the_line_is_told(text: str, line: int) -> None:
    with pytest.raises(NotLuaError) as caught:
        require_lua(text.encode())
    assert caught.value.line == line


def test_depth_is_bounded() -> None:
    with pytest.raises(MalformedAnchors, match="blocks in each other"):
        require_lua(b"x = " + b"(" * 5000)
    with pytest.raises(MalformedAnchors, match="blocks in each other"):
        require_lua(b"do " * 5000)


@pytest.mark.parametrize("text", [";x = 1", "x = 1;;", "do ; end"])
def test_an_empty_statement_is_left_open(text: str) -> None:
    """kresd 5.6.0 and pdns_recursor 4.8.8 refuse one, and kresd 6.5.0 takes one."""
    with pytest.raises(MalformedAnchors) as caught:
        require_lua(text.encode())
    assert not isinstance(caught.value, NotLuaError)
