"""The anchors in a text that Knot Resolver reads: a key file, or the argument of ``add``.

Tried on kresd 5.6.0 and 6.5, whose zone scanner is the same.  The scanner goes on up to the first
thing that it cannot read, without a word, and what came before counts.  Behind a record stands its
RFC 5011 state, ``; STATE:TIMER``; a whole line ``; RECORD ; STATE:TIMER`` counts as well, and
stands for a key that an older version must not trust (trust_anchors.lua, ``keyset_read``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from anchors.consumers.anchor_records import found_anchor
from anchors.consumers.reading import Held, Hold, Rfc5011State, StateOfKey
from anchors.core.found import FoundAnchor, FoundDnskey, MalformedAnchors
from anchors.grammars.zone import Dialect, LeftOver, Record, parse_zone

__all__ = ["KRESD", "Key", "Keyset", "read_keyset"]

# kresd 5.6.0, 6.5.
KRESD = Dialect(
    crlf=False,
    owner_left_out=False,
    blank_lines=False,
    ttl_wide=False,
    nested=False,
)


_TTL = re.compile(r"\$TTL [0-9]+[smhdwSMHDW0-9]*")
_NAME = re.compile(r"\.|(?:[A-Za-z0-9_*/\\-]+\.)+")
_STATE = re.compile(r"[ \t\v\f\r]*([A-Za-z]+):([0-9]*)")
_STATES = {state.value: state for state in StateOfKey}
_DIGITS = re.compile(r"[0-9]+")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_GENERIC = r"\#"
# Types that the scanner does not know: it stops there.
_UNKNOWN_TYPES = frozenset({"DLV", "TALINK", "NXT", "KEYDATA"})
_ZONE_KEY, _REVOKED = 0x0100, 0x0080
_PROTOCOL = 3
_RSAMD5 = 1


class Key(NamedTuple):
    """A record with its state; ``is_usable``: the program can take the key into its store."""

    owner: str
    anchor: FoundAnchor
    line: int
    state: Rfc5011State
    is_stated: bool
    is_usable: bool

    @property
    def is_trusted(self) -> bool:
        """Whether the program validates with it."""
        return self.is_usable and self.state.trusted

    def held(self, hold: Hold) -> Held:
        """The anchor, with its state where the text tells one."""
        if not self.is_usable:
            return Held(self.anchor, Hold.IGNORED, self.line)
        return Held(self.anchor, hold, self.line, self.state if self.is_stated else None)


class Keyset(NamedTuple):
    """What the program makes of a text.

    Attributes:
        keys: all of one owner.
        refusal: why the program does not start with the text, empty where it does.
        line: the line of the refusal, or of what the scanner stopped at.
        stopped: what the scanner stopped at, in words; empty where it read all.
    """

    keys: tuple[Key, ...] = ()
    refusal: str = ""
    line: int = 1
    stopped: str = ""

    @property
    def is_of_root(self) -> bool:
        """Whether the keys are the root's."""
        return bool(self.keys) and self.keys[0].owner == "."

    @property
    def is_stated(self) -> bool:
        """Whether a key has a state: the program wrote the text."""
        return any(key.is_stated for key in self.keys)


def read_keyset(content: bytes) -> Keyset:
    """What the program makes of ``content``."""
    lines = content.decode("latin-1").split("\n")
    try:
        keys, stop = _scanned(content, lines)
        keys += _commented_out(lines)
    except _InvalidKeyError as error:
        return Keyset(refusal=str(error), line=error.line)
    stopped = stop.why if stop is not None else ""
    line = stop.line if stop is not None else 1
    if not keys:
        return Keyset((), "it has no readable anchor", line, stopped)
    other = next((key for key in keys if key.owner != keys[0].owner), None)
    if other is not None:
        return Keyset((), "it has anchors of two zones", other.line)
    return Keyset(tuple(keys), "", line, stopped)


class _InvalidKeyError(Exception):
    """A record that can be read and is no key."""

    def __init__(self, words: str, line: int) -> None:
        super().__init__(words)
        self.line = line


