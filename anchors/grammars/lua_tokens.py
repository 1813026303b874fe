"""The words of a Lua program (Lua 5.1 Reference Manual 2.1), as LuaJIT reads them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

from anchors.core.found import MalformedAnchors

__all__ = ["END", "KEYWORDS", "MAX_TOKENS", "NotLuaError", "Token", "text_of", "tokens_of"]

_LEXEME = r"""(?xs)
      (?P<skip>[ \t\v\f\n]+)
    | --\[(?P<comment>=*)\[
    | (?P<remark>--[^\n]*)
    | \[(?P<long>=*)\[
    | (?P<string>"(?:[^"\\\n]|\\z[ \t\v\f\n]*|\\.)*" | '(?:[^'\\\n]|\\z[ \t\v\f\n]*|\\.)*')
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:[ \t\n]*[.:][ \t\n]*[A-Za-z_][A-Za-z0-9_]*)*+)
    | (?P<number>\.?[0-9](?:[eEpP][+-]|[0-9A-Za-z_.])*)
    | (?P<mark>\.\.\.? | [=~<>]= | :: | \{(?!%) | [-+*/%^\#=<>()}\[\];:,.])"""
# With what LuaJIT adds.
_NUMBER = re.compile(
    r"""(?ix) (?: 0x(?:[0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)(?:p[+-]?[0-9]+)? | 0b[01]+
    | (?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)? ) (?:u?ll|i)?"""
)
# LuaJIT takes \x and \z too; \u stands in no anchor.
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|z[ \t\v\f\n]*|([0-9]{1,3})|(.))", re.DOTALL)
_ESCAPED = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPED |= {character: character for character in "\\\"'\n"}
_RESERVED = (
    "and break do else elseif end false for function if in local nil not or repeat return then "
    "true until while"
)
KEYWORDS = frozenset(_RESERVED.split())
# These begin no word in any version, and end what should be a string.
_NOWHERE = frozenset("!?@$`\\\"'")
# A configuration with ten thousand names in its lists has a quarter of it.
MAX_TOKENS = 100_000


class NotLuaError(MalformedAnchors):
    """No version of Lua from 5.1 to 5.4 loads the text, nor does LuaJIT; ``line``: where not."""

    def __init__(self, words: str, line: int) -> None:
        super().__init__(words)
        self.line = line


class Token(NamedTuple):
    """A word of Lua: ``string``, ``name`` (dotted, or a keyword), ``number`` or ``mark``."""

    kind: str
    text: str
    position: int

    def is_mark(self, *texts: str) -> bool:
        """Whether it is one of these marks."""
        return self.kind == "mark" and self.text in texts


# Behind the last word.
END = Token("", "", 0)


def text_of(content: bytes) -> str:
    """Each byte as a character, without mark and first line where Lua leaves them out."""
    content = content.removeprefix(codecs.BOM_UTF8)
    text = content.decode("latin-1").replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"\A#[^\n]*", "", text)


def tokens_of(text: str) -> Iterator[Token]:
    """The words, without comments.

    Raises:
        NotLuaError: a character that begins no word in any version, or a long string or comment
            without its end.
        MalformedAnchors: one that begins none in this one, or too many words.
    """
    pattern = re.compile(_LEXEME)
    position = count = 0
    while position < len(text):
        match = pattern.match(text, position)
        if match is None:
            raise _no_word(text, position)
        count += 1
        if count > MAX_TOKENS:
            raise MalformedAnchors(f"Lua of more than {MAX_TOKENS} words is not read")
        kind, position = str(match.lastgroup), match.end()
        if kind in {"comment", "long"}:
            closing = f"]{match[kind]}]"
            end = text.find(closing, position)
            if end < 0:
                raise NotLuaError(f"not Lua: no {closing}", _line(text, match.start()))
            if kind == "long":
                # A line break right behind the brackets is no part of the string.
                begin = position + text.startswith("\n", position)
                yield Token("string", text[begin:end], begin)
            position = end + len(closing)
        elif kind == "string":
            yield Token("string", _unescaped(match[0][1:-1]), match.start())
        elif kind == "number" and _NUMBER.fullmatch(match[0]) is None:
            raise MalformedAnchors(f"not Lua: no number: {match[0][:40]!r}")
        elif kind in {"name", "number", "mark"}:
            yield Token(kind, match[0], match.start())


def _no_word(text: str, position: int) -> MalformedAnchors:
    words = f"not Lua: {text[position : position + 20]!r}"
    if text[position] in _NOWHERE:
        return NotLuaError(words, _line(text, position))
    return MalformedAnchors(words)


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _unescaped(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        if match[1]:
            return chr(int(match[1], 16))
        if match[2]:
            return chr(min(int(match[2]), 255))
        if match[3] and match[3] not in _ESCAPED:
            raise MalformedAnchors(f"not Lua: no such escape: {match[0]!r}")
        return _ESCAPED[match[3]] if match[3] else ""

    return _ESCAPE.sub(one, text)
