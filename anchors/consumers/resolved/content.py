"""What a ``.positive`` file holds, for a proof."""

from __future__ import annotations

from datetime import UTC, datetime

from anchors.consumers.resolved.reading import read_positive
from anchors.core.found import FoundAnchors

__all__ = ["content_of"]

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def content_of(data: bytes) -> FoundAnchors:
    """The anchors that systemd-resolved takes, and what it drops.

    Raises:
        MalformedAnchors: there are more lines than anybody needs.
    """
    reading = read_positive(data, "root.positive", _NO_TIME)
    held = reading.held if reading else ()
    anchors = tuple(one.anchor for one in held if one.effective)
    lines = data.decode("latin-1").split("\n")
    others = [row for row in lines if row.strip(" \t\r") and row.lstrip(" \t")[:1] not in ";#."]
    notes = reading.notes if reading else ()
    return FoundAnchors(anchors, (*(note.finding.message for note in notes), *others))
