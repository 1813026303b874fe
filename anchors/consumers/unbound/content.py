"""What a fragment of unbound.conf holds, for a proof."""

from __future__ import annotations

from anchors.consumers.anchor_records import anchor_of
from anchors.consumers.libunbound import ZONE_TEXT
from anchors.core.found import FoundAnchor, FoundAnchors, MalformedAnchors
from anchors.grammars.unbound_conf import Option, parse_unbound_conf
from anchors.grammars.zone import Record, parse_zone

__all__ = ["content_of"]


def content_of(data: bytes) -> FoundAnchors:
    """The root's ``trust-anchor:`` options, and all other options.

    Raises:
        MalformedAnchors: Unbound does not start with the file.
    """
    document = parse_unbound_conf(data)
    for left in document.left_over:
        raise MalformedAnchors(f"line {left.line}: {left.why}: {left.text!r:.60}")
    anchors: list[FoundAnchor] = []
    besides: list[str] = []
    for option in document.options:
        if option.name == "trust-anchor":
            record = _record(option)
            anchor = anchor_of(record, "trust-anchor")
            if anchor is None:
                besides.append(f"trust-anchor: {option.value}")
            else:
                anchors.append(anchor)
        elif option.name != "server":
            besides.append(f"{option.name}: {option.value}")
    return FoundAnchors(tuple(anchors), tuple(besides))


def _record(option: Option) -> Record:
    text = parse_zone(option.value.encode("utf-8", "surrogateescape"), ZONE_TEXT)
    if text.left_over or len(text.records) != 1:
        raise MalformedAnchors(f"line {option.line}: no record: {option.value!r:.60}")
    return text.records[0]
