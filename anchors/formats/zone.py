"""Anchors as zone-file text, which many consumers read (RFC 1035 5, RFC 4034 2.2 and 5.3).

What all of them accept: ``. IN DS`` with the class and without a TTL, the digest in one run.
"""

from __future__ import annotations

from collections.abc import Iterator

from anchors import records
from anchors.crosscheck import CrossCheck
from anchors.formats.found import FoundAnchor, FoundAnchors, FoundDnskey, FoundDs, MalformedAnchors
from anchors.formats.provenance import header, join_lines
from anchors.model import Anchor

__all__ = [
    "dnskey_lines",
    "dnskey_rdata",
    "ds_lines",
    "ds_rdata",
    "found_in_zone_text",
    "parse_zone",
    "render_dnskey",
    "render_ds",
]


def ds_rdata(anchor: Anchor) -> str:
    """The DS of an anchor: tag, algorithm, digest type, digest."""
    key = anchor.key
    return records.ds_text(key.key_tag, key.algorithm, key.digest_type, key.digest)


def dnskey_rdata(anchor: Anchor) -> str | None:
    """The DNSKEY of an anchor, or ``None`` where only its digest is published."""
    key = anchor.key
    if key.public_key is None or key.flags is None:
        return None
    return records.dnskey_text(key.flags, key.algorithm, key.public_key)


def ds_lines(cross_check: CrossCheck) -> Iterator[str]:
    """One DS record a line for each anchor."""
    return (f". IN DS {ds_rdata(anchor)}" for anchor in cross_check.anchors.anchors)


def dnskey_lines(cross_check: CrossCheck) -> Iterator[str]:
    """One DNSKEY record a line for each anchor whose public key is published, once a key."""
    keys = dict.fromkeys(dnskey_rdata(anchor) for anchor in cross_check.anchors.anchors)
    return (f". IN DNSKEY {key}" for key in keys if key is not None)


def render_ds(cross_check: CrossCheck) -> bytes:
    """DS records below a comment; each comment has a line of its own."""
    return join_lines([*header(cross_check, ";"), *ds_lines(cross_check)])


def render_dnskey(cross_check: CrossCheck) -> bytes:
    """DNSKEY records below a comment."""
    return join_lines([*header(cross_check, ";"), *dnskey_lines(cross_check)])


def parse_zone(data: bytes) -> FoundAnchors:
    """Read DS and DNSKEY records of the root.

    Raises:
        MalformedAnchors: not a zone file.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        message = f"not UTF-8 text: {error}"
        raise MalformedAnchors(message) from error
    return FoundAnchors(tuple(found_in_zone_text(text)))


def found_in_zone_text(text: str, statement: str | None = None) -> list[FoundAnchor]:
    """The root's DS and DNSKEY records in ``text``.

    Raises:
        MalformedAnchors: not zone-file text.
    """
    try:
        found = records.root_records(text)
    except ValueError as error:
        raise MalformedAnchors(str(error)) from error
    anchors: list[FoundAnchor] = []
    for record in found:
        if isinstance(record, records.DNSKEY):
            anchors.append(FoundDnskey(record.flags, record.algorithm, record.key, statement))
        else:
            anchors.append(
                FoundDs(
                    record.key_tag, record.algorithm, record.digest_type, record.digest, statement
                )
            )
    return anchors
