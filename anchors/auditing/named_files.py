"""One file, and those that it names below its own directory."""

from __future__ import annotations

import fnmatch
import os
import posixpath
import stat
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from anchors.auditing.follow import resolve
from anchors.auditing.place import Coverage, Location, Note, Place, Reference, Role, Scanned
from anchors.auditing.walk import read_file
from anchors.checks import Check
from anchors.escape import printable
from anchors.model import Finding, Severity

__all__ = ["MAX_FOLLOWED", "scan_file"]

# Files that one configuration names, and those that they name.
MAX_FOLLOWED = 1000

_FOLLOW = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC


def scan_file(path: Path, at: datetime) -> Scanned:
    """One file, and what it names below its own directory."""
    root = str(path.parent)
    places: dict[str, Place] = {}
    looked_at = size = named = 0
    waiting = [path.name]
    while waiting and looked_at < MAX_FOLLOWED:
        name = waiting.pop(0)
        if name in places:
            continue
        location = Location(root, name)
        place, read = read_file(location, location.text, None, at=at, flags=_FOLLOW)
        looked_at += 1
        size += read
        places[name] = place or Place(location, None)
        if place is not None and place.reading is not None:
            # What is named on many lines is looked for once.
            references = tuple({one[:2]: one for one in place.reading.references}.values())
            names, notes = _named(place, references[: MAX_FOLLOWED - named])
            named += len(references)
            waiting += [name for name in dict.fromkeys(names) if name not in places]
            places[name] = place._replace(notes=(*place.notes, *notes))
    if waiting or named > MAX_FOLLOWED:
        first = places[path.name]
        places[path.name] = first._replace(notes=(*first.notes, Note(_TOO_MANY_NAMED)))
    found = tuple(place for place in places.values() if place.reading or place.notes)
    return Scanned(found, Coverage(looked_at, size, sum(p.reading is None for p in found)))


_TOO_MANY_NAMED = Finding(
    Check.AUDIT_LIMIT,
    Severity.WARNING,
    f"it names more than {MAX_FOLLOWED} files: the others were not looked at",
    remedy="audit the directory instead",
)


def _named(place: Place, references: Sequence[Reference]) -> tuple[list[str], list[Note]]:
    """The files below the root that a place names, and a note for each that is not there."""
    names: list[str] = []
    notes: list[Note] = []
    for reference in references:
        if reference.role is Role.STATE_DIRECTORY:
            continue
        found = list(_existing(place.location, reference))
        names += found
        if not found and not _may_be_empty(place.location, reference):
            notes.append(Note(_outside(place, reference), reference.line))
    return names, notes


def _is_pattern(path: str) -> bool:
    return any(mark in path for mark in "*?[")


def _may_be_empty(location: Location, reference: Reference) -> bool:
    """Whether it is a pattern for a directory that was looked into, and holds no such file."""
    folder, last = posixpath.split(reference.path)
    if not _is_pattern(last) or _is_pattern(folder):
        return False
    # A relative one lies below the root, as far as it does not climb out.
    folders = [posixpath.dirname(path) for path in resolve(location, reference.path)]
    if not folder.startswith("/"):
        return bool(folders)
    return any(_is_below(location.root, Location(location.root, f).text) for f in folders)


def _existing(location: Location, reference: Reference) -> Iterator[str]:
    for path in resolve(location, reference.path):
        folder, last = posixpath.split(path)
        if _is_pattern(last):
            yield from _listed(location, folder, last)
            continue
        whole = Location(location.root, path).text
        if _is_file(location.root, whole):
            yield path
        elif os.path.isdir(whole):  # noqa: PTH112 - as above
            yield from _listed(location, path, "*")


def _listed(location: Location, folder: str, pattern: str) -> list[str]:
    whole = Location(location.root, folder).text
    try:
        names = sorted(fnmatch.filter(os.listdir(whole), pattern))  # noqa: PTH208 - as above
    except OSError:
        return []
    # One more than are followed, so that it is told that there are more.
    paths = [f"{folder}/{name}" if folder else name for name in names[: MAX_FOLLOWED + 1]]
    if not _is_below(location.root, whole):
        return []
    # The directory lies below the root, so what is no link in it does so as well.
    return [p for p in paths if _is_own_file(location.root, Location(location.root, p).text)]


def _is_own_file(root: str, path: str) -> bool:
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return False
    return stat.S_ISREG(mode) or (stat.S_ISLNK(mode) and _is_file(root, path))


def _is_file(root: str, path: str) -> bool:
    return os.path.isfile(path) and _is_below(root, path)  # noqa: PTH113 - names that are no UTF-8


def _is_below(root: str, path: str) -> bool:
    """Whether a path leads to what is there and below the root, links and all."""
    real_root, real = os.path.realpath(root), os.path.realpath(path)
    return os.path.commonpath([real_root, real]) == real_root and os.path.exists(real)  # noqa: PTH110


def _outside(place: Place, reference: Reference) -> Finding:
    return Finding(
        Check.AUDIT_NOT_FOLLOWED,
        Severity.WARNING,
        f"it names {printable(reference.path)} ({reference.role.value}), which is not there, or "
        f"not below {printable(place.location.root)}",
        remedy="see whether it should be there; audit it too, or the directory that both lie in",
    )
