"""The calls in a configuration that is a Lua program (Lua 5.1 Reference Manual 2.1).

Nothing is run: a call counts wherever it stands, with the arguments that are written out.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from anchors.auditing.readers.text import Lines
from anchors.formats.found import MalformedAnchors

__all__ = ["Call", "Table", "calls"]

# A brace before a percent sign is a template's.
_LEXEME = r"""(?xs)
      (?P<skip>\s+)
    | --\[(?P<comment>=*)\[
    | (?P<remark>--[^\n]*)
    | \[(?P<long>=*)\[
    | (?P<string>"(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*')
    | (?P<name>[A-Za-z_]\w*)
    | (?P<number>\d[\w.]*)
    | (?P<mark>\.\.\.? | \{(?!%) | [-+*/%^\#=~<>()}\[\];:,.&|])"""
_RESERVED = (
    "and break do else elseif end false for function goto if in local nil not or repeat return "
    "then true until while"
)
_KEYWORDS = frozenset(_RESERVED.split())
# Two names meet where a statement ends; three in a row are prose.
_NAMES_IN_A_ROW = 2
_MAX_ARGUMENTS = 4
_MAX_IN_TABLE = 100
_MAX_NAME = 100


class Table(NamedTuple):
    """A table, with the first strings that are written out in it."""

    strings: tuple[str, ...] = ()


Value = str | bool | Table | None


class Call(NamedTuple):
    """A call, by its dotted name, with strings, booleans and tables; ``None``: something else.

    ``line`` is that of its first argument's text, or of the call where there is none.
    """

    name: str
    arguments: tuple[Value, ...]
    line: int


class _Token(NamedTuple):
    kind: str
    text: str
    position: int


def calls(text: str) -> list[Call]:
    """The calls, in their order.

    Raises:
        MalformedAnchors: not a Lua program.
    """
    line_of = Lines(text).at
    tokens = [*_tokens(text)]
    _require_no_prose(tokens)
    found: list[Call] = []
    name = ""
    for at, token in enumerate(tokens):
        if token.kind == "name" and token.text not in _KEYWORDS:
            name = f"{name[-_MAX_NAME:]}{token.text}" if name.endswith(".") else token.text
        elif name and token.text == "." and token.kind == "mark":
            name += "."
        else:
            if name and (token.kind == "string" or token.text in {"(", "{"}):
                first = token if token.text != "(" else tokens[min(at + 1, len(tokens) - 1)]
                found.append(Call(name, _arguments(tokens, at), line_of(first.position)))
            name = ""
    return found


def _tokens(text: str) -> Iterator[_Token]:
    pattern = re.compile(_LEXEME)
    position = 0
    while position < len(text):
        match = pattern.match(text, position)
        if match is None:
            raise MalformedAnchors(f"not Lua: {text[position : position + 20]!r}")
        kind, position = str(match.lastgroup), match.end()
        if kind in {"comment", "long"}:
            closing = f"]{match[kind]}]"
            end = text.find(closing, position)
            if end < 0:
                raise MalformedAnchors(f"not Lua: no {closing}")
            if kind == "long":
                yield _Token("string", text[position:end], position)
            position = end + len(closing)
        elif kind == "string":
            yield _Token("string", _unescaped(match[0][1:-1]), match.start())
        elif kind in {"name", "number", "mark"}:
            yield _Token(kind, match[0], match.start())


def _unescaped(text: str) -> str:
    r"""``\n`` and an escaped character stand in anchors; other escapes do not."""
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], text, flags=re.DOTALL)


def _require_no_prose(tokens: Sequence[_Token]) -> None:
    names = 0
    for token in tokens:
        names = names + 1 if token.kind == "name" and token.text not in _KEYWORDS else 0
        if names > _NAMES_IN_A_ROW:
            raise MalformedAnchors(f"not Lua: {token.text!r:.40} after other names")


def _arguments(tokens: Sequence[_Token], at: int) -> tuple[Value, ...]:
    if tokens[at].kind == "string":
        # f"x" is the same as f("x"), and so is f{} to f({}).
        return (tokens[at].text,)
    if tokens[at].text == "{":
        return (_table(tokens, at),)
    arguments: list[Value] = []
    while len(arguments) < _MAX_ARGUMENTS and at + 2 < len(tokens):
        token, behind = tokens[at + 1 : at + 3]
        if token.text == ")" and token.kind == "mark":
            break
        literal = token.kind != "mark" and behind.text in {",", ")"}
        arguments.append(_value(token) if literal else None)
        if token.text == "{" and token.kind == "mark":
            arguments[-1] = _table(tokens, at + 1)
        if not literal or behind.text == ")":
            break
        at += 2
    return tuple(arguments)


def _table(tokens: Sequence[_Token], at: int) -> Table:
    """The table that begins ``at`` a brace; one inside another ends it."""
    inside = itertools.takewhile(
        lambda token: token.kind != "mark" or token.text != "}",
        tokens[at : at + _MAX_IN_TABLE],
    )
    return Table(tuple(token.text for token in inside if token.kind == "string"))


def _value(token: _Token) -> Value:
    if token.kind == "string":
        return token.text
    return {"true": True, "false": False}.get(token.text)
