"""BIND's RFC 5011 state: managed-keys.bind, VIEW.mkeys, and their journals (rndc(8)).

A KEYDATA record has three times before a DNSKEY's rdata: of the next refresh, and of the ends of
the hold-downs for adding and for removing the key.  Whether a key is pending or valid depends on
the time of judgement; named writes no state Missing.  A valid key's ``since`` is the end of its
hold-down.  The journal itself is not read, only what named-journalprint(1) prints of it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from anchors.consumers.anchor_records import found_anchor, is_readable
from anchors.consumers.bind import JOURNAL, STATE
from anchors.consumers.reading import Held, Hold, Note, Reading, Rfc5011State, StateOfKey
from anchors.core.checks import Check
from anchors.core.findings import Finding, Severity
from anchors.core.found import FoundAnchor, FoundDnskey, MalformedAnchors
from anchors.grammars.text import decoded
from anchors.grammars.zone import Dialect, Record, parse_zone

__all__ = ["read"]

_KEYDATA, _GENERIC, _GENERIC_DATA = "KEYDATA", "TYPE65533", "\\#"
_IN_TEXT = re.compile(rb"(?mi)^[^;\n]{0,300}?\b(?:KEYDATA|TYPE65533)[ \t]+(?:[0-9]{14}|\\\#)[ \t]")
_PRINTED = re.compile(rb"(?m)^(?:add|del) \.[ \t]+[0-9]+[ \t]+IN[ \t]+TYPE65533[ \t]")
# named reads these, and the file has no other directive.
_DIRECTIVE = re.compile(r"\$TTL [0-9][0-9smhdw]*|\$ORIGIN .*", re.IGNORECASE | re.ASCII)
# Every dynamic zone has a journal: this one has records of that type, in class IN.
_JOURNAL = b";BIND LOG V9"
_IN_JOURNAL = b"\0\xff\xfd\0\1"
_END_SERIAL = slice(24, 28)
_TIMES = struct.Struct(">III")
_WORDS = re.compile(r"[^ \t\r]+")
_NO_KEY = bytes(4)
_REVOKE = 0x80
# named takes a directive with what it needs and no more.
_CROWDED = re.compile(rb"(?im)^\$ORIGIN[ \t]+[^ \t\r\n;]+[ \t]+[^ \t\r\n;]")
_NAMED = Dialect(owner_left_out=False)
# RFC 4034 2.1.2.
_PROTOCOL = 3
_PLACEHOLDER = Finding(
    Check.AUDIT_JOURNAL,
    Severity.WARNING,
    "named has not fetched the root's keys yet, or has them in the journal only",
    remedy="run 'rndc managed-keys status', then 'rndc managed-keys sync', and audit it again",
)


class _Key(NamedTuple):
    """A KEYDATA of the root; without a key it is a placeholder.

    ``is_usable``: named holds one of another protocol, under a tag that no key of a zone has.
    """

    line: int
    anchor: FoundAnchor | None = None
    trusted_from: datetime | None = None
    removed_at: datetime | None = None
    is_usable: bool = True


def read(content: bytes, path: str, at: datetime) -> Reading | None:
    """Every key of the root with its state at the time of judgement; ``None``: no such file.

    Raises:
        MalformedAnchors: named could not load it.
    """
    del path
    if content.startswith(_JOURNAL):
        # Every dynamic zone has such a file.
        note = Note(_journal(content))
        return Reading(JOURNAL, notes=(note,)) if _IN_JOURNAL in content else None
    folded = content.lower()
    if b"keydata" not in folded and b"type65533" not in folded:
        # All that both expressions look for, in a hundredth of their time.
        return None
    if _PRINTED.search(content) is not None:
        syntax, keys = JOURNAL, _in_print(decoded(content))
    elif _IN_TEXT.search(content) is not None:
        syntax, keys = STATE, _in_text(content)
    else:
        return None
    held: list[Held] = []
    notes: list[Note] = []
    read_keys = [*keys]
    # Beside a placeholder named begins anew (BIND 9.18.49, 9.20.30).
    counts = all(key.anchor is not None for key in read_keys)
    for key in read_keys:
        if key.anchor is None:
            notes.append(Note(_PLACEHOLDER, key.line))
        else:
            hold = Hold.STATE if counts and key.is_usable else Hold.IGNORED
            held.append(Held(key.anchor, hold, key.line, _state(key, key.anchor, at)))
    return Reading(syntax, tuple(held), (), tuple(notes))


def _journal(content: bytes) -> Finding:
    serial = int.from_bytes(content[_END_SERIAL], "big")
    return Finding(
        Check.AUDIT_JOURNAL,
        Severity.WARNING,
        "this is a journal of named's trust anchors, and it was not read: the state file beside "
        "it is up to date only if its SOA record has the same serial",
        got=f"changes up to serial {serial}",
        remedy="run 'rndc managed-keys sync' and audit the file beside it, or audit what "
        "'named-journalprint FILE' prints",
    )


def _state(key: _Key, anchor: FoundAnchor, at: datetime) -> Rfc5011State:
    # BIND 9.18.49 and 9.20.30 trust no key that is to be removed, whatever its flags are.
    is_revoked = isinstance(anchor, FoundDnskey) and bool(anchor.flags & _REVOKE)
    if is_revoked or key.removed_at is not None:
        return Rfc5011State(StateOfKey.REVOKED, None, key.removed_at)
    if key.trusted_from is not None and key.trusted_from > at:
        return Rfc5011State(StateOfKey.ADD_PENDING, None, key.trusted_from)
    return Rfc5011State(StateOfKey.VALID, key.trusted_from)


def _in_text(content: bytes) -> Iterator[_Key]:
    crowded = _CROWDED.search(content)
    if crowded is not None:
        line = content.count(b"\n", 0, crowded.start()) + 1
        raise MalformedAnchors(f"line {line}: more than a name behind $ORIGIN")
    text = parse_zone(content, _NAMED)
    for left in text.left_over:
        # named loads nothing of a file with a fault (BIND 9.18.49, 9.20.30).
        if left.why != "a directive" or _DIRECTIVE.fullmatch(left.text) is None:
            raise MalformedAnchors(f"line {left.line}: {left.why}: {left.text!r:.40}")
    for record in text.records:
        if record.rdclass != "IN":
            raise MalformedAnchors(f"line {record.line}: class {record.rdclass}")
        if record.rdtype != _KEYDATA and not is_readable(record):
            raise MalformedAnchors(f"line {record.line}: a record {record.rdtype}")
        if (record.owner, record.rdtype) != (".", _KEYDATA):
            continue
        try:
            yield _key_of(record)
        except ValueError as error:
            raise MalformedAnchors(f"line {record.line}: {error}") from error


def _key_of(record: Record) -> _Key:
    if record.rdata[:1] == (_GENERIC_DATA,):
        return _key_of_bytes(record.line, record.rdata[1:])
    return _key_in_text(record.line, record.rdata)


def _key_in_text(line: int, rdata: Sequence[str]) -> _Key:
    if [*rdata[3:6]] == ["0", "0", "0"]:
        return _Key(line)
    added, removed = ("".join(rdata[at : at + 1]) for at in (1, 2))
    anchor = found_anchor("DNSKEY", rdata[3:])
    is_usable = [*rdata[4:5]] == [str(_PROTOCOL)]
    return _Key(line, anchor, _time(added), _time(removed), is_usable)


def _time(text: str) -> datetime | None:
    """YYYYMMDDHHMMSS in UTC; the first second of 1970 is none."""
    if re.fullmatch("[0-9]{14}", text) is None:
        raise MalformedAnchors(f"no such time: {text:.40}")
    try:
        time = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise MalformedAnchors(f"no such time: {text}") from error
    return time if time.timestamp() else None


def _in_print(text: str) -> Iterator[_Key]:
    """What remains after every change: each refresh deletes all records, and adds them anew."""
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        words = line.split(maxsplit=5)
        if words[1:2] != ["."] or words[4:5] != [_GENERIC]:
            continue
        rdata = "".join(words[5:])
        if words[0] == "add":
            lines[rdata] = number
        elif words[0] == "del":
            lines.pop(rdata, None)
    for rdata, number in lines.items():
        try:
            yield _key_in_print(number, rdata)
        except ValueError as error:
            raise MalformedAnchors(f"line {number}: {error}") from error


def _key_in_print(line: int, rdata: str) -> _Key:
    return _key_of_bytes(line, _WORDS.findall(rdata)[1:])


def _key_of_bytes(line: int, words: Sequence[str]) -> _Key:
    """A KEYDATA in the form of RFC 3597 5: a length and hexadecimal digits."""
    length, *digits = words or [""]
    data = bytes.fromhex("".join(digits))
    if length != str(len(data)) or len(data) < _TIMES.size:
        raise MalformedAnchors(f"{len(data)} bytes where there should be {length:.20}")
    _, added, removed = _TIMES.unpack_from(data)
    dnskey = data[_TIMES.size :]
    if dnskey == _NO_KEY:
        return _Key(line)
    anchor = found_anchor("DNSKEY", (_GENERIC_DATA, str(len(dnskey)), dnskey.hex()))
    is_usable = dnskey[2] == _PROTOCOL
    return _Key(line, anchor, _epoch(added), _epoch(removed), is_usable)


def _epoch(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
