"""BIND's named.conf: bytes -> statements and blocks, as BIND's own lexer and parser take them.

Knows no statement by its name.  A statement is words and blocks up to a semicolon; a block is
statements between braces.  Blanks are the space, the tab and the ends of lines alone: a no-break
space, a vertical tab or a byte-order mark is a part of a word, as it is to BIND 9.18 and 9.20.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Block", "Fault", "NamedConf", "Statement", "Word", "parse_named_conf"]

# Each byte is a character: what is no ASCII makes a word that nobody knows.
_ENCODING = "latin-1"
# A string, not a compiled pattern: it is compiled when it is first used.  A slash ends a word, for
# it begins a comment or stands between address and length; so do = and !.
_LEXEME = r"""(?xs)
      (?P<skip>[ \t\r\n]+ | //[^\n]* | \#[^\n]*)
    | (?P<comment>/\*)
    | (?P<quote>")
    | (?P<mark>[{};])
    | (?P<word>[/=!] | [^ \t\r\n{};"\#/=!]+)"""
_STRING = r'(?s)(?:[^"\\]|\\.)*+"'
_END_OF_COMMENT = "*/"
_MAX_DEPTH = 100


class Word(NamedTuple):
    """A word: its text, its line counted from 1, and whether it stands in quotation marks."""

    text: str
    line: int
    quoted: bool = False

    @property
    def keyword(self) -> str:
        """The word in lower case, as BIND compares keywords; empty where it is quoted."""
        return "" if self.quoted else self.text.lower()


class Statement(NamedTuple):
    """Words and blocks up to a semicolon, in their order; never empty."""

    items: tuple[Word | Block, ...]

    @property
    def line(self) -> int:
        """Where it begins."""
        return self.items[0].line

    @property
    def words(self) -> tuple[Word, ...]:
        """Its words before its first block."""
        found: list[Word] = []
        for item in self.items:
            if isinstance(item, Block):
                break
            found.append(item)
        return tuple(found)

    @property
    def name(self) -> str:
        """Its first word as a keyword."""
        return self.words[0].keyword if self.words else ""

    @property
    def block(self) -> Block | None:
        """Its first block."""
        return next((item for item in self.items if isinstance(item, Block)), None)


class Block(NamedTuple):
    """Statements between braces; ``line``: of the brace that opens it."""

    statements: tuple[Statement, ...]
    line: int


class Fault(NamedTuple):
    """Where reading ends, and why."""

    line: int
    why: str


class NamedConf(NamedTuple):
    """The statements of a file.

    Attributes:
        statements: all of them; with a fault, those before it, and what was open as far as it was
            read.
        fault: what no named.conf may have, ``None`` where there is nothing of that.
    """

    statements: tuple[Statement, ...]
    fault: Fault | None = None


class _Lexeme(NamedTuple):
    kind: str
    word: Word


class _Faulty(Exception):
    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.fault = Fault(line, why)


class _Open:
    """A block that is being read, with the items of the statement that is being read in it."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.statements: list[Statement] = []
        self.items: list[Word | Block] = []

    def end_statement(self) -> None:
        self.statements.append(Statement(tuple(self.items)))
        self.items = []

    def closed(self) -> Block:
        return Block(tuple(self.statements), self.line)


# A file is recognised first, and then loaded.
@functools.lru_cache(maxsize=8)
def parse_named_conf(content: bytes) -> NamedConf:
    """The statements of ``content``, in linear time."""
    blocks = [_Open(1)]
    fault = None
    line = 1
    try:
        for kind, word in _lexemes(content.decode(_ENCODING)):
            line = word.line
            _take(blocks, kind, word)
        if len(blocks) > 1 or blocks[0].items:
            raise _Faulty(line, "the file ends in the middle of a statement")
    except _Faulty as error:
        fault = error.fault
    while len(blocks) > 1:
        last = blocks.pop()
        if last.items:
            last.end_statement()
        blocks[-1].items.append(last.closed())
    if blocks[0].items:
        blocks[0].end_statement()
    return NamedConf(tuple(blocks[0].statements), fault)


def _take(blocks: list[_Open], kind: str, word: Word) -> None:
    here = blocks[-1]
    if len(blocks) == 1 and here.items and isinstance(here.items[-1], Block) and word.text != ";":
        # Inside a block more may follow: inet ... allow { ...; } keys { ...; };
        raise _Faulty(word.line, f"missing ';' before '{word.text:.40}'")
    if kind == "word":
        here.items.append(word)
    elif word.text == "{":
        if len(blocks) > _MAX_DEPTH:
            raise _Faulty(word.line, f"blocks are nested deeper than {_MAX_DEPTH}")
        blocks.append(_Open(word.line))
    elif word.text == ";":
        if not here.items:
            raise _Faulty(word.line, "a semicolon has no statement before it")
        here.end_statement()
    elif len(blocks) == 1:
        raise _Faulty(word.line, "a closing brace has no opening brace")
    elif here.items:
        raise _Faulty(word.line, "missing ';' before '}'")
    else:
        blocks.pop()
        blocks[-1].items.append(here.closed())


def _lexemes(text: str) -> Iterator[_Lexeme]:
    pattern, string = re.compile(_LEXEME), re.compile(_STRING)
    position, line = 0, 1
    while position < len(text):
        match = pattern.match(text, position)
        if match is None:  # pragma: no cover - the pattern has a branch for every character
            raise _Faulty(line, "it cannot be read")
        begin, position, kind = position, match.end(), str(match.lastgroup)
        if kind == "comment":
            # Found by hand: a pattern would go over the rest again for each that does not end.
            position = text.find(_END_OF_COMMENT, position)
            if position < 0:
                raise _Faulty(line, "a comment is not closed")
            position += len(_END_OF_COMMENT)
        elif kind == "quote":
            quoted = string.match(text, position)
            if quoted is None:
                raise _Faulty(line, "a quoted string is not closed")
            position = quoted.end()
            inside = quoted[0][:-1].replace('\\"', '"')
            yield _Lexeme("word", Word(inside, line, quoted=True))
        elif kind in {"mark", "word"}:
            yield _Lexeme(kind, Word(match[0], line))
        line += text.count("\n", begin, position)
