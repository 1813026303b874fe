"""BIND's RFC 5011 state: managed-keys.bind, VIEW.mkeys, and their journals.

KEYDATA has three times (refresh, end of the add hold-down, removal), then a DNSKEY's rdata.
A key is trusted from the end of its add hold-down on; there is no state MISSING.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from anchors.audit.place import Held, Hold, Note, Reading, Rfc5011State, StateOfKey, Syntax
from anchors.audit.readers.text import decoded
from anchors.audit.readers.zone import found_anchor
from anchors.checks import Check
from anchors.formats.found import FoundDnskey, MalformedAnchors
from anchors.model import Finding, Severity

__all__ = ["looks_like", "read"]

_JOURNAL = b";BIND LOG V9"
_KEYDATA = re.compile(rb"(?m)^[^;\n]{0,300}?\bKEYDATA[ \t]+\d{14}[ \t]")
_UNSET = "19700101000000"
_REVOKE = 0x80
_FIELDS = 6
_IN_JOURNAL = Finding(
    Check.AUDIT_JOURNAL,
    Severity.WARNING,
    "the truth is in a journal, which is not read here",
    remedy="run 'rndc managed-keys sync' and audit the file beside it, or look at it with "
    "'named-journalprint'",
)
_PLACEHOLDER = Finding(
    Check.AUDIT_JOURNAL,
    Severity.WARNING,
    "named has not fetched the root's keys yet, or has them in the journal alone",
    remedy="run 'rndc managed-keys status', then 'rndc managed-keys sync', and audit it again",
)


class _Record(NamedTuple):
    line: int
    owner: str
    words: list[str]


def looks_like(content: bytes) -> bool:
    """Whether it is such a file or its journal."""
    return content.startswith(_JOURNAL) or _KEYDATA.search(content) is not None


def read(content: bytes, at: datetime) -> Reading:
    """Every key of the root with its state at the time of judgement.

    Raises:
        MalformedAnchors: a KEYDATA record of the root cannot be read.
    """
    if content.startswith(_JOURNAL):
        return Reading(Syntax.BIND_JOURNAL, notes=(Note(_IN_JOURNAL),))
    held: list[Held] = []
    notes: list[Note] = []
    for line, owner, words in _records(decoded(content)):
        if owner != ".":
            continue
        if words[3:_FIELDS] == ["0", "0", "0"]:
            notes.append(Note(_PLACEHOLDER, line))
            continue
        try:
            anchor = found_anchor("DNSKEY", words[3:])
            state = _state(words, anchor.flags if isinstance(anchor, FoundDnskey) else 0, at)
        except MalformedAnchors as error:
            raise MalformedAnchors(f"line {line}: {error}") from error
        held.append(Held(anchor, Hold.STATE, line, state))
    return Reading(Syntax.BIND_STATE, tuple(held), (), tuple(notes))


def _records(text: str) -> Iterator[_Record]:
    """The KEYDATA records with their owners; parentheses are no more than blanks in them."""
    origin, owner = "", ""
    record: _Record | None = None
    for number, line in enumerate(text.split("\n"), 1):
        words = line.partition(";")[0].replace("(", " ").replace(")", " ").split()
        if not words:
            continue
        if words[0].upper() == "$ORIGIN":
            origin = " ".join(words[1:2])
        elif not line[0].isspace() and not words[0].startswith("$"):
            owner = "." if words[0] == "@" and origin == "." else words[0]
        if "KEYDATA" in words:
            if record is not None:
                yield record
            record = _Record(number, owner, words[words.index("KEYDATA") + 1 :])
        elif record is not None and line[0].isspace():
            record.words.extend(words)
        elif record is not None:
            yield record
            record = None
    if record is not None:
        yield record


def _state(words: list[str], flags: int, at: datetime) -> Rfc5011State:
    added, removed = words[1], words[2]
    if flags & _REVOKE:
        return Rfc5011State(StateOfKey.REVOKED, None, _time(removed))
    trusted_from = _time(added)
    if trusted_from is None:
        return Rfc5011State(StateOfKey.START)
    if trusted_from > at:
        return Rfc5011State(StateOfKey.ADD_PENDING, None, trusted_from)
    return Rfc5011State(StateOfKey.VALID, trusted_from)


def _time(text: str) -> datetime | None:
    if text == _UNSET:
        return None
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise MalformedAnchors(f"no such time: {text:.40}") from error
