"""Content -> Place: the trust anchors and settings in a file or a member of an archive."""

from __future__ import annotations

from datetime import datetime

from anchors.auditing.detect import (
    has_known_name,
    is_configuration,
    is_of_interest,
    recognise,
    starts_nothing,
)
from anchors.auditing.scan.embedded import compiled_in
from anchors.auditing.scan.libarchive import DamagedArchive
from anchors.auditing.scan.seen import Mark, Seen
from anchors.auditing.scan.sieve import sift
from anchors.consumers.files import Location, Status
from anchors.consumers.reading import CONTENT, Compiled, Kind, Note, Place, Reading
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.core.found import MalformedAnchors

__all__ = ["MAX_TEXT", "inspect", "of_large", "of_program", "unreadable"]

# No anchor file comes near this; what is larger is searched, and not parsed.
MAX_TEXT = 1 << 20

# The object identifier of SignedData (RFC 5652 5.1) as it is encoded.
_SIGNED_DATA = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
_HEAD = 4096
# The root's own records, which a copy of its zone begins with, are no longer.
_ZONE_HEAD = 1 << 16
# Of what a parser says, which may have much of a file in it.
_MAX_WORDS = 300


def inspect(
    location: Location, content: bytes, *, at: datetime, status: Status | None = None
) -> Place | None:
    """The place for ``content`` of at most :data:`MAX_TEXT` bytes; ``None`` if it is irrelevant.

    Args:
        location: its location, whose name decides if several syntaxes fit.
        content: the whole content.
        at: the time of judgement, for states that depend on it.
        status: its mode and owners, if they are known.
    """
    seen = sift(content)
    place = _recognised(location, content, seen, at=at, status=status)
    if place is not None:
        return place
    # A CMS signature has its chain with it, and pins nothing.
    if not seen.has(Mark.SHAPE) or _SIGNED_DATA in content[:_HEAD]:
        return None
    return of_program(location, compiled_in(content))


def _recognised(
    location: Location, content: bytes, seen: Seen, *, at: datetime, status: Status | None = None
) -> Place | None:
    if not is_of_interest(content, location.path or location.root, seen):
        return None
    try:
        reading = recognise(content, location.text, at)
    except MalformedAnchors as error:
        if starts_nothing(location) and not seen.has(Mark.WORD):
            # It has the name of a configuration, and is another program's.
            return None
        return Place(location, None, (Note(_malformed(error)),), status, content)
    except Exception as error:  # noqa: BLE001 - a defect of ours must not hide the other files
        return Place(location, None, (Note(_defect(error)),), status)
    return None if reading is None else Place(location, reading, (), status, content)


def of_program(location: Location, compiled: Compiled | None) -> Place | None:
    """The place of a program, a source or another text, if it contains anything."""
    if compiled is None:
        return None
    return Place(location, Reading(CONTENT, compiled=compiled))


def of_large(
    location: Location, head: bytes, compiled: Compiled | None, *, at: datetime, matters: bool
) -> Place | None:
    """The same for a file that is too large to be parsed.

    Args:
        location: its location.
        head: its first bytes.
        compiled: the keys that were found in it.
        at: the time of judgement.
        matters: whether it contains a word that a reader would look for.
    """
    if compiled is not None and _is_zone_copy(location, head, at):
        return None
    place = of_program(location, compiled)
    name = location.path or location.root
    meant = matters and (is_configuration(name) or has_known_name(name))
    if not meant or b"\0" in head[:_HEAD]:
        return place
    return (place or Place(location, None))._replace(notes=(Note(_NOT_PARSED),))


def _is_zone_copy(location: Location, head: bytes, at: datetime) -> bool:
    """Whether a large file is a copy of the root zone, by its whole lines among the first."""
    lines = head[:_ZONE_HEAD].rpartition(b"\n")[0]
    place = _recognised(location, lines, Seen(lines), at=at)
    reading = place.reading if place is not None else None
    return reading is not None and reading.syntax.kind is Kind.CONTENT


_NOT_PARSED = Finding(
    Check.AUDIT_LIMIT,
    Severity.WARNING,
    f"it is larger than {MAX_TEXT >> 20} MiB, so it was searched for digests but not parsed",
    remedy="find out why a file with this name is so large",
)


def _malformed(error: MalformedAnchors) -> Finding:
    return Finding(
        Check.AUDIT_MALFORMED,
        Severity.WARNING,
        "it should contain trust anchors, but cannot be read",
        got=printable(str(error)[:_MAX_WORDS]),
        remedy="compare it with the file that 'root-anchors build' writes",
    )


def _defect(error: Exception) -> Finding:
    """That a reader of ours fails, in the words that who mends it needs."""
    return Finding(
        Check.AUDIT_UNREADABLE,
        Severity.WARNING,
        "it cannot be read because of a defect in root-anchors",
        got=printable(f"{type(error).__name__}: {error}"[:_MAX_WORDS]),
        remedy="report the defect, with the file",
    )


def unreadable(location: Location, error: Exception) -> Place:
    """The place of a file that cannot be read."""
    finding = Finding(
        Check.AUDIT_UNREADABLE,
        Severity.WARNING,
        "it cannot be read",
        got=printable(_words(error)),
        remedy="run root-anchors as a user who may read it, or find out why it is damaged",
    )
    return Place(location, None, (Note(finding),))


def _words(error: Exception) -> str:
    """What the system says, or libarchive; what Python says of damage helps nobody."""
    if isinstance(error, OSError | DamagedArchive):
        return getattr(error, "strerror", None) or str(error)
    return "it is damaged, or does not have the form of such a file"
