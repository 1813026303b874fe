"""Content -> Place: what a file or a member of an archive has to do with trust anchors."""

from __future__ import annotations

import posixpath
import re
from datetime import datetime

from anchors.auditing.compiled import compiled_in, in_source
from anchors.auditing.markers import is_configuration, may_hold, may_include
from anchors.auditing.place import Compiled, Location, Note, Place, Reading, Syntax
from anchors.auditing.recognise import recognise
from anchors.checks import Check
from anchors.errors import UsageError
from anchors.escape import printable
from anchors.formats.found import MalformedAnchors
from anchors.model import Finding, Severity

__all__ = ["MAX_PLACES", "MAX_TEXT", "inspect", "of_large", "of_program", "unreadable"]

# The most that is kept of one PATH, in memory; no image has a hundred.
MAX_PLACES = 10_000
# No anchor file comes near this; what is larger is searched, and not parsed.
MAX_TEXT = 1 << 20

_PROGRAMS = (
    b"\x7fELF",
    b"!<arch>\n",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"MZ",
    b"\x00asm",
    b"dex\n",
)
# The object identifier of SignedData (RFC 5652 5.1) as it is encoded.
_SIGNED_DATA = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
_HEAD = 4096
# Of what a parser says, which may have much of a file in it.
_MAX_WORDS = 300
_SOURCES = frozenset(
    {".c", ".cc", ".cpp", ".go", ".h", ".hpp", ".in", ".inc", ".java", ".js", ".lua", ".pem"}
    | {".pl", ".pm", ".py", ".rb", ".rs", ".sh", ".ts"}
)
# What is there for nothing but anchors, so that an empty one says something.
_ANCHOR_FILE = re.compile(
    r"root\.(?:key|keys|ds|anchor)|trusted-key\.key|bind\.keys|iana-root\.txt"
)


def inspect(
    location: Location, content: bytes, *, at: datetime, writable: bool | None = None
) -> Place | None:
    """What ``content`` of at most :data:`MAX_TEXT` bytes is, ``None`` where it is of no interest.

    Args:
        location: where it lies; its name breaks ties.
        content: all of it.
        at: the time of judgement, for states that depend on it.
        writable: as in :class:`Place`.
    """
    place = _recognised(location, content, at, writable=writable)
    if place is not None:
        return place
    if not content.strip() and _ANCHOR_FILE.fullmatch(
        posixpath.basename(location.path or location.root)
    ):
        return Place(location, Reading(Syntax.ZONE), (), writable)
    if _is_program(content):
        return of_program(location, compiled_in(content))
    if posixpath.splitext(location.text)[1].lower() in _SOURCES:
        return of_program(location, in_source(content))
    return None


def _recognised(
    location: Location, content: bytes, at: datetime, *, writable: bool | None
) -> Place | None:
    if not may_hold(content) and not may_include(content, location.path or location.root):
        return None
    try:
        reading = recognise(content, location.text, at)
    except (MalformedAnchors, UsageError) as error:
        return Place(location, None, (Note(_malformed(error)),), writable)
    except Exception as error:  # noqa: BLE001 - a defect of ours must not hide the other files
        return unreadable(location, error)
    return None if reading is None else Place(location, reading, (), writable)


def _is_program(content: bytes) -> bool:
    # A CMS signature has its chain with it, and pins nothing.
    if _SIGNED_DATA in content[:_HEAD]:
        return False
    return content.startswith(_PROGRAMS) or b"\0" in content[:_HEAD]


def of_program(location: Location, compiled: Compiled | None) -> Place | None:
    """The place of a program or source, if it contains anything."""
    if compiled is None:
        return None
    return Place(location, Reading(Syntax.COMPILED, compiled=compiled))


def of_large(location: Location, head: bytes, compiled: Compiled | None) -> Place | None:
    """The same for a file that is too large to be parsed; ``head`` is how it begins."""
    place = of_program(location, compiled)
    name = location.path or location.root
    meant = is_configuration(name) or _ANCHOR_FILE.fullmatch(posixpath.basename(name))
    if not meant or b"\0" in head[:_HEAD]:
        return place
    return (place or Place(location, None))._replace(notes=(Note(_NOT_PARSED),))


_NOT_PARSED = Finding(
    Check.AUDIT_LIMIT,
    Severity.WARNING,
    f"it is larger than {MAX_TEXT >> 20} MiB, so it was searched for digests and not parsed",
    remedy="look why a configuration is that large",
)


def _malformed(error: MalformedAnchors | UsageError) -> Finding:
    if isinstance(error, UsageError):
        return Finding(
            Check.AUDIT_UNREADABLE,
            Severity.WARNING,
            error.message,
            got=error.got,
            want=error.want,
            remedy=error.remedy,
        )
    return Finding(
        Check.AUDIT_MALFORMED,
        Severity.WARNING,
        "it is meant to hold trust anchors, and cannot be read",
        got=printable(str(error)[:_MAX_WORDS]),
        remedy="compare it with what 'root-anchors build' writes",
    )


def unreadable(location: Location, error: Exception) -> Place:
    """The place of what is there and cannot be read."""
    finding = Finding(
        Check.AUDIT_UNREADABLE,
        Severity.WARNING,
        "it cannot be read",
        got=printable(f"{type(error).__name__}: {getattr(error, 'strerror', None) or error}"),
        remedy="read it as a user who may, or look why it is damaged",
    )
    return Place(location, None, (Note(finding),))
