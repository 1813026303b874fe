"""What systemd-resolved does with its files (tried on systemd 252 and 262).

An anchor of the root in a ``.positive`` file replaces the keys that are built in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from anchors.consumers.files import Files
from anchors.consumers.loading import BuiltIn, Loaded, Used, refused, switched_off, unread
from anchors.consumers.reading import Hold, Note, Place, Reading, Role, Setting
from anchors.consumers.resolved import CONSUMER, POSITIVE
from anchors.consumers.resolved.folders import MAIN, Part, System, systems
from anchors.consumers.resolved.reading import (
    DOWNGRADE,
    KEY,
    NO,
    WORDS,
    others_of,
    read_negative,
    read_positive,
    read_settings,
)
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.core.found import FoundAnchor, FoundDs, MalformedAnchors

__all__ = ["load"]

_Read = Callable[[bytes, str, datetime], Reading | None]
_NOTHING = Reading(POSITIVE)

_BUILT_IN = BuiltIn("systemd-resolved", "versions before 256 lack KSK-2024 (38696)")
_IN_DOWNGRADE = (
    "and an attacker who changes a server's answers can make it look like a server without DNSSEC"
)

_BY_DEFAULT = Finding(
    Check.AUDIT_VALIDATION,
    Severity.WARNING,
    "it depends on the build whether systemd-resolved validates: Debian's does not",
    got="no valid DNSSEC= setting",
    want="DNSSEC=yes",
    remedy="set DNSSEC=yes in resolved.conf",
)
# 252 ends at once.  262 ends, or fails every look-up, where the key signs the root's keys or is
# held as a DNSKEY; with a DS of another key it works.
_TWICE = refused(
    "systemd-resolved does not start, or fails every look-up: the same anchor is listed twice",
    got="an anchor of the root, twice",
    want="each anchor once, in all files together",
)
_DS_TWICE = _TWICE._replace(
    severity=Severity.WARNING,
    message="systemd-resolved 252 does not start if the same anchor is listed twice, and newer "
    "versions may fail every look-up",
    remedy="remove one of the two",
)
# Both end at once, most times, by what else is in their memory.
_OTHER_TWICE = _DS_TWICE._replace(
    message="systemd-resolved does not start, most times: the same anchor of another zone stands "
    "there twice",
    got="an anchor of another zone, twice",
)
_UNREAD = Finding(
    Check.AUDIT_IGNORED,
    Severity.WARNING,
    "only root may read the file, but systemd-resolved runs as its own user",
    want="a file that everybody may read",
    remedy="chmod a+r",
)
_ELSEWHERE = Finding(
    Check.AUDIT_VALIDATION,
    Severity.WARNING,
    f"systemd-resolved 252 reads only {MAIN}, and newer versions read this file",
    want=f"DNSSEC=yes in {MAIN}",
    remedy=f"set DNSSEC=yes in {MAIN}",
)


class _Taken(NamedTuple):
    """A file as it is used: ``settings`` are those of it that count.

    ``others`` are its anchors of other zones: the name, the anchor and the line of each.
    """

    part: Part
    used: Used
    settings: tuple[Setting, ...] = ()
    others: tuple[tuple[str, FoundAnchor, int], ...] = ()


def load(found: Sequence[Place], files: Files, at: datetime) -> Iterator[Loaded]:
    """The one systemd-resolved of each root file system that has files of it."""
    for system in systems(found, files):
        loaded = _loaded(system, at)
        if loaded.used:
            yield loaded


def _loaded(system: System, at: datetime) -> Loaded:
    positive = [*_each(system.positive, Role.STATIC, read_positive, at)]
    negative = [*_each(system.negative, Role.CONFIGURATION, read_negative, at)]
    settings = [*_each((*system.main, *system.settings), Role.CONFIGURATION, read_settings, at)]
    used = [one.used for one in (*positive, *negative, *settings)]
    unsure, mode = _mode(system, settings)
    if used and unsure is not None:
        used[0] = _with(used[0], unsure)
    holds = any(held.hold is not Hold.IGNORED for one in used for held in one.held)
    starts: bool | None = True
    for number, line, finding in _twice(positive)[:1]:
        starts = False if finding is _TWICE else None
        used[number] = _with(used[number], finding, line)
    is_off = any(one.settings for one in negative)
    return Loaded(
        CONSUMER.name,
        next((one.used.location for one in settings), None),
        tuple(used),
        starts=starts,
        validates=False if is_off else mode,
        follows=False,
        built_in=None if holds else _BUILT_IN,
    )


def _with(used: Used, finding: Finding, line: int | None = None) -> Used:
    return used._replace(notes=(*used.notes, Note(finding, line)))


def _twice(positive: Sequence[_Taken]) -> list[tuple[int, int | None, Finding]]:
    """Anchors that were read before, the root's first: which file, which line, what comes of it."""
    met: set[tuple[str, FoundAnchor]] = set()
    of_root, of_others = [], []
    for at, one in enumerate(positive):
        held = [("", h.anchor, h.line) for h in one.used.held if h.hold is not Hold.IGNORED]
        for owner, anchor, line in (*held, *one.others):
            if (owner, anchor) not in met:
                met.add((owner, anchor))
            elif owner:
                of_others.append((at, line, _OTHER_TWICE))
            else:
                finding = _DS_TWICE if isinstance(anchor, FoundDs) else _TWICE
                of_root.append((at, line, finding))
    return [*of_root, *of_others]


