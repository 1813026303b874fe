"""Anchors in zone-file text (RFC 1035 5): root.key, root.ds, trusted-key.key, TrustAnchors.dns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from anchors.auditing.place import Held, Hold, Reading, Syntax
from anchors.auditing.readers.text import decoded
from anchors.formats.found import FoundAnchor, FoundDs, MalformedAnchors
from anchors.formats.zone import found_in_zone_text

__all__ = ["found_anchor", "in_range", "looks_like", "read", "root_anchors"]

_LEXEME = r"""(?xs)
      (?P<newline>\n)
    | (?P<blank>[^\S\n]+)
    | (?P<comment>;[^\n]*)
    | (?P<open>\()
    | (?P<close>\))
    | (?P<word>"(?:[^"\\\n]|\\.)*" | (?:[^\s;()"\\]|\\.)+ | .)"""
_TTL = re.compile(r"\d[\dsmhdw]*", re.IGNORECASE)
_CLASS = frozenset({"IN"})
# Every line of a file must be a record of such a type, or it is prose.
_TYPE_NAMES = (
    "A AAAA AFSDB APL CAA CDNSKEY CDS CERT CNAME CSYNC DHCID DLV DNAME DNSKEY DS HINFO HTTPS KEY "
    "KEYDATA KX LOC MX NAPTR NS NSEC NSEC3 NSEC3PARAM NXT OPENPGPKEY PTR RP RRSIG SIG SMIMEA SOA "
    "SPF SRV SSHFP SVCB TALINK TLSA TXT URI ZONEMD"
)
_TYPES = frozenset(_TYPE_NAMES.split())
_OF_ANCHORS = frozenset({"DS", "DNSKEY"})
# What the root itself has in its zone and in a recording of it, and in no anchor file.
_OF_A_ZONE = frozenset({"SOA", "RRSIG", "NSEC"})
# dnspython knows the mnemonics of algorithms alone.
_DIGEST_TYPES = {"SHA-1": "1", "SHA1": "1", "SHA-256": "2", "SHA256": "2", "SHA-384": "4"}
_DNSSEC_PROTOCOL = "3"
_WIDE, _NARROW = range(1 << 16), range(1 << 8)


class _Entry(NamedTuple):
    """What stands on a line, or on several within parentheses, without comments."""

    line: int
    has_owner: bool
    words: list[str]
    closed: bool


class _Record(NamedTuple):
    entry: _Entry
    rdtype: str
    rdata: list[str]


class _Scan(NamedTuple):
    """The root's DS and DNSKEY records, the first line that is none, and whether it is a zone."""

    anchors: list[_Record]
    misshapen: int | None
    is_zone: bool


def looks_like(content: bytes) -> bool:
    """Whether every line is a record, and the root has DS or DNSKEY records but no zone."""
    found = _scan(decoded(content), patient=False)
    return bool(found.anchors) and found.misshapen is None and not found.is_zone


def read(content: bytes) -> Reading:
    """The anchors; DNSKEYs without SEP as well, for whoever reads the file trusts them.

    Raises:
        MalformedAnchors: a line is no record, or a record of the root cannot be read.
    """
    text = decoded(content)
    if _scan(text, patient=True).is_zone:
        return Reading(Syntax.ZONE)
    held = tuple(Held(anchor, Hold.FILE, line) for anchor, line in root_anchors(text))
    return Reading(Syntax.ZONE, held)


def root_anchors(text: str, statement: str | None = None) -> list[tuple[FoundAnchor, int]]:
    """The root's DS and DNSKEY records, each with its line, which counts from 1.

    Raises:
        MalformedAnchors: a line is no record, or a record of the root cannot be read.
    """
    found = _scan(text, patient=False)
    if found.misshapen is not None:
        raise MalformedAnchors(f"line {found.misshapen}: not a record")
    anchors = []
    for entry, rdtype, rdata in found.anchors:
        if not entry.closed:
            raise MalformedAnchors(f"line {entry.line}: a parenthesis is not closed")
        try:
            anchors.append((found_anchor(rdtype, rdata, statement), entry.line))
        except MalformedAnchors as error:
            raise MalformedAnchors(f"line {entry.line}: {error}") from error
    return anchors


