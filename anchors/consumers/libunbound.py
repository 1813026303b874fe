"""Files of anchors as libunbound reads them, for Unbound and for whatever links with libunbound.

Read from validator/val_anchor.c and sldns/str2wire.c of Unbound 1.17.1, and tried on 1.17.1 and
1.26.2.
"""

from __future__ import annotations

import base64
import ipaddress
import re
import string
from typing import NamedTuple

from anchors.consumers.anchor_records import found_anchor, is_readable
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
ZONE_TEXT = Dialect(class_before_ttl=False, keydata=False, ttl_wide=False)
OF_ANCHORS = frozenset({"DS", "DNSKEY"})
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
# DS: tag, algorithm, digest type; DNSKEY: flags, protocol, algorithm.
_BITS = (16, 8, 8)
_BASE64 = f"{string.ascii_uppercase}{string.ascii_lowercase}{string.digits}+/="
_PADDING = _BASE64.index("=")
_GENERIC = "\\#"
# What Unbound is built with (RFC 8624); DSA and GOST are not among them any more.
_ALGORITHMS = frozenset({5, 7, 8, 10, 13, 14, 15, 16})
_DIGEST_TYPES = frozenset({1, 2, 4})
_PROTOCOL = 3
_ROOT = "."
_DIRECTIVE = "a directive"
_ADDRESSES = {"A": ipaddress.IPv4Address, "AAAA": ipaddress.IPv6Address}


class Refusal(NamedTuple):
    """Why Unbound does not start with a file, and at which line of the file."""

    line: int
    why: str


class AnchorFile(NamedTuple):
    """A file of anchors.

    Attributes:
        held: the root's anchors.
        zones: of which it has anchors.
        refusal: why it is refused, if so.
        doubt: why it may be refused: it may not be able to read a record of another type.
    """

    held: tuple[Held, ...] = ()
    zones: frozenset[str] = frozenset()
    refusal: Refusal | None = None
    doubt: Refusal | None = None


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
    if _has_no_owner(record):
        raise MalformedAnchors(f"no owner name: {record.owner:.40}")
    numbers = tuple(
        str(int(word) % (1 << bits)) if _NUMBER.fullmatch(word) else word
        for word, bits in zip(record.rdata, _BITS, strict=False)
    )
    rest = record.rdata[len(_BITS) :]
    is_plain = len(numbers) == len(_BITS) and all(map(_NUMBER.fullmatch, numbers))
    if record.rdtype == "DNSKEY" and record.rdata[:1] != (_GENERIC,):
        rest = (base64.b64encode(_base64("".join(rest))).decode(),)
    if is_plain and not "".join(rest):
        # No digest, or no key: Unbound takes it all the same.
        first, second, third = map(int, numbers)
        if record.rdtype == "DS":
            return FoundDs(first, second, third, b"", statement)
        return FoundDnskey(first, third, b"", statement)
    return found_anchor(record.rdtype, (*numbers, *rest), statement)


def _has_no_owner(record: Record) -> bool:
    """Whether the name has an empty label."""
    owner = record.owner
    return ".." in owner or (owner.startswith(".") and owner != _ROOT)


def _base64(text: str) -> bytes:
    """What sldns_b64_pton makes of a text: it skips whatever is no base64, and ends at padding."""
    digits = [_BASE64.index(character) for character in text if character in _BASE64]
    data = bytearray()
    for at in range(0, len(digits) - 3, 4):
        a, b, c, d = digits[at : at + 4]
        # Elsewhere than at the end of a group, padding is a digit of no bits.
        group = (a & 63) << 18 | (b & 63) << 12 | (c & 63) << 6 | (d & 63)
        if d == _PADDING:
            return bytes(data) + group.to_bytes(3, "big")[: 1 if c == _PADDING else 2]
        data += group.to_bytes(3, "big")
    return bytes(data)


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
    doubt = None
    for record in text.records:
        if record.rdtype not in OF_ANCHORS:
            other = Refusal(record.line, f"a record {record.rdtype} that cannot be read")
            if _is_no_address(record) or _has_no_owner(record):
                return AnchorFile(refusal=other)
            # It takes some that nobody else takes.
            doubt = doubt or (None if is_readable(record) else other)
            continue
        try:
            anchor = anchor_of(record, statement)
        except MalformedAnchors as error:
            return AnchorFile(refusal=Refusal(record.line, f"{error}"[:200]))
        zones.add(zone_of(record))
        if zone_of(record) == _ROOT:
            hold = Hold.STATIC if is_usable(record, anchor) else Hold.IGNORED
            held.append(Held(anchor, hold, record.line))
    return AnchorFile(tuple(held), frozenset(zones), doubt=doubt)


def _is_no_address(record: Record) -> bool:
    """Whether it is an address record whose first word is no address."""
    version = _ADDRESSES.get(record.rdtype)
    if version is None or not record.rdata:
        return False
    try:
        version(record.rdata[0])
    except ValueError:
        return True
    return False
