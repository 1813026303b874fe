"""BIND's ``trust-anchors`` statement (BIND 9 Administrator Reference Manual, trust-anchors)."""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

from anchors.crosscheck import CrossCheck
from anchors.formats.format import Form, Format
from anchors.formats.found import FoundAnchor, FoundAnchors, FoundDnskey, FoundDs, MalformedAnchors
from anchors.formats.provenance import header, join_lines
from anchors.formats.zone import dnskey_rdata, ds_rdata
from anchors.model import Anchor

__all__ = ["FORMATS", "Lexeme", "entry_anchors", "lexemes", "parse", "render", "tokens"]

# A string, not a compiled pattern: most runs only write.
_LEXEME = r"""(?xs)
      (?P<skip>\s+ | //[^\n]* | \#[^\n]*)
      | (?P<comment>/\*)
      | "(?P<string>(?:[^"\\]|\\.)*)"
      | (?P<mark>[{};])
      | (?P<word>[^\s{};"#]+)"""
# The last two are legacy: parsed, never written.
_STATEMENTS = frozenset({"trust-anchors", "managed-keys", "trusted-keys"})
_BEGIN, _END, _END_OF_ENTRY = "{", "}", ";"


class Lexeme(NamedTuple):
    """A word, string or mark of a named.conf; ``position`` counts characters from 0."""

    text: str
    position: int
    quoted: bool


def render(cross_check: CrossCheck, keyword: str) -> bytes:
    """A ``trust-anchors`` block of entries with one keyword."""
    entries = [
        f"\t. {keyword} {entry};"
        for entry in dict.fromkeys(_entry(a, keyword) for a in cross_check.anchors.anchors)
        if entry is not None
    ]
    return join_lines([*header(cross_check, "//"), "trust-anchors {", *entries, "};"])


def _entry(anchor: Anchor, keyword: str) -> str | None:
    rdata = ds_rdata(anchor) if keyword.endswith("-ds") else dnskey_rdata(anchor)
    if rdata is None:
        return None
    numbers, _, text = rdata.rpartition(" ")
    return f'{numbers} "{text}"'


def parse(data: bytes) -> FoundAnchors:
    """Read the root's anchors from every statement of a named.conf that holds some.

    Raises:
        MalformedAnchors: such a statement cannot be read.
    """
    words = list(tokens(data.decode(errors="replace")))
    anchors: list[FoundAnchor] = []
    position = 0
    while position < len(words):
        if words[position] in _STATEMENTS and words[position + 1 : position + 2] == [_BEGIN]:
            position, entries = _entries(words, position + 2)
            anchors += [found for entry in entries for found in entry_anchors(entry)]
        position += 1
    return FoundAnchors(tuple(anchors))


def tokens(text: str) -> Iterator[str]:
    """The words, strings and marks of a named.conf, without its comments.

    Raises:
        MalformedAnchors: it cannot be read.
    """
    return (lexeme.text for lexeme in lexemes(text))


def lexemes(text: str) -> Iterator[Lexeme]:
    """The same, each with where it begins.

    Raises:
        MalformedAnchors: it cannot be read.
    """
    pattern = re.compile(_LEXEME)
    position = 0
    while position < len(text):
        match = pattern.match(text, position)
        if match is None:
            message = f"cannot be read at {text[position : position + 20]!r}"
            raise MalformedAnchors(message)
        if match["comment"] is not None:
            position = _end_of_comment(text, match.end())
            continue
        if match["skip"] is None:
            quoted = match["string"] is not None
            yield Lexeme(match["string"] if quoted else match[0], position, quoted)
        position = match.end()


def _end_of_comment(text: str, position: int) -> int:
    # Found by hand: a pattern would go over the rest again for each one that does not end.
    end = text.find("*/", position)
    if end < 0:
        message = "a comment does not end"
        raise MalformedAnchors(message)
    return end + 2


def _entries(words: list[str], position: int) -> tuple[int, list[list[str]]]:
    """The entries of a block, and the position of its closing brace."""
    entries: list[list[str]] = []
    entry: list[str] = []
    for at in range(position, len(words)):
        token = words[at]
        if token == _END:
            return at, entries
        if token == _END_OF_ENTRY:
            entries.append(entry)
            entry = []
        else:
            entry.append(token)
    message = "a block is not closed"
    raise MalformedAnchors(message)


def entry_anchors(entry: list[str]) -> list[FoundAnchor]:
    """The anchor in an entry of such a statement, none where it is another name's.

    Raises:
        MalformedAnchors: the entry cannot be read.
    """
    name, *rest = entry or [""]
    if name != ".":
        return []
    keyword = rest.pop(0) if rest and not rest[0].isdigit() else None
    try:
        first, second, third, text = rest
        numbers = int(first), int(second), int(third)
        joined = "".join(text.split())
        if keyword in {"initial-ds", "static-ds"}:
            return [FoundDs(*numbers, bytes.fromhex(joined), keyword)]
        if keyword in {None, "initial-key", "static-key"}:
            public_key = base64.b64decode(joined, validate=True)
            return [FoundDnskey(numbers[0], numbers[2], public_key, keyword)]
    except ValueError as error:
        message = f"{' '.join(entry)!r:.80}: {error}"
        raise MalformedAnchors(message) from error
    message = f"{keyword!r:.40} is not a keyword of trust-anchors"
    raise MalformedAnchors(message)


def _row(keyword: str, file_name: str, install: str, alias: str | None = None) -> Format:
    return Format(
        name=f"bind-{keyword}",
        file_name=file_name,
        media_type="text/plain",
        consumer="BIND 9.16, 9.18, 9.20: named, delv",
        form=Form.DS if keyword.endswith("-ds") else Form.DNSKEY,
        install=install,
        render=functools.partial(render, keyword=keyword),
        parse=parse,
        alias=alias,
    )


_MANAGED = (
    'Include it in named.conf, or name it in options: bindkeys-file "FILE"; with\n'
    "dnssec-validation auto; so that named follows later rolls (RFC 5011)."
)
_STATIC = (
    "Include it in named.conf. named never changes a static anchor: at every roll of the\n"
    "root's key a person must replace this file."
)

FORMATS = (
    _row("initial-ds", "bind.keys", _MANAGED, alias="bind"),
    _row("initial-key", "bind-initial-key.conf", _MANAGED),
    _row("static-ds", "bind-static-ds.conf", _STATIC),
    _row("static-key", "bind-static-key.conf", _STATIC),
)
