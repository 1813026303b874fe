"""Records of zone-file text -> anchors of the root, as far as they can be read."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import TypeVar

from anchors.core.found import FoundAnchor, FoundDnskey, FoundDs, MalformedAnchors
from anchors.core.records import DNSKEY, can_be_read, root_records
from anchors.grammars.zone import Record

__all__ = ["anchor_of", "found_anchor", "in_range", "is_readable"]

_OF_ANCHORS = frozenset({"DS", "DNSKEY"})
_WIDE, _NARROW = range(1 << 16), range(1 << 8)

F = TypeVar("F", bound=FoundAnchor)


def anchor_of(record: Record, statement: str | None = None) -> FoundAnchor | None:
    """The anchor that a record is, ``None`` where it is no DS or DNSKEY of the root.

    Raises:
        MalformedAnchors: it is one, and cannot be read.
    """
    is_root = record.owner == "." and record.rdclass == "IN" and record.rdtype in _OF_ANCHORS
    if not is_root:
        return None
    try:
        return found_anchor(record.rdtype, record.rdata, statement)
    except MalformedAnchors as error:
        raise MalformedAnchors(f"line {record.line}: {error}") from error


def found_anchor(rdtype: str, rdata: Sequence[str], statement: str | None = None) -> FoundAnchor:
    """The root's DS or DNSKEY record with this rdata.

    A digest of the wrong length is kept as it is: most consumers take it, and fail with it later.

    Raises:
        MalformedAnchors: it cannot be read.
    """
    if rdtype == "DS":
        ds = _any_ds(rdata, statement)
        if ds is not None:
            return ds
        digest_type = "".join(rdata[2:3])
        if rdata[:1] != ("\\#",) and not _is_number(digest_type):
            # Of digest types no program but systemd-resolved knows the mnemonics.
            raise MalformedAnchors(f"there is no digest type {digest_type!r:.20}")
    text = " ".join(rdata)
    if rdtype == "DNSKEY" and rdata[:1] != ("\\#",) and not _is_base64("".join(rdata[3:])):
        # dnspython 2.7 passes over what is none.
        raise MalformedAnchors(f"no {rdtype} record: {text!r:.60}")
    try:
        found = root_records(f". IN {rdtype} {text}")
    except ValueError as error:
        raise MalformedAnchors(f"no {rdtype} record: {text!r:.60}") from error
    if len(found) != 1:
        # A lone carriage return ends no line to most programs, and does to others.
        raise MalformedAnchors(f"{len(found)} {rdtype} records in one line: {text!r:.60}")
    (record,) = found
    if isinstance(record, DNSKEY):
        return FoundDnskey(record.flags, record.algorithm, record.key, statement)
    fields = record.key_tag, record.algorithm, record.digest_type, record.digest
    return FoundDs(*fields, statement)


def in_range(anchor: F) -> F:
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


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        return False
    return True


def is_readable(record: Record) -> bool:
    """Whether the rdata of a record of any type can be read; none of an unknown type is tried."""
    return can_be_read(record.rdtype, record.rdata)


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit()


def _any_ds(rdata: Sequence[str], statement: str | None) -> FoundDs | None:
    """A DS in plain numbers, whatever the length of its digest."""
    numbers = rdata[:3]
    if not all(map(_is_number, numbers)) or len(rdata) <= len(numbers):
        return None
    try:
        tag, algorithm, digest_type = map(int, numbers)
        digest = bytes.fromhex("".join(rdata[3:]))
        found = in_range(FoundDs(tag, algorithm, digest_type, digest, statement))
    except ValueError:
        return None
    return found if digest else None
