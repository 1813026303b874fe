"""Where named keeps its RFC 5011 state, and what it does with the files that it finds there.

Tried on BIND 9.18.49 and 9.20.30.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from anchors.consumers.bind import STATE
from anchors.consumers.bind.state import read
from anchors.consumers.files import File, Files, Location
from anchors.consumers.loading import Used, root_alone, unread
from anchors.consumers.reading import Note, Role
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.core.found import MalformedAnchors

__all__ = ["LATER_CHANGES", "State", "state_of"]

_JOURNAL = ".jnl"
_SHORT_HASH = 16


class State(NamedTuple):
    """The state of a view.

    Attributes:
        used: its file and the journal beside it, with the keys of the file.
        decides: it has a key of the root, and the initial anchors count no more.
    """

    used: tuple[Used, ...]
    decides: bool


def state_of(
    view: str, directory: str, files: Files, seen_from: Location, at: datetime
) -> State | None:
    """The state of a view, ``None`` where there is no file of it.

    Args:
        view: the view, empty where there are none.
        directory: where named keeps its states.
        files: the root file system.
        seen_from: the configuration.
        at: the time of judgement.
    """
    for name in _names(view):
        path = posixpath.join(directory, name)
        file = files.find(path, seen_from)
        if file is not None:
            used, decides = _used(file, view, at)
            journal = files.find(f"{path}{_JOURNAL}", seen_from)
            beside = () if journal is None else (_journal(journal),)
            return State((used, *beside), decides)
    return None


def _names(view: str) -> Iterator[str]:
    """The names that named tries for a view's file, in their order (isc_file_sanitize)."""
    if not view:
        yield "managed-keys.bind"
        return
    whole = hashlib.sha256(view.encode("latin-1", errors="replace")).hexdigest()
    yield f"{whole}.mkeys"
    yield f"{whole[:_SHORT_HASH]}.mkeys"
    if not any(character in "\\/" or "A" <= character <= "Z" for character in view):
        yield f"{view}.mkeys"


def _used(file: File, view: str, at: datetime) -> tuple[Used, bool]:
    location = file.location
    if file.content is None:
        finding = unread(location.path, Role.STATE, file.unread)
        return Used(location, Role.STATE, (), (Note(finding),)), False
    unreadable = root_alone(file, location.path, Role.STATE)
    if unreadable is not None:
        return Used(location, Role.STATE, (), (Note(unreadable),)), False
    try:
        reading = read(file.content, location.path, at)
    except MalformedAnchors as error:
        return Used(location, Role.STATE, (), (Note(_not_loaded(str(error))),)), False
    if reading is None or reading.syntax != STATE:
        finding = _not_loaded("it has no record of a key")
        return Used(location, Role.STATE, (), (Note(finding),)), False
    held = tuple(one._replace(view=view) for one in reading.held)
    # A placeholder is told where the initial anchors count: named fetches the keys with them.
    decides = bool(held) and not reading.notes
    return Used(location, Role.STATE, held, tuple(map(_milder, reading.notes))), decides


def _milder(note: Note) -> Note:
    return note._replace(finding=note.finding._replace(severity=Severity.NOTICE, remedy=None))


def _not_loaded(why: str) -> Finding:
    return Finding(
        Check.AUDIT_MALFORMED,
        Severity.NOTICE,
        "named cannot load its state, and starts again with its initial anchors",
        got=printable(why[:200]),
    )


def _journal(file: File) -> Used:
    return Used(file.location, Role.STATE, (), (Note(LATER_CHANGES),))


LATER_CHANGES = Finding(
    Check.AUDIT_JOURNAL,
    Severity.NOTICE,
    "the latest changes are in the journal only",
    remedy="run 'rndc managed-keys sync' and audit it again",
)
