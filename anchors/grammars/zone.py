"""Zone-file text (RFC 1035 5), as each program reads it: bytes -> records with their lines.

ASCII alone separates words: a no-break space or a vertical tab is a part of a word, as it is to the
programs.  What is no record is kept as left over, with the reason; who reads the text decides what
becomes of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

__all__ = [
    "ANY",
    "DIRECTIVE",
    "Dialect",
    "LeftOver",
    "Record",
    "ZoneText",
    "parse_zone",
    "statements",
]

# Each byte is a character: what is no ASCII can only be a comment, or makes a word that is none.
_ENCODING = "latin-1"
_LEXEME = r"""(?xs)
      (?P<newline>\n)
    | (?P<blank>[ \t]+ | \r(?=\n|\Z))
    | (?P<comment>;[^\n]*)
    | (?P<open>\()
    | (?P<close>\))
    | (?P<word>"(?:[^"\\\n]|\\.)*" | (?:[^ \t\r\n;()"\\]|\\.|\r(?!\n))+ | .)"""
_CR_LF = r" | \r(?=\n|\Z)"
_TTL = re.compile(r"[0-9][0-9smhdw]*", re.IGNORECASE | re.ASCII)
_SIMPLE_TTL = re.compile(r"[0-9]+[smhdw]?", re.IGNORECASE | re.ASCII)
_CLASS = re.compile(r"IN|CH|HS|CLASS[0-9]{1,5}", re.IGNORECASE | re.ASCII)
_GENERIC = re.compile(r"TYPE([0-9]{1,5})", re.IGNORECASE | re.ASCII)
_TYPE_NUMBERS = {43: "DS", 48: "DNSKEY", 65533: "KEYDATA"}
_NAMES = (
    "A AAAA AFSDB APL CAA CDNSKEY CDS CERT CNAME CSYNC DHCID DLV DNAME DNSKEY DS HINFO HTTPS KEY "
    "KEYDATA KX LOC MX NAPTR NS NSEC NSEC3 NSEC3PARAM NXT OPENPGPKEY PTR RP RRSIG SIG SMIMEA SOA "
    "SPF SRV SSHFP SVCB TALINK TLSA TXT URI ZONEMD"
)
_TYPES = frozenset(_NAMES.split())
DIRECTIVE = "$"
_MAX_TTL, _TTL_DIGITS = 0xFFFFFFFF, 20
# What may end a line without a record.
_ENDS = frozenset({"newline", "comment"})
# TTL and class, in either order.
_MAX_BEFORE_TYPE = 2


class Dialect(NamedTuple):
    """How one program reads zone-file text; the defaults are what most of them do.

    Attributes:
        class_before_ttl: ``IN 3600 DS`` is read; RFC 1035 allows either order.
        crlf: lines may end with CR LF; a CR is a part of a comment in every dialect.
        keydata: ``KEYDATA``, which BIND's state has, is known as a type.
        owner_left_out: the first record may leave out its owner, and is of the root.
        blank_lines: lines before the first owner may hold nothing but blanks.
        unclosed: a parenthesis that is not closed ends with the text.
        ttl_units: a TTL may have several units, such as ``1d2h``.
        ttl_wide: a TTL of more than 32 bits is one.
        nested: parentheses may stand in parentheses.
    """

    class_before_ttl: bool = True
    crlf: bool = True
    keydata: bool = True
    owner_left_out: bool = True
    blank_lines: bool = True
    unclosed: bool = False
    ttl_units: bool = True
    ttl_wide: bool = True
    nested: bool = True


ANY = Dialect()


class Record(NamedTuple):
    """A record.

    Attributes:
        line: where it begins, counted from 1.
        owner: its owner name as it is written; ``.`` for the root, however it was written.
        rdclass: its class in upper case, ``IN`` where none is written.
        rdtype: its type in upper case, by its name where RFC 3597's form has one.
        rdata: the words of its rdata, quotation marks and all.
        has_ttl: a TTL stands before the type.
    """

    line: int
    owner: str
    rdclass: str
    rdtype: str
    rdata: tuple[str, ...]
    has_ttl: bool = False


class LeftOver(NamedTuple):
    """Text that is no record: its line, its first words, and why it is none."""

    line: int
    text: str
    why: str


class ZoneText(NamedTuple):
    """The records of a text, and what is left over: both in their order."""

    records: tuple[Record, ...]
    left_over: tuple[LeftOver, ...]


class _Entry(NamedTuple):
    """The words of a line, or of several within parentheses, without comments."""

    line: int
    has_owner: bool
    words: list[str]
    is_closed: bool


def parse_zone(content: bytes, dialect: Dialect = ANY) -> ZoneText:
    """The records of ``content``, and what is left over."""
    records: list[Record] = []
    left_over: list[LeftOver] = []
    for statement in statements(content, dialect):
        if isinstance(statement, Record):
            records.append(statement)
        else:
            left_over.append(statement)
    return ZoneText(tuple(records), tuple(left_over))


def statements(content: bytes, dialect: Dialect = ANY) -> Iterator[Record | LeftOver]:
    """Records and what is left over, one by one; directives are left over, but for $ORIGIN."""
    origin, owner = ".", "." if dialect.owner_left_out else ""
    for entry in _entries(content.decode(_ENCODING), dialect):
        if not entry.words and owner:
            continue
        if not entry.words:
            yield LeftOver(entry.line, "", "a line has only blanks")
            continue
        first = entry.words[0]
        if entry.has_owner and first.startswith(DIRECTIVE):
            if first.upper() == "$ORIGIN" and len(entry.words) > 1:
                origin = _absolute(entry.words[1], origin)
            else:
                yield _left(entry, "a directive")
            continue
        if entry.has_owner:
            owner = _absolute(first, origin)
        found = _record(entry, owner, dialect)
        yield found if isinstance(found, Record) else _left(entry, found)


def _left(entry: _Entry, why: str) -> LeftOver:
    return LeftOver(entry.line, " ".join(entry.words)[:80], why)


def _absolute(name: str, origin: str) -> str:
    if name == "@":
        return origin
    if name.endswith(".") or origin == ".":
        return name if name.endswith(".") else f"{name}."
    return f"{name}.{origin}"


def _record(entry: _Entry, owner: str, dialect: Dialect) -> Record | str:
    """The record, or why it is none."""
    if not (entry.is_closed or dialect.unclosed):
        return "a parenthesis is not closed"
    if not dialect.crlf and "\r" in entry.words:
        return "the line ends with CR LF"
    words = entry.words[int(entry.has_owner) :]
    before = _before_type(words, dialect)
    if before == ["class", "ttl"] and not dialect.class_before_ttl:
        return "the class comes before the TTL"
    rdtype = _type_of(words[len(before) : len(before) + 1])
    if rdtype is None or (rdtype == "KEYDATA" and not dialect.keydata):
        return "no record type"
    if not owner:
        return "the first record has no owner"
    rdclass = words[before.index("class")].upper() if "class" in before else "IN"
    rdata = tuple(words[len(before) + 1 :])
    return Record(entry.line, owner, rdclass, rdtype, rdata, "ttl" in before)


def _before_type(words: Sequence[str], dialect: Dialect) -> list[str]:
    """Which of TTL and class stand before the type, in their order."""
    before: list[str] = []
    ttl = _TTL if dialect.ttl_units else _SIMPLE_TTL
    for word in words[:_MAX_BEFORE_TYPE]:
        is_ttl = ttl.fullmatch(word) and (dialect.ttl_wide or not _is_wide(word))
        kind = "ttl" if is_ttl else "class" if _CLASS.fullmatch(word) else ""
        if not kind or kind in before:
            break
        before.append(kind)
    return before


def _is_wide(ttl: str) -> bool:
    """More than 32 bits."""
    digits = ttl.lstrip("0")
    return digits.isdigit() and (len(digits) > _TTL_DIGITS or int(digits) > _MAX_TTL)


def _type_of(words: Sequence[str]) -> str | None:
    name = "".join(words).upper()
    generic = _GENERIC.fullmatch(name)
    if generic is not None:
        return _TYPE_NUMBERS.get(int(generic[1]), name)
    return name if name in _TYPES else None


def _entries(text: str, dialect: Dialect) -> Iterator[_Entry]:
    lexeme = _LEXEME if dialect.crlf else _LEXEME.replace(_CR_LF, "")
    words: list[str] = []
    has_owner = False
    begins = line = 1
    depth = first_column = 0
    before = ""
    for match in re.finditer(lexeme, text):
        kind = str(match.lastgroup)
        if kind in _ENDS and before == "blank" and not (words or depth or dialect.blank_lines):
            yield _Entry(line, has_owner=False, words=[], is_closed=True)
        before = kind
        if kind == "newline":
            line += 1
            first_column = match.end()
            if words and not depth:
                yield _Entry(begins, has_owner, words, is_closed=True)
                words = []
        elif kind == "close" and depth:
            depth -= 1
        elif kind == "open" and (dialect.nested or not depth):
            depth += 1
        elif kind in {"word", "close", "open"}:
            if not words:
                begins, has_owner = line, match.start() == first_column
            words.append(match[0])
    if words:
        yield _Entry(begins, has_owner, words, is_closed=not depth)
