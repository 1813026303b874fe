"""Anchors that stand in a file and that its consumer does not read."""

from __future__ import annotations

from collections.abc import Iterable

from anchors.auditing.place import Hold, Note, Place, Reading
from anchors.model import Finding

__all__ = ["ignored"]


def ignored(place: Place, reading: Reading, which: Iterable[object], finding: Finding) -> Place:
    """The place with these of its anchors ignored, and the finding that says why."""
    dropped = set(map(id, which))
    held = tuple(h._replace(hold=Hold.IGNORED) if id(h) in dropped else h for h in reading.held)
    line = next((h.line for h in reading.held if id(h) in dropped), None)
    reading = reading._replace(held=held, notes=(*reading.notes, Note(finding, line)))
    return place._replace(reading=reading)
