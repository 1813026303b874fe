"""What a dnsmasq.conf holds, for a proof."""

from __future__ import annotations

from anchors.consumers.dnsmasq.reading import anchor_in
from anchors.core.found import FoundAnchor, FoundAnchors, MalformedAnchors
from anchors.grammars.dnsmasq_conf import options

__all__ = ["content_of"]


def content_of(data: bytes) -> FoundAnchors:
    """The root's ``trust-anchor`` options, and all other options.

    Raises:
        MalformedAnchors: dnsmasq does not start with the file.
    """
    anchors: list[FoundAnchor] = []
    besides: list[str] = []
    for option in options(data):
        if option.fault:
            raise MalformedAnchors(f"line {option.line}: {option.fault}: {option.name!r:.60}")
        anchor = anchor_in(option) if option.name == "trust-anchor" else None
        if anchor is None:
            besides.append(f"{option.name}={option.value or ''}")
        else:
            anchors.append(anchor)
    return FoundAnchors(tuple(anchors), tuple(besides))