def _scanned(content: bytes, lines: list[str]) -> tuple[list[Key], LeftOver | None]:
    """The records up to the first thing that the scanner cannot read, and that thing."""
    keys: list[Key] = []
    for record in _in_order(content):
        if isinstance(record, LeftOver):
            return keys, record
        try:
            keys.append(_key(record, lines[record.line - 1]))
        except MalformedAnchors as error:
            return keys, LeftOver(record.line, "", str(error))
    return keys, None


def _in_order(content: bytes) -> Iterator[Record | LeftOver]:
    text = parse_zone(content, KRESD)
    left_over = (left for left in text.left_over if _TTL.fullmatch(left.text) is None)
    entries: list[Record | LeftOver] = [*text.records, *left_over]
    yield from sorted(entries, key=lambda one: one.line)


def _key(record: Record, line: str, *, default: StateOfKey = StateOfKey.VALID) -> Key:
    """The record as a key.

    Raises:
        MalformedAnchors: the scanner cannot read it.
        _InvalidKeyError: it is no DS, and no DNSKEY that could be an anchor.
    """
    if _NAME.fullmatch(record.owner) is None:
        raise MalformedAnchors("its owner is no name")
    if record.rdclass != "IN" or record.rdtype in _UNKNOWN_TYPES:
        raise MalformedAnchors(f"no record of class IN, or of a type that is unknown: {line!r:.40}")
    if record.rdtype not in {"DS", "DNSKEY"}:
        raise _InvalidKeyError(f"it has a record of type {record.rdtype}", record.line)
    anchor = _anchor(record)
    is_usable = True
    if isinstance(anchor, FoundDnskey):
        is_zone_key = anchor.flags & _ZONE_KEY and _protocol(record.rdata) == _PROTOCOL
        if not is_zone_key or anchor.algorithm == _RSAMD5:
            raise _InvalidKeyError("it has a DNSKEY that is not a zone key", record.line)
        is_usable = not anchor.flags & _REVOKED
    state = _state(line.partition(";")[2])
    return Key(
        record.owner,
        anchor,
        record.line,
        state or Rfc5011State(default),
        state is not None,
        is_usable,
    )


def _anchor(record: Record) -> FoundAnchor:
    """The anchor, by what the scanner takes: no quotes, no digits that are missing.

    Raises:
        MalformedAnchors: the scanner cannot read it.
    """
    rdata = record.rdata
    if not _is_generic(rdata):
        numbers = rdata[:1] + rdata[2:3] if record.rdtype == "DS" else rdata[:2]
        form = _HEX if record.rdtype == "DS" else _BASE64
        # Base64 is decoded word by word.
        texts = rdata[3:] if record.rdtype == "DNSKEY" else ("".join(rdata[3:]),)
        is_plain = all(map(_DIGITS.fullmatch, numbers)) and all(map(form.fullmatch, texts))
        if not is_plain:
            raise MalformedAnchors(f"line {record.line}: {record.rdtype} that cannot be read")
    return found_anchor(record.rdtype, rdata)


def _is_generic(rdata: tuple[str, ...]) -> bool:
    """RFC 3597 5."""
    return rdata[:1] == (_GENERIC,)


def _protocol(rdata: tuple[str, ...]) -> int:
    return bytes.fromhex("".join(rdata[2:]))[2] if _is_generic(rdata) else int(rdata[1])


def _commented_out(lines: list[str]) -> Iterator[Key]:
    """Lines that are comments, and records with a state: wherever in the text they stand."""
    for number, line in enumerate(lines, 1):
        if line.startswith("; ") and _STATE.match(line[2:].partition(";")[2]):
            for record in _in_order(line[2:].encode("latin-1")):
                if isinstance(record, LeftOver):
                    break
                try:
                    key = _key(record, line[2:])
                except (MalformedAnchors, _InvalidKeyError):
                    break
                if key.is_stated:
                    yield key._replace(line=number)
                break


def _state(comment: str) -> Rfc5011State | None:
    """The state that a comment tells; a name that is none leaves the key valid."""
    match = _STATE.match(comment)
    state = _STATES.get(match[1]) if match is not None else None
    if match is None or state is None:
        return None
    until = None
    if match[2]:
        try:
            until = datetime.fromtimestamp(int(match[2][:20]), UTC)
        except (ValueError, OverflowError, OSError):
            until = None
    return Rfc5011State(state, None, until)
