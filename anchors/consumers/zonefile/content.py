"""What a file of zone text holds: for a proof, and for what programs print."""

from __future__ import annotations

from anchors.consumers.anchor_records import anchor_of
from anchors.core.found import FoundAnchor, FoundAnchors
from anchors.grammars.zone import ANY, Record, statements

__all__ = ["content_of"]

# It changes no anchor.
_HARMLESS = "$TTL"


def content_of(data: bytes) -> FoundAnchors:
    """The root's DS and DNSKEY records, and all other records and text.

    Raises:
        MalformedAnchors: a DS or DNSKEY of the root cannot be read.
    """
    anchors: list[FoundAnchor] = []
    besides: list[str] = []
    for statement in statements(data, ANY):
        if not isinstance(statement, Record):
            if not statement.text.upper().startswith(_HARMLESS):
                besides.append(statement.text)
            continue
        anchor = anchor_of(statement)
        if anchor is None:
            besides.append(f"{statement.owner} {statement.rdclass} {statement.rdtype}")
        else:
            anchors.append(anchor)
    return FoundAnchors(tuple(anchors), tuple(besides))
