"""systemd-resolved's anchors: which of its files it reads, and which hide others."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Mapping, Sequence

from anchors.auditing.ignored import ignored
from anchors.auditing.place import Place, Syntax
from anchors.checks import Check
from anchors.escape import printable
from anchors.model import Finding, Severity

__all__ = ["siblings", "without_masked"]

# systemd-resolved looks in these, and a name in the first hides it in the others
# (dnssec-trust-anchors.d(5)).
_FOLDERS = ("etc", "run", "usr/local/lib", "usr/lib")


def siblings(places: Sequence[Place]) -> list[list[int]]:
    """The indices of those that systemd-resolved reads as one file, for each system."""
    by_system: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, place in enumerate(places):
        if _is_resolved(place):
            by_system[_system(place)].append(index)
    return [*by_system.values()]


def without_masked(places: Sequence[Place]) -> list[Place]:
    """The same places; systemd-resolved's that a file of the same name hides hold nothing."""
    visible: dict[tuple[str, str, str], Place] = {}
    for place in filter(_is_resolved, places):
        first = visible.setdefault(_seen_as(place), place)
        if _rank(place) < _rank(first):
            visible[_seen_as(place)] = place
    return [_hidden_by(visible, place) for place in places]


def _is_resolved(place: Place) -> bool:
    """Whether it lies where systemd-resolved looks for it."""
    folder = posixpath.basename(posixpath.dirname(place.location.text))
    is_syntax = place.reading is not None and place.reading.syntax is Syntax.RESOLVED
    return is_syntax and folder == "dnssec-trust-anchors.d"


def _system(place: Place) -> tuple[str, str]:
    """The root, and where in it the file system begins that systemd-resolved sees as its own."""
    return place.location.root, _ranked(place)[1]


def _rank(place: Place) -> int:
    return _ranked(place)[0]


def _ranked(place: Place) -> tuple[int, str]:
    """How early systemd-resolved looks into the folder, and what comes before it in the path."""
    folder = f"/{posixpath.dirname(posixpath.dirname(place.location.path))}"
    for rank, name in enumerate(_FOLDERS):
        if folder.endswith(f"/{name}"):
            return rank, folder.removesuffix(f"/{name}")
    return len(_FOLDERS), folder


def _seen_as(place: Place) -> tuple[str, str, str]:
    return *_system(place), posixpath.basename(place.location.path)


def _hidden_by(visible: Mapping[tuple[str, str, str], Place], place: Place) -> Place:
    if place.reading is None or not _is_resolved(place):
        return place
    hiding = visible[_seen_as(place)]
    if _rank(hiding) >= _rank(place):
        return place
    finding = Finding(
        Check.AUDIT_IGNORED,
        Severity.NOTICE,
        f"a file of the same name hides it: {printable(hiding.location.text)}",
    )
    return ignored(place, place.reading, place.reading.held, finding)
