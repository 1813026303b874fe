"""Anchors as zone-file text, which several consumers read."""

from __future__ import annotations

from anchors import records
from anchors.formats.found import FoundAnchor, FoundAnchors, FoundDnskey, FoundDs, MalformedAnchors

__all__ = ["found_in_zone_text", "parse_zone"]


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
