"""What Stubby does with its configuration (tried on getdns 1.6 and 1.7).

It knows no states: of a file in which Unbound keeps some, it takes every key.  It reads records
with the code of libunbound.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from anchors.consumers.files import Files
from anchors.consumers.getdns import CONSUMER
from anchors.consumers.getdns.reading import UNKNOWN
from anchors.consumers.getdns.values import is_on
from anchors.consumers.libunbound import OF_ANCHORS, ZONE_TEXT, Refusal, read_static
from anchors.consumers.loading import (
    BuiltIn,
    Loaded,
    Used,
    from_entries,
    not_found,
    refused,
    root_alone,
    root_alone_starts,
    switched_off,
    unread,
)
from anchors.consumers.reading import Held, Hold, Note, Place, Reference, Role, Setting
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.core.found import FoundDnskey
from anchors.grammars.zone import parse_zone

__all__ = ["load"]

# Debian's build.
_DEFAULT = "/usr/share/dns/root.key"
# getdns 1.6.0, 1.7.3.
_DIRECTIVE = re.compile(rb"(?m)^\$")
_KNOWN_DIRECTIVE = re.compile(rb"\$(?:ORIGIN|TTL)[ \t]+[^ \t\r\n;]")
_BLANKS_ALONE = re.compile(rb"(?m)^[ \t]+(?:;[^\n]*)?\r?\n")
_BEGIN = re.compile(rb"(?m)^[^;\s]")
_ROOT = "."
_WITHOUT_FILE = BuiltIn(
    "getdns", "without dnssec_trust_anchors it fetches the keys from IANA by itself"
)

_LINE_LOST = Finding(
    Check.AUDIT_MALFORMED,
    Severity.WARNING,
    "Stubby reads its anchor file only up to this line, which it cannot read",
    want="DS and DNSKEY records, each with its owner at the beginning of the line",
    remedy="correct the line",
)
_BLANK_LINE = Finding(
    Check.AUDIT_MALFORMED,
    Severity.WARNING,
    "Stubby with getdns 1.6 reads its anchor file only up to this blank line; with getdns 1.7, it "
    "reads the whole file",
    want="no line that begins with a blank",
    remedy="remove the blanks",
)
# Debian's unit makes a user for each start.
_FOR_SOME = Finding(
    Check.AUDIT_UNREADABLE,
    Severity.WARNING,
    "only some users may read the anchor file: it is unknown whether Stubby's user is one of them",
    want="a file that every user may read",
    remedy="let every user read the file",
)
_KEY_BEHIND_DS = Finding(
    Check.AUDIT_IGNORED,
    Severity.WARNING,
    "Stubby does not use a DNSKEY of the root if a DS comes first",
    want="only DS records, or only DNSKEY records",
    remedy="write a DS for the key",
)
_NO_FILE = Finding(
    Check.AUDIT_NOT_FOLLOWED,
    Severity.WARNING,
    "it names no anchor file: Stubby then reads a file whose name is compiled in, and without "
    "that file it must fetch the anchors from IANA",
    want="dnssec_trust_anchors, with a file",
    remedy="name a file of anchors",
)


def load(found: Sequence[Place], files: Files, at: datetime) -> Iterator[Loaded]:
    """Every Stubby by its configuration."""
    del at  # it keeps no state that is read here
    yield from from_entries(found, CONSUMER.name, lambda place: _started(place, files))


def _started(place: Place, files: Files) -> Loaded:
    reading = place.reading
    references = reading.references if reading else ()
    settings = reading.settings if reading else ()
    named = [one for one in references if one.role is Role.STATIC]
    if not named and files.find(_DEFAULT, place.location) is not None:
        named = [Reference(_DEFAULT, Role.STATIC)]
    notes: list[Note] = [*(reading.notes if reading else ())]
    anchors: list[Used] = []
    unreadable = root_alone_starts(place, files)
    notes += () if unreadable is None else (Note(unreadable),)
    starts: bool | None = None if notes else True
    if any(note.finding.check is Check.AUDIT_REFUSED for note in notes):
        starts = False
    for reference in named:
        used, state = _anchors(place, reference, files)
        anchors.append(used)
        starts = state if starts or (starts is None and state is False) else starts
    if starts and reading and any(one.name == UNKNOWN for one in settings):
        starts = None
        notes += (Note(_unknown(one.value), one.line) for one in settings if one.name == UNKNOWN)
    validates = any(is_on(one.value) for one in settings)
    if validates and not named:
        notes.append(Note(_NO_FILE))
    if not validates:
        # Nobody loses validation that the file does not ask for.
        notes = [*map(_milder, notes), Note(_off(settings))]
    return Loaded(
        CONSUMER.name,
        place.location,
        (Used(place.location, Role.CONFIGURATION, (), tuple(notes)), *anchors),
        starts=starts,
        validates=validates,
        follows=not named,
        built_in=None if named else _WITHOUT_FILE,
    )


def _unknown(name: str) -> Finding:
    return Finding(
        Check.AUDIT_MALFORMED,
        Severity.WARNING,
        f"it is unknown whether Stubby knows the setting {name:.40}: if not, Stubby does not start",
        remedy="run 'stubby -i' with this configuration",
    )


def _milder(note: Note) -> Note:
    if note.finding.severity is not Severity.FAILURE:
        return note
    return note._replace(finding=note.finding._replace(severity=Severity.WARNING))


def _off(settings: Sequence[Setting]) -> Finding:
    known = [one for one in settings if one.name != UNKNOWN]
    got = f"{known[0].name} {known[0].value:.40}" if known else "no dnssec setting"
    return switched_off(got, "dnssec: GETDNS_EXTENSION_TRUE")


def _anchors(place: Place, reference: Reference, files: Files) -> tuple[Used, bool | None]:
    """The file of anchors, and whether Stubby starts with it."""
    file = files.find(reference.path, place.location)
    if file is None:
        if files.is_absent(reference.path, place.location):
            words = "Stubby does not start: its anchor file does not exist"
            finding = refused(words, got=reference.path, want="a file of anchors")
            return Used(place.location, Role.STATIC, (), (Note(finding, reference.line),)), False
        finding = not_found(reference.path, Role.STATIC, inside=place.location.inside)
        return Used(place.location, Role.STATIC, (), (Note(finding, reference.line),)), None
    if file.content is None:
        note = Note(unread(reference.path, Role.STATIC, file.unread), reference.line)
        return Used(file.location, Role.STATIC, (), (note,)), None
    unreadable = root_alone(file, reference.path, Role.STATIC)
    if unreadable is None and file.status is not None and not file.status.all_may_read:
        unreadable = _FOR_SOME._replace(got=printable(reference.path))
    notes: tuple[Note, ...] = () if unreadable is None else (Note(unreadable),)
    blank = _blank_line(file.content)
    notes += () if blank is None else (Note(_BLANK_LINE, blank),)
    read = read_static(file.content)
    fault = _directive(file.content) or read.refusal
    if fault is None:
        held, lost = _of_one_type(file.content, read.held)
        return Used(file.location, Role.STATIC, held, (*notes, *lost)), None if notes else True
    # It takes what stands before a fault, and says nothing (getdns 1.6.0, 1.7.3).
    before = read_static(b"\n".join(file.content.split(b"\n")[: fault.line - 1]))
    held, ignored = _of_one_type(file.content, before.held)
    notes += (Note(_LINE_LOST._replace(got=printable(fault.why)), fault.line), *ignored)
    return Used(file.location, Role.STATIC, held, notes), None if unreadable or blank else True


def _of_one_type(content: bytes, held: Sequence[Held]) -> tuple[tuple[Held, ...], list[Note]]:
    """Where a DS of the root stands first, of whatever class, no DNSKEY is used."""
    records = parse_zone(content.replace(b"\0", b""), ZONE_TEXT).records
    of_root = (one.rdtype for one in records if one.owner == _ROOT and one.rdtype in OF_ANCHORS)
    if next(of_root, "") != "DS":
        return tuple(held), []
    lost = [one for one in held if isinstance(one.anchor, FoundDnskey)]
    kept = tuple(one._replace(hold=Hold.IGNORED) if one in lost else one for one in held)
    return kept, [Note(_KEY_BEHIND_DS, one.line) for one in lost[:1]]


def _blank_line(content: bytes) -> int | None:
    """The line of nothing but blanks, and perhaps a comment, before a record."""
    records = [match.start() for match in _BEGIN.finditer(content)]
    match = _BLANKS_ALONE.search(content, 0, records[-1]) if records else None
    return None if match is None else content.count(b"\n", 0, match.start()) + 1


def _directive(content: bytes) -> Refusal | None:
    """A directive that getdns does not know: it takes two, in upper case."""
    for match in _DIRECTIVE.finditer(content):
        if _KNOWN_DIRECTIVE.match(content, match.start()) is None:
            return Refusal(content.count(b"\n", 0, match.start()) + 1, "a directive")
    return None
