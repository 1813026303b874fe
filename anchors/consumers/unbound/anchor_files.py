"""What Unbound takes from the value of trust-anchor, and from a trusted-keys-file.

Read from validator/val_anchor.c of Unbound 1.17.1, and tried on 1.17.1 and 1.26.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from anchors.consumers.libunbound import AnchorFile, Refusal, anchor_of, read_static
from anchors.consumers.reading import Held, Hold
from anchors.core.found import FoundAnchor, MalformedAnchors
from anchors.grammars.zone import Record

__all__ = ["read_inline", "read_trusted_keys", "zone_named"]

_ROOT = "."


def read_inline(value: str, line: int) -> AnchorFile:
    """The value of ``trust-anchor``, which is one record; ``line``: where the option stands."""
    content = value.encode("utf-8", "surrogateescape")
    read = read_static(content, "trust-anchor")
    if read.refusal is None and not read.zones:
        return AnchorFile(refusal=Refusal(line, f"no DS or DNSKEY record: {value!r:.40}"))
    if read.refusal is not None:
        return AnchorFile(refusal=Refusal(line, read.refusal.why))
    return read._replace(held=tuple(held._replace(line=line) for held in read.held))


# Bytes, so that each blank is one of C's isspace.
_TOKEN = re.compile(
    rb"""(?xs)
      (?P<skip>[ \t\n\v\f\r]+ | \#[^\n]* | //[^\n]* | /\*.*?(?:\*/|\Z))
    | (?P<special>[{};])
    | (?P<quoted>"[^"]*")
    | (?P<word>(?:[^ \t\n\v\f\r{}";\#/] | /(?![/*]))+ | .)"""
)
_STATEMENT = b"trusted-keys"
# Name, flags, protocol, algorithm and key.
_LEAST_WORDS = 5


class _Token(NamedTuple):
    text: bytes
    line: int


def read_trusted_keys(content: bytes) -> AnchorFile:
    """A ``trusted-keys-file``: statements ``trusted-keys`` of BIND; all others are skipped."""
    tokens = _tokens(content)
    held: list[Held] = []
    zones: set[str] = set()
    for token in tokens:
        if token.text != _STATEMENT:
            continue
        try:
            for name, anchor, line in _statement(tokens, token.line):
                zones.add(name)
                if name == _ROOT:
                    held.append(Held(anchor, Hold.STATIC, line))
        except _NotReadError as error:
            return AnchorFile(refusal=error.refusal)
    return AnchorFile(tuple(held), frozenset(zones))


class _NotReadError(Exception):
    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.refusal = Refusal(line, why)


def _tokens(content: bytes) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(content):
        if match.lastgroup != "skip":
            yield _Token(match[0], line)
        line += match[0].count(b"\n")


def _statement(tokens: Iterator[_Token], line: int) -> Iterator[tuple[str, FoundAnchor, int]]:
    """What stands in the braces, and the semicolon behind them."""
    _expect(tokens, b"{", line)
    words: list[_Token] = []
    for token in tokens:
        if token.text == b"}":
            if words:
                raise _NotReadError(token.line, "a key without a semicolon before }")
            _expect(tokens, b";", token.line)
            return
        if token.text == b";":
            yield _key(words, token.line)
            words = []
        elif token.text == b"{":
            raise _NotReadError(token.line, "{ in a key")
        else:
            words.append(token)
    raise _NotReadError(line, "the statement does not end")


def _expect(tokens: Iterator[_Token], wanted: bytes, line: int) -> None:
    token = next(tokens, None)
    if token is None or token.text != wanted:
        raise _NotReadError(token.line if token else line, f"{wanted.decode()} is missing")


def _key(tokens: list[_Token], line: int) -> tuple[str, FoundAnchor, int]:
    words = [token.text.strip(b'"').decode("latin-1") for token in tokens]
    if len(words) < _LEAST_WORDS or not "".join(words[_LEAST_WORDS - 1 :]):
        raise _NotReadError(line, "a bad key")
    try:
        # Unbound makes a record of it, and reads that.
        record = Record(line, words[0], "IN", "DNSKEY", tuple(words[1:]))
        anchor = anchor_of(record, "trusted-keys")
    except MalformedAnchors as error:
        raise _NotReadError(tokens[0].line, f"a bad key: {error}"[:200]) from error
    return zone_named(words[0]), anchor, tokens[0].line


def zone_named(name: str) -> str:
    """The zone of a name that may be written without the last full stop."""
    return name.lower() if name.endswith(".") else f"{name.lower()}."
