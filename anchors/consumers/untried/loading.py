"""What a program does whose validation was never tried here: its anchors, and no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from anchors.consumers.consumer import Loader
from anchors.consumers.files import File, Files
from anchors.consumers.libunbound import read_static
from anchors.consumers.loading import Loaded, Used, from_entries, not_found, unread
from anchors.consumers.reading import CONTENT, Note, Place, Reading, Role
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity

__all__ = [
    "ASTERISK",
    "BLOCKY",
    "F5",
    "LIBRESWAN",
    "LIBVAL",
    "ROUTEDNS",
    "SDNS",
    "STRONGSWAN",
]

_UNTRIED = Finding(
    Check.AUDIT_NOT_FOLLOWED,
    Severity.WARNING,
    "nobody tested what the program does with these anchors; the audit shows the ones in the file",
    remedy="test the program with a signed name",
)
_NEVER = "nobody tested whether the program validates with its anchor file"
_OF_FILE = {
    "libreswan": f"{_NEVER}; Libreswan 4.10 starts with one that is missing, empty or damaged, and "
    "shows no error",
    "strongswan": f"{_NEVER}; by its source, it starts with one that is missing or damaged, and "
    "shows no error",
    "asterisk": "nobody tested what the program does with its anchor file",
}


def _loader_of(name: str) -> Loader:
    def load(found: Sequence[Place], files: Files, at: datetime) -> Iterator[Loaded]:
        del at  # no state is read
        return from_entries(found, name, lambda place: _loaded(name, place, files))

    return load


def _loaded(name: str, place: Place, files: Files) -> Loaded:
    reading = place.reading or Reading(CONTENT)
    untried = _UNTRIED._replace(message=_OF_FILE.get(name, _UNTRIED.message))
    notes = [*reading.notes, Note(untried)]
    used = []
    for named in reading.references:
        found = files.matching(named.path, place.location)
        if not found:
            finding = not_found(named.path, named.role, inside=place.location.inside)
            notes.append(Note(finding, named.line))
        used += [_used(file, named.role) for file in found]
    own = Used(place.location, Role.CONFIGURATION, place.anchors, tuple(notes))
    # libunbound keeps no state for what it is handed so; blocky's format says that it has none.
    follows = False if reading.references or name == "blocky" else None
    return Loaded(name, place.location, (own, *used), starts=None, validates=None, follows=follows)


def _used(file: File, role: Role) -> Used:
    """A file of anchors as libunbound reads it."""
    if file.content is None:
        return Used(
            file.location, role, notes=(Note(unread(file.location.path, role, file.unread)),)
        )
    read = read_static(file.content)
    if read.refusal is None:
        return Used(file.location, role, read.held)
    finding = unread(file.location.path, role, read.refusal.why)
    return Used(file.location, role, read.held, (Note(finding, read.refusal.line),))


BLOCKY = _loader_of("blocky")
ROUTEDNS = _loader_of("routedns")
SDNS = _loader_of("sdns")
LIBVAL = _loader_of("libval")
F5 = _loader_of("f5")
LIBRESWAN = _loader_of("libreswan")
STRONGSWAN = _loader_of("strongswan")
ASTERISK = _loader_of("asterisk")
