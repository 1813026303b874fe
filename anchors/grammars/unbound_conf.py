"""unbound.conf (unbound.conf(5)), as Unbound's own lexer reads it: bytes -> options with lines.

An option is a word that ends with a colon; no blank is wanted behind the colon, several options
may stand on a line, and a value may stand on a later line.  Blanks are those of ASCII.  Whatever
else stands where an option is wanted is left over: Unbound does not start with it.
Read from util/configlexer.lex of Unbound 1.17.1, and tried on 1.17.1 and 1.26.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["CLAUSES", "Document", "LeftOver", "Option", "parse_unbound_conf"]

_CLAUSES = (
    "server stub-zone forward-zone auth-zone rpz view remote-control python dynlib dnstap "
    "dnscrypt cachedb ipset"
)
CLAUSES = frozenset(_CLAUSES.split(" "))
_PAIRS = (
    "access-control access-control-tag access-control-view edns-client-string "
    "interface-action interface-tag interface-view local-zone local-zone-tag "
    "ratelimit-below-domain ratelimit-for-domain response-ip response-ip-data "
    "response-ip-tag tcp-connection-limit wait-limit-cookie-netblock wait-limit-netblock"
)
_TWO_VALUES = frozenset(_PAIRS.split(" "))
_TRIPLES = (
    "access-control-tag-action access-control-tag-data interface-tag-action "
    "interface-tag-data local-zone-override"
)
_THREE_VALUES = frozenset(_TRIPLES.split(" "))
_BETWEEN = re.compile(r"[ \t\r\n]+|#[^\n]*")
_OPTION = re.compile(r"([a-z][a-z0-9_-]*):")
_WORD = re.compile(r"""(?:[^:'"\n\r \t\\]|\\[^\n])+""")
_VALUE = re.compile(
    r""""((?:[^"\n\r\\]|\\[^\n])*)"|'((?:[^'\n\r\\]|\\[^\n])*)'|((?:[^'"\n\r \t\\]|\\[^\n])+)"""
)
# In place of a value, these begin another file.
_INCLUDE = re.compile(r"""include(?:-toplevel)?:(?=[ \t\r\n'"]|\Z)""")
_SHOWN = 40


class Option(NamedTuple):
    """An option or the beginning of a clause: its name without the colon, and its values."""

    line: int
    name: str
    values: tuple[str, ...]

    @property
    def value(self) -> str:
        """Its first value, without quotation marks; empty where there is none."""
        return self.values[0] if self.values else ""


class LeftOver(NamedTuple):
    """Text that is no option: its line, how it begins, and why it is none."""

    line: int
    text: str
    why: str


class Document(NamedTuple):
    """The options and what is left over, in their order."""

    items: tuple[Option | LeftOver, ...]

    @property
    def options(self) -> tuple[Option, ...]:
        """The options alone."""
        return tuple(item for item in self.items if isinstance(item, Option))

    @property
    def left_over(self) -> tuple[LeftOver, ...]:
        """What is left over alone."""
        return tuple(item for item in self.items if isinstance(item, LeftOver))


def parse_unbound_conf(content: bytes) -> Document:
    """The options of ``content``, up to what is left over first.

    What is no UTF-8 is kept with ``surrogateescape``.
    """
    return Document(tuple(_Lexer(content.decode("utf-8", "surrogateescape")).items()))


class _Lexer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = self._counted = 0
        self._line = 1

    def items(self) -> Iterator[Option | LeftOver]:
        while self._skip():
            found = self._option()
            yield found
            if isinstance(found, LeftOver):
                return

    def _option(self) -> Option | LeftOver:
        match = _OPTION.match(self._text, self._at)
        if match is None:
            word = _WORD.match(self._text, self._at)
            return self._left("no option" if word else "a stray character")
        line, name = self._line_here(), match[1]
        self._at = match.end()
        values: list[str] = []
        for _ in range(_number_of_values(name)):
            if not self._skip():
                return LeftOver(line, f"{name}:", "a value is missing")
            value = _VALUE.match(self._text, self._at)
            if value is None or _INCLUDE.match(self._text, self._at):
                return self._left("no value, or a quotation mark is not closed")
            # A string of C ends at a NUL.
            read = next(part for part in value.groups() if part is not None)
            values.append(read.partition("\0")[0])
            self._at = value.end()
        return Option(line, name, tuple(values))

    def _skip(self) -> bool:
        """Go on to what is neither blank nor comment; whether there is any."""
        while match := _BETWEEN.match(self._text, self._at):
            self._at = match.end()
        return self._at < len(self._text)

    def _line_here(self) -> int:
        self._line += self._text.count("\n", self._counted, self._at)
        self._counted = self._at
        return self._line

    def _left(self, why: str) -> LeftOver:
        begins = self._text[self._at : self._at + _SHOWN].split("\n")[0]
        return LeftOver(self._line_here(), begins, why)


def _number_of_values(name: str) -> int:
    if name in CLAUSES:
        return 0
    return 2 if name in _TWO_VALUES else 3 if name in _THREE_VALUES else 1