def _each(parts: Sequence[Part], role: Role, read: _Read, at: datetime) -> Iterator[_Taken]:
    """Each file that says something, or that cannot be read."""
    for part in parts:
        file = part.file
        if file is None:
            continue
        finding = _why_not(part, role)
        reading = None
        try:
            reading = None if file.content is None else read(file.content, part.path, at)
        except MalformedAnchors as error:
            finding = finding or unread(part.path, role, str(error))
        if finding is not None:
            held = tuple(one._replace(hold=Hold.IGNORED) for one in (reading or _NOTHING).held)
            yield _Taken(part, Used(file.location, role, held, (Note(finding),)))
        elif reading is not None:
            notes = (*reading.notes, *map(_switched_off, filter(_is_off, reading.settings)))
            content = file.content if role is Role.STATIC else None
            others = tuple(others_of(content or b""))
            used = Used(file.location, role, reading.held, notes)
            yield _Taken(part, used, reading.settings, others)


def _why_not(part: Part, role: Role) -> Finding | None:
    """Why nothing of a file counts, if so."""
    file = part.file
    if part.hidden_by:
        words = f"a file with the same name hides it: {printable(part.hidden_by)}"
        return Finding(Check.AUDIT_IGNORED, Severity.NOTICE, words)
    if file is not None and file.status is not None and not file.status.may_be_read:
        return _UNREAD
    if file is not None and file.content is None:
        return unread(part.path, role, file.unread)
    return None


def _is_off(setting: Setting) -> bool:
    return setting.name != KEY or setting.value in NO or setting.value == DOWNGRADE


def _switched_off(setting: Setting) -> Note:
    got = f"{setting.name} {printable(setting.value)}"
    instead = "DNSSEC=yes" if setting.name == KEY else "no such line"
    words = _IN_DOWNGRADE if setting.value == DOWNGRADE else ""
    return Note(switched_off(got, instead, words), setting.line)


def _mode(system: System, settings: Sequence[_Taken]) -> tuple[Finding | None, bool | None]:
    """Whether it validates by its settings, of which the last counts; why nobody can tell."""
    for part in (*system.main, *system.settings):
        file = part.file
        is_read = file is not None and (file.status is None or file.status.may_be_read)
        if not part.hidden_by and not (is_read and file and file.content is not None):
            return _not_read(part), None
    said = [(one.part, s.value) for one in settings for s in one.settings if s.value in WORDS]
    if not said:
        return _BY_DEFAULT, None
    part, value = said[-1]
    if part in system.main and part.path != MAIN:
        return _ELSEWHERE, None
    return None, value not in NO


def _not_read(part: Part) -> Finding:
    return Finding(
        Check.AUDIT_VALIDATION,
        Severity.WARNING,
        f"systemd-resolved cannot read {printable(part.path)}: 252 and newer versions differ in "
        "how they use the other files",
        want="a file that everybody may read",
    )
