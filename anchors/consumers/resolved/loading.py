"""What systemd-resolved does with its files (tried on systemd 252 and 262).

It reads ``NAME.positive`` from four folders, and a name in an earlier folder hides the same name in
a later one; so does a link of that name to /dev/null (dnssec-trust-anchors.d(5)).  An anchor of the
root there replaces the keys that are built in.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from anchors.consumers.files import Files
from anchors.consumers.loading import BuiltIn, Loaded, Used, refused, switched_off
from anchors.consumers.reading import Held, Hold, Note, Place, Role, Setting
from anchors.consumers.resolved import CONSUMER, NEGATIVE, POSITIVE, SETTINGS
from anchors.consumers.resolved.reading import NO, WORDS
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.core.found import FoundAnchor, FoundDs

__all__ = ["load"]

_ANCHORS = "dnssec-trust-anchors.d"
# An earlier one hides the later ones.
_FOLDERS = ("etc", "run", "usr/local/lib", "usr/lib")
_BUILT_IN = BuiltIn("systemd-resolved", "versions before 256 lack KSK-2024 (38696)")
_DOWNGRADE = "and who alters a server's answers can make it look as if it knew no DNSSEC"

_BY_DEFAULT = Finding(
    Check.AUDIT_VALIDATION,
    Severity.WARNING,
    "whether systemd-resolved validates is decided by how it was built: Debian's does not",
    got="no DNSSEC= setting that it knows",
    want="DNSSEC=yes",
    remedy="set DNSSEC=yes in resolved.conf",
)
# 252 ends at once.  262 ends, or fails every look-up, where the key signs the root's keys or is
# held as a DNSKEY; with a DS of another key it works.
_TWICE = refused(
    "systemd-resolved does not start, or fails every look-up: the same anchor stands there twice",
    got="an anchor of the root, twice",
    want="each anchor once, in all files together",
)
_DS_TWICE = _TWICE._replace(
    severity=Severity.WARNING,
    message="systemd-resolved 252 does not start where the same anchor stands there twice, "
    "and newer versions fail every look-up or not",
    remedy="remove one of the two",
)
_UNREAD = Finding(
    Check.AUDIT_IGNORED,
    Severity.WARNING,
    "systemd-resolved runs as a user of its own, and root alone may read the file",
    want="a file that everybody may read",
    remedy="chmod a+r",
)


def load(found: Sequence[Place], files: Files, at: datetime) -> Iterator[Loaded]:
    """The one systemd-resolved of each root file system that has files of it."""
    del at, files  # it keeps no state, and names no other file
    systems: dict[str, list[Place]] = {}
    for place in found:
        system = _system_of(place)
        if system is not None:
            systems.setdefault(system, []).append(place)
    for places in systems.values():
        yield _loaded(places)


def _system_of(place: Place) -> str | None:
    """What comes before etc, run or usr in the path of a file that systemd-resolved reads."""
    reading = place.reading
    if reading is None or reading.syntax.consumer != CONSUMER.name:
        return None
    folder = f"/{posixpath.dirname(place.location.path)}"
    if reading.syntax in {POSITIVE, NEGATIVE}:
        return _before(folder, _ANCHORS)
    for name in ("systemd/resolved.conf.d", "systemd"):
        system = _before(folder, name)
        if system is not None:
            return system
    return folder


def _before(folder: str, name: str) -> str | None:
    for parent in _FOLDERS:
        if folder.endswith(f"/{parent}/{name}"):
            return folder.removesuffix(f"/{parent}/{name}")
    # The folder alone, as a package or a checkout may have it.
    return folder if posixpath.basename(folder) == posixpath.basename(name) == _ANCHORS else None


def _rank(place: Place) -> int:
    folder = posixpath.dirname(posixpath.dirname(f"/{place.location.path}"))
    ranks = (rank for rank, name in enumerate(_FOLDERS) if folder.endswith(f"/{name}"))
    return next(ranks, len(_FOLDERS))


def _loaded(places: Sequence[Place]) -> Loaded:
    visible = _visible(places)
    used = [_used(place, visible) for place in places if _is(place, POSITIVE)]
    used += [_negative(place) for place in places if _is(place, NEGATIVE)]
    used += [_settings(place) for place in places if _is(place, SETTINGS)]
    mode = _mode(places)
    is_known = mode is not None and mode.value in WORDS
    if used and not is_known:
        used[0] = used[0]._replace(notes=(*used[0].notes, Note(_BY_DEFAULT)))
    holds = any(held.hold is not Hold.IGNORED for one in used for held in one.held)
    twice = _twice(used)
    starts: bool | None = True
    if twice is not None:
        at, again = twice
        is_ds = isinstance(again.anchor, FoundDs)
        starts = None if is_ds else False
        note = Note(_DS_TWICE if is_ds else _TWICE, again.line)
        used[at] = used[at]._replace(notes=(*used[at].notes, note))
    return Loaded(
        CONSUMER.name,
        next((p.location for p in places if _is(p, SETTINGS)), None),
        tuple(used),
        starts=starts,
        validates=_validates(mode, places),
        follows=False,
        built_in=None if holds else _BUILT_IN,
    )


def _twice(used: Sequence[Used]) -> tuple[int, Held] | None:
    """Which file has an anchor that was read before, and that anchor."""
    met: set[FoundAnchor] = set()
    for at, one in enumerate(used):
        for held in one.held:
            if held.hold is Hold.IGNORED:
                continue
            if held.anchor in met:
                return at, held
            met.add(held.anchor)
    return None


def _is(place: Place, syntax: object) -> bool:
    return place.reading is not None and place.reading.syntax == syntax


def _visible(places: Sequence[Place]) -> dict[str, Place]:
    visible: dict[str, Place] = {}
    for place in sorted(filter(lambda one: _is(one, POSITIVE), places), key=_rank):
        visible.setdefault(posixpath.basename(place.location.path), place)
    return visible


def _used(place: Place, visible: Mapping[str, Place]) -> Used:
    reading = place.reading
    if reading is None:
        return Used(place.location, Role.STATIC)
    if place.status is not None and not place.status.may_be_read:
        held = tuple(one._replace(hold=Hold.IGNORED) for one in reading.held)
        return Used(place.location, Role.STATIC, held, (Note(_UNREAD),))
    hiding = visible[posixpath.basename(place.location.path)]
    if hiding is place:
        return Used(place.location, Role.STATIC, reading.held, reading.notes)
    finding = Finding(
        Check.AUDIT_IGNORED,
        Severity.NOTICE,
        f"a file of the same name hides it: {printable(hiding.location.text)}",
    )
    held = tuple(one._replace(hold=Hold.IGNORED) for one in reading.held)
    return Used(place.location, Role.STATIC, held, (Note(finding),))


def _negative(place: Place) -> Used:
    settings = place.reading.settings if place.reading else ()
    notes = (
        Note(switched_off(f"{one.name} {one.value}", "no such line"), one.line) for one in settings
    )
    return Used(place.location, Role.CONFIGURATION, (), tuple(notes))


def _settings(place: Place) -> Used:
    if place.status is not None and not place.status.may_be_read:
        return Used(place.location, Role.CONFIGURATION, (), (Note(_UNREAD),))
    notes = []
    for setting in place.reading.settings if place.reading else ():
        words = _DOWNGRADE if setting.value == "allow-downgrade" else ""
        if setting.value in NO or words:
            finding = switched_off(f"DNSSEC {printable(setting.value)}", "DNSSEC=yes", words)
            notes.append(Note(finding, setting.line))
    return Used(place.location, Role.CONFIGURATION, (), tuple(notes))


def _mode(places: Sequence[Place]) -> Setting | None:
    """The setting that counts: of drop-ins the last by name, which come after resolved.conf."""
    found = [
        (posixpath.basename(place.location.path) != "resolved.conf", place.location.path, setting)
        for place in places
        if _is(place, SETTINGS) and place.reading is not None
        for setting in place.reading.settings
        if place.status is None or place.status.may_be_read
    ]
    found = [one for one in found if one[2].value in WORDS] or found
    return max(found, key=lambda one: (one[0], posixpath.basename(one[1])))[2] if found else None


def _validates(mode: Setting | None, places: Sequence[Place]) -> bool | None:
    negative = any(
        place.reading.settings for place in places if _is(place, NEGATIVE) and place.reading
    )
    if negative:
        return False
    if mode is None or mode.value not in WORDS:
        # It depends on how it was built: Debian's validates nothing by default.
        return None
    return mode.value not in NO
