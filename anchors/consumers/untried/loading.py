"""What a program does that was never run here: the anchors of its configuration, and no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from anchors.consumers.consumer import Loader
from anchors.consumers.files import Files
from anchors.consumers.loading import Loaded, Used, from_entries
from anchors.consumers.reading import Note, Place, Role
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity

__all__ = ["BLOCKY", "F5", "LIBVAL", "ROUTEDNS", "SDNS"]

_UNTRIED = Finding(
    Check.AUDIT_NOT_FOLLOWED,
    Severity.WARNING,
    "what the program does with these anchors was never tried: they are those that stand there",
    remedy="see what the program itself makes of a name that is signed",
)


def _loader_of(name: str) -> Loader:
    def load(found: Sequence[Place], files: Files, at: datetime) -> Iterator[Loaded]:
        del files, at  # it names none, and keeps no state
        return from_entries(found, name, lambda place: _loaded(name, place))

    return load


def _loaded(name: str, place: Place) -> Loaded:
    notes = place.reading.notes if place.reading else ()
    own = Used(place.location, Role.CONFIGURATION, place.anchors, (*notes, Note(_UNTRIED)))
    return Loaded(name, place.location, (own,), starts=None, validates=None, follows=None)


BLOCKY = _loader_of("blocky")
ROUTEDNS = _loader_of("routedns")
SDNS = _loader_of("sdns")
LIBVAL = _loader_of("libval")
F5 = _loader_of("f5")
