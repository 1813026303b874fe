"""systemd-resolved's positive trust anchors (dnssec-trust-anchors.d(5)).

It drops a line that it cannot read with a warning, so no line makes the file unreadable.
"""

from __future__ import annotations

from collections.abc import Sequence

from anchors.auditing.place import Held, Hold, Note, Reading, Syntax
from anchors.auditing.readers.text import decoded
from anchors.auditing.readers.zone import found_anchor, root_anchors
from anchors.checks import Check
from anchors.formats.found import FoundAnchor, FoundDnskey, MalformedAnchors
from anchors.model import Finding, Severity

__all__ = ["read"]

# As many anchors as are taken from any file; each line takes a while.
_MAX_LINES = 1000
_REMEDY = "write '. IN DS TAG ALGORITHM TYPE DIGEST' on a line of its own"
_UNUSABLE = Finding(
    Check.AUDIT_FORM,
    Severity.FAILURE,
    "systemd-resolved takes a DNSKEY as an anchor of the root, and then fails every look-up",
    got="DNSKEY",
    want="DS",
    remedy=_REMEDY,
)


def read(content: bytes) -> Reading:
    """The anchors, those in lines that resolved drops as ignored; the name must say what it is.

    Raises:
        MalformedAnchors: there are more lines of the root than anybody needs.
    """
    held: list[Held] = []
    notes: list[Note] = []
    for line, row in enumerate(decoded(content).split("\n"), 1):
        words = row.split()
        if words[:1] != ["."]:
            continue
        if len(held) + len(notes) > _MAX_LINES:
            raise MalformedAnchors(f"it has more than {_MAX_LINES} lines of the root")
        anchor = _taken(words)
        if anchor is None:
            held += [Held(found, Hold.IGNORED, line) for found in _dropped(" ".join(words))]
            notes.append(Note(_ignored(words), line))
        else:
            held.append(Held(anchor, Hold.STATIC, line))
            if isinstance(anchor, FoundDnskey):
                notes.append(Note(_UNUSABLE, line))
    return Reading(Syntax.RESOLVED, tuple(held), (), tuple(notes))


def _taken(words: Sequence[str]) -> FoundAnchor | None:
    """The anchor as resolved reads it: with class, without TTL and comment."""
    rdclass, rdtype = (word.upper() for word in (*words[1:3], "", "")[:2])
    if rdclass != "IN" or rdtype not in {"DS", "DNSKEY"} or any(";" in word for word in words):
        return None
    try:
        return found_anchor(rdtype, words[3:])
    except MalformedAnchors:
        return None


def _dropped(row: str) -> list[FoundAnchor]:
    try:
        return [anchor for anchor, _ in root_anchors(row)]
    except MalformedAnchors:
        return []


def _ignored(words: Sequence[str]) -> Finding:
    if any(";" in word for word in words):
        why = "a comment stands behind the record"
    elif "".join(words[1:2]).upper() != "IN":
        why = "the class IN does not follow the name"
    else:
        why = "the record cannot be read"
    message = f"systemd-resolved drops the line: {why}"
    return Finding(Check.AUDIT_IGNORED, Severity.WARNING, message, remedy=_REMEDY)