def found_anchor(rdtype: str, rdata: Sequence[str], statement: str | None = None) -> FoundAnchor:
    """The root's DS or DNSKEY record with this rdata.

    A digest of the wrong length is kept as it is: most consumers take it, and fail with it later.

    Raises:
        MalformedAnchors: it cannot be read.
    """
    if rdtype == "DS":
        rdata = [*rdata[:2], *(_DIGEST_TYPES.get(word, word) for word in rdata[2:3]), *rdata[3:]]
    try:
        (anchor,) = found_in_zone_text(f". IN {rdtype} {' '.join(rdata)}", statement)
    except ValueError as error:
        ds = _any_ds(rdata, statement) if rdtype == "DS" else None
        if ds is None:
            raise MalformedAnchors(str(error)) from error
        return ds
    if rdtype == "DNSKEY" and rdata[1] != _DNSSEC_PROTOCOL:
        raise MalformedAnchors(f"the protocol of a DNSKEY is 3, not {rdata[1]:.20}")
    return anchor


def in_range(anchor: FoundAnchor) -> FoundAnchor:
    """The anchor itself, if its numbers fit into their fields (RFC 4034 2.1 and 5.1).

    Raises:
        MalformedAnchors: they do not.
    """
    if isinstance(anchor, FoundDs):
        fits = anchor.key_tag in _WIDE and anchor.digest_type in _NARROW
    else:
        fits = anchor.flags in _WIDE
    if not fits or anchor.algorithm not in _NARROW:
        raise MalformedAnchors("a number is negative or too large for its field")
    return anchor


def _any_ds(rdata: Sequence[str], statement: str | None) -> FoundDs | None:
    try:
        tag, algorithm, digest_type = map(int, rdata[:3])
        digest = bytes.fromhex("".join(rdata[3:]))
        found = in_range(FoundDs(tag, algorithm, digest_type, digest, statement))
    except ValueError:
        return None
    return found if isinstance(found, FoundDs) and digest else None


def _scan(text: str, *, patient: bool) -> _Scan:
    """Go over the records; unless ``patient``, no further than to a line that is none."""
    anchors: list[_Record] = []
    origin: str | None = None
    owner: str | None = None
    misshapen: int | None = None
    of_a_zone = False
    for entry in _entries(text):
        if entry.words[0].startswith("$") and entry.has_owner:
            if entry.words[0].upper() == "$ORIGIN":
                origin = " ".join(entry.words[1:2])
            continue
        record = _record(entry)
        if record is None:
            misshapen = misshapen or entry.line
            if not patient:
                break
            continue
        owner = entry.words[0] if entry.has_owner else owner
        if owner == "." or (owner == "@" and origin == "."):
            of_a_zone = of_a_zone or record.rdtype in _OF_A_ZONE
            if record.rdtype in _OF_ANCHORS:
                anchors.append(record)
    # The root has no DS of its own: who writes one down writes an anchor.
    if of_a_zone and all(anchor.rdtype != "DS" for anchor in anchors):
        return _Scan([], misshapen, is_zone=True)
    return _Scan(anchors, misshapen, is_zone=False)


def _record(entry: _Entry) -> _Record | None:
    at = int(entry.has_owner)
    # TTL and class may stand in either order, or be left out (RFC 1035 5.1).
    for word in entry.words[at : at + 2]:
        if _TTL.fullmatch(word) is None and word.upper() not in _CLASS:
            break
        at += 1
    rdtype = "".join(entry.words[at : at + 1])
    # "a" in small letters is a word of prose more often than a type.
    if rdtype.upper() in _OF_ANCHORS:
        rdtype = rdtype.upper()
    return _Record(entry, rdtype, entry.words[at + 1 :]) if rdtype in _TYPES else None


def _entries(text: str) -> Iterator[_Entry]:
    words: list[str] = []
    has_owner = False
    begins = line = 1
    depth = first_column = 0
    for match in re.finditer(_LEXEME, text):
        kind = match.lastgroup
        if kind == "newline":
            line += 1
            first_column = match.end()
            if words and not depth:
                yield _Entry(begins, has_owner, words, closed=True)
                words = []
        elif kind == "open":
            depth += 1
        elif kind == "close" and depth:
            depth -= 1
        elif kind in {"word", "close"}:
            if not words:
                begins, has_owner = line, match.start() == first_column
            words.append(match[0])
    if words:
        yield _Entry(begins, has_owner, words, closed=not depth)
