"""What a ``.positive`` file holds, for a proof."""

from __future__ import annotations

from anchors.consumers.resolved.reading import anchors_of
from anchors.core.found import FoundAnchors

__all__ = ["content_of"]


def content_of(data: bytes) -> FoundAnchors:
    """The anchors that systemd-resolved takes, and what it drops.

    Raises:
        MalformedAnchors: there are more lines than anybody needs.
    """
    reading = anchors_of(data)
    anchors = tuple(one.anchor for one in reading.held if one.effective)
    lines = data.decode("latin-1").split("\n")
    others = [row for row in lines if row.strip(" \t\r") and row.lstrip(" \t")[:1] not in ";#."]
    return FoundAnchors(anchors, (*(note.finding.message for note in reading.notes), *others))
