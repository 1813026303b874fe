"""Files of anchors as libunbound reads them, for Unbound and for whatever links with libunbound.

Read from validator/val_anchor.c and sldns/str2wire.c of Unbound 1.17.1, and tried on 1.17.1 and
1.26.2.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import NamedTuple

from anchors.consumers.anchor_records import found_anchor
from anchors.consumers.reading import Held, Hold
from anchors.core.found import FoundAnchor, FoundDnskey, FoundDs, MalformedAnchors
from anchors.grammars.zone import Dialect, Record, parse_zone

__all__ = [
    "OF_ANCHORS",
    "ZONE_TEXT",
    "AnchorFile",
    "Refusal",
    "anchor_of",
    "is_usable",
    "read_static",
    "zone_of",
]

# Unbound 1.17.1, 1.26.2.
ZONE_TEXT = Dialect("Unbound 1.17.1, 1.26.2", class_before_ttl=False, keydata=False, ttl_wide=False)
OF_ANCHORS = frozenset({"DS", "DNSKEY"})
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
# DS: tag, algorithm, digest type; DNSKEY: flags, protocol, algorithm.
_BITS = (16, 8, 8)
_BASE64 = re.compile(r"[A-Za-z0-9+/]*")
# What Unbound is built with (RFC 8624); DSA and GOST are not among them any more.
_ALGORITHMS = frozenset({5, 7, 8, 10, 13, 14, 15, 16})
_DIGEST_TYPES = frozenset({1, 2, 4})
_PROTOCOL = 3
_ROOT = "."
_DIRECTIVE = "a directive"


class Refusal(NamedTuple):
    """Why Unbound does not start with a file, and at which line of the file."""

    line: int
    why: str


class AnchorFile(NamedTuple):
    """The root's anchors, the zones that the file has anchors of, and why it is refused, if so."""

    held: tuple[Held, ...] = ()
    zones: frozenset[str] = frozenset()
    refusal: Refusal | None = None


def zone_of(record: Record) -> str:
    """The zone of a DS or DNSKEY record; another class than IN is another zone."""
    owner = record.owner.lower()
    return owner if record.rdclass in {"IN", "CLASS1"} else f"{owner} {record.rdclass}"


def anchor_of(record: Record, statement: str | None = None) -> FoundAnchor:
    """The anchor that Unbound takes a DS or DNSKEY record for.

    Its numbers may have a sign, and are cut to the size of their fields (strtol(3)).

    Raises:
        MalformedAnchors: Unbound cannot read the record.
    """
    if ".." in record.owner or record.owner.startswith(".") > (record.owner == _ROOT):
        raise MalformedAnchors(f"no owner name: {record.owner:.40}")
    numbers = tuple(
        str(int(word) % (1 << bits)) if _NUMBER.fullmatch(word) else word
        for word, bits in zip(record.rdata, _BITS, strict=False)
    )
    rest = record.rdata[len(_BITS) :]
    if record.rdtype == "DNSKEY":
        # Of base64 quotation marks are read over, of hexadecimal they are not.
        rest = tuple(word.replace('"', "") for word in rest)
    try:
        return found_anchor(record.rdtype, (*numbers, *rest), statement)
    except MalformedAnchors:
        damaged = _damaged(record.rdtype, numbers, "".join(rest), statement)
        if damaged is None:
            raise
        return damaged


def _damaged(
    rdtype: str, numbers: Sequence[str], rest: str, statement: str | None
) -> FoundAnchor | None:
    """What Unbound takes all the same: no digest, no key, or one that was cut."""
    if len(numbers) < len(_BITS) or not all(map(_NUMBER.fullmatch, numbers)):
        return None
    first, second, third = map(int, numbers)
    if rdtype == "DS":
        return None if rest else FoundDs(first, second, third, b"", statement)
    if _BASE64.fullmatch(rest) is None:
        return None
    return FoundDnskey(first, third, base64.b64decode(rest[: len(rest) // 4 * 4]), statement)


def is_usable(record: Record, anchor: FoundAnchor) -> bool:
    """Whether Unbound can validate with an anchor; it drops or never uses the others."""
    if anchor.algorithm not in _ALGORITHMS:
        return False
    if isinstance(anchor, FoundDs):
        return anchor.digest_type in _DIGEST_TYPES
    return _NUMBER.fullmatch(record.rdata[1]) is None or int(record.rdata[1]) == _PROTOCOL


def read_static(content: bytes, statement: str | None = None) -> AnchorFile:
    """A ``trust-anchor-file``: zone-file text, whose other records and directives are skipped."""
    text = parse_zone(content.replace(b"\0", b""), ZONE_TEXT)
    for left in text.left_over:
        if left.why != _DIRECTIVE:
            return AnchorFile(refusal=Refusal(left.line, f"{left.why}: {left.text!r:.40}"))
    held: list[Held] = []
    zones: set[str] = set()
    for record in text.records:
        if record.rdtype not in OF_ANCHORS:
            continue
        try:
            anchor = anchor_of(record, statement)
        except MalformedAnchors as error:
            return AnchorFile(refusal=Refusal(record.line, f"{error}"[:200]))
        zones.add(zone_of(record))
        if zone_of(record) == _ROOT:
            hold = Hold.STATIC if is_usable(record, anchor) else Hold.IGNORED
            held.append(Held(anchor, hold, record.line))
    return AnchorFile(tuple(held), frozenset(zones))
