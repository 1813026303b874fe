"""Entries of BIND's statements as the anchors of a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from anchors.consumers.bind.anchor_statements import Entry
from anchors.consumers.files import Location
from anchors.consumers.reading import Held, Hold, Note
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity

__all__ = ["held_of", "without_common_views"]


def held_of(entries: Sequence[Entry], view: str = "") -> tuple[tuple[Held, ...], tuple[Note, ...]]:
    """The anchors with how named holds them, and what is told of those that named leaves out."""
    held = []
    notes = []
    for entry in entries:
        hold = Hold.SEED if entry.is_initial else Hold.STATIC
        if entry.dropped:
            hold = Hold.IGNORED
            notes.append(Note(_dropped(entry.dropped), entry.line))
        held.append(Held(entry.anchor, hold, entry.line, view=view))
    return tuple(held), tuple(dict.fromkeys(notes))


def _dropped(why: str) -> Finding:
    return Finding(
        Check.AUDIT_IGNORED,
        Severity.WARNING,
        f"an anchor has no effect: {why}",
        want="a valid key with an algorithm that named supports",
        remedy="remove the entry",
    )


def without_common_views(
    held: Sequence[tuple[Location, Held]], views: Sequence[str]
) -> list[tuple[Location, Held]]:
    """An anchor that every view has is told as one of no view."""
    by_anchor: dict[tuple[Location, Held], list[str]] = {}
    for place, one in held:
        by_anchor.setdefault((place, one._replace(view="")), []).append(one.view)
    found: list[tuple[Location, Held]] = []
    for (place, one), names in by_anchor.items():
        if {*views} <= {*names} or "" in names:
            # An entry that stands there twice is there twice.
            times = max(Counter(names).values())
            found += [(place, one)] * times
        else:
            found += ((place, one._replace(view=name)) for name in names)
    return found
