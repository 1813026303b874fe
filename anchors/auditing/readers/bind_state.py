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

from anchors.auditing.place import Held, Hold, Note, Reading, Rfc5011State, StateOfKey, Syntax
from anchors.auditing.readers.text import decoded
from anchors.auditing.readers.zone import found_anchor
from anchors.checks import Check
from anchors.formats.found import FoundAnchor, FoundDnskey, MalformedAnchors
from anchors.formats.zone import found_in_zone_text
from anchors.model import Finding, Severity

__all__ = ["looks_like", "read"]

_KEYDATA, _GENERIC = "KEYDATA", "TYPE65533"
_IN_TEXT = re.compile(rb"(?m)^[^;\n]{0,300}?\bKEYDATA[ \t]+\d{14}[ \t]")
_PRINTED = re.compile(rb"(?m)^(?:add|del) \.[ \t]+\d+[ \t]+IN[ \t]+TYPE65533[ \t]")
# Every dynamic zone has a journal: this one has records of that type, in class IN.
_JOURNAL = b";BIND LOG V9"
_IN_JOURNAL = b"\0\xff\xfd\0\1"
_END_SERIAL = slice(24, 28)
_TIMES = struct.Struct(">III")
_NO_KEY = bytes(4)
_REVOKE = 0x80
_PLACEHOLDER = Finding(
    Check.AUDIT_JOURNAL,
    Severity.WARNING,
    "named has not fetched the root's keys yet, or has them in the journal alone",
    remedy="run 'rndc managed-keys status', then 'rndc managed-keys sync', and audit it again",
)


class _Record(NamedTuple):
    line: int
    owner: str
    rdata: list[str]


class _Key(NamedTuple):
    """A KEYDATA of the root; without a key it is a placeholder."""

    line: int
    anchor: FoundAnchor | None = None
    trusted_from: datetime | None = None
    removed_at: datetime | None = None


def looks_like(content: bytes) -> bool:
    """Whether it is such a file, its journal, or what is printed of that."""
    if content.startswith(_JOURNAL):
        return _IN_JOURNAL in content
    return _IN_TEXT.search(content) is not None or _PRINTED.search(content) is not None


def read(content: bytes, at: datetime) -> Reading:
    """Every key of the root with its state at the time of judgement.

    Raises:
        MalformedAnchors: a KEYDATA record of the root cannot be read.
    """
    if content.startswith(_JOURNAL):
        return Reading(Syntax.BIND_JOURNAL, notes=(Note(_journal(content)),))
    if _PRINTED.search(content) is not None:
        syntax, keys = Syntax.BIND_JOURNAL, _in_print(decoded(content))
    else:
        syntax, keys = Syntax.BIND_STATE, _in_text(decoded(content))
    held: list[Held] = []
    notes: list[Note] = []
    for key in keys:
        if key.anchor is None:
            notes.append(Note(_PLACEHOLDER, key.line))
        else:
            held.append(Held(key.anchor, Hold.STATE, key.line, _state(key, key.anchor, at)))
    return Reading(syntax, tuple(held), (), tuple(notes))


def _journal(content: bytes) -> Finding:
    serial = int.from_bytes(content[_END_SERIAL], "big")
    return Finding(
        Check.AUDIT_JOURNAL,
        Severity.WARNING,
        "a journal of named's trust anchors, which is not read here: the file beside it is up to "
        "date only if its SOA record has the same serial",
        got=f"changes up to serial {serial}",
        remedy="run 'rndc managed-keys sync' and audit the file beside it, or audit what "
        "'named-journalprint FILE' prints",
    )


def _state(key: _Key, anchor: FoundAnchor, at: datetime) -> Rfc5011State:
    if isinstance(anchor, FoundDnskey) and anchor.flags & _REVOKE:
        return Rfc5011State(StateOfKey.REVOKED, None, key.removed_at)
    if key.trusted_from is None:
        return Rfc5011State(StateOfKey.START)
    if key.trusted_from > at:
        return Rfc5011State(StateOfKey.ADD_PENDING, None, key.trusted_from)
    return Rfc5011State(StateOfKey.VALID, key.trusted_from)


def _in_text(text: str) -> Iterator[_Key]:
    for line, owner, rdata in _records(text):
        if owner != ".":
            continue
        try:
            yield _key_in_text(line, rdata)
        except MalformedAnchors as error:
            raise MalformedAnchors(f"line {line}: {error}") from error


def _key_in_text(line: int, rdata: Sequence[str]) -> _Key:
    if rdata[3:] == ["0", "0", "0"]:
        return _Key(line)
    added, removed = ("".join(rdata[at : at + 1]) for at in (1, 2))
    return _Key(line, found_anchor("DNSKEY", rdata[3:]), _time(added), _time(removed))


def _time(text: str) -> datetime | None:
    """YYYYMMDDHHMMSS in UTC; the first second of 1970 is none."""
    if re.fullmatch("[0-9]{14}", text) is None:
        raise MalformedAnchors(f"no such time: {text:.40}")
    try:
        time = datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise MalformedAnchors(f"no such time: {text}") from error
    return time if time.timestamp() else None


def _records(text: str) -> Iterator[_Record]:
    """The KEYDATA records with their owners (RFC 1035 5.1)."""
    origin = owner = ""
    for line, has_owner, words in _entries(text):
        if has_owner and words[0].startswith("$"):
            if words[0].upper() == "$ORIGIN":
                origin = "".join(words[1:2])
            continue
        if has_owner:
            owner = origin if words[0] == "@" else words[0]
        if _KEYDATA in words:
            yield _Record(line, owner, words[words.index(_KEYDATA) + 1 :])


def _entries(text: str) -> Iterator[tuple[int, bool, list[str]]]:
    """Where each entry begins, whether with an owner, and its words without comments."""
    begins, has_owner, depth = 1, False, 0
    words: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        code = line.partition(";")[0]
        if not depth:
            begins, has_owner, words = number, not code[:1].isspace(), []
        depth = max(0, depth + code.count("(") - code.count(")"))
        words += code.replace("(", " ").replace(")", " ").split()
        if words and not depth:
            yield begins, has_owner, words
    if depth and words:
        # Cut off in the middle; the word makes the record malformed.
        yield begins, has_owner, [*words, "("]


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
    """A KEYDATA in the form of RFC 3597 5."""
    _, length, *digits = rdata.split()
    data = bytes.fromhex("".join(digits))
    if int(length) != len(data) or len(data) < _TIMES.size:
        raise MalformedAnchors(f"{len(data)} bytes where there should be {length:.20}")
    _, added, removed = _TIMES.unpack_from(data)
    dnskey = data[_TIMES.size :]
    if dnskey == _NO_KEY:
        return _Key(line)
    (anchor,) = found_in_zone_text(rf". IN DNSKEY \# {len(dnskey)} {dnskey.hex()}")
    return _Key(line, anchor, _epoch(added), _epoch(removed))


def _epoch(seconds: int) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
