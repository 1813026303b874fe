"""What Unbound takes from an auto-trust-anchor-file, which becomes its RFC 5011 state.

Of ``;;state=2 [  VALID  ]`` the digit counts alone; ``;;lastchange=`` is when the state began.
The file does not tell when a hold-down ends: ``until`` is computed, 30 days after that
(RFC 5011 2.4.1 and 2.4.2; Unbound's own default).  Unbound skips a line that is no record.
Read from validator/autotrust.c of Unbound 1.17.1, and tried on 1.17.1 and 1.26.2.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from anchors.consumers.consumer import Reader
from anchors.consumers.libunbound import (
    OF_ANCHORS,
    ZONE_TEXT,
    Refusal,
    anchor_of,
    is_usable,
    zone_of,
)
from anchors.consumers.loading import refused
from anchors.consumers.reading import Held, Hold, Note, Reading, Rfc5011State, StateOfKey
from anchors.consumers.unbound import STATE
from anchors.core.checks import Check
from anchors.core.escape import printable
from anchors.core.findings import Finding, Severity
from anchors.core.found import MalformedAnchors
from anchors.grammars.zone import Record, parse_zone

__all__ = ["READER", "Managed", "read_managed", "read_state", "without_state"]

_BEGINNINGS = (b";", b".")
_ID, _ALL_REVOKED = ";;id: ", ";;REVOKED"
_VARIABLES = tuple(
    f";;{name}: "
    for name in (
        *("last_queried", "last_success", "next_probe_time"),
        *("query_failed", "query_interval", "retry_time"),
    )
)
_HEADER = re.compile(rb"(?m)^;;id:[ \t]*\.[ \t]")
_STATED = re.compile(rb"(?m)^\.[ \t][^;\n]{0,8192};[^\n]{0,256}?;state=")
_STATE = re.compile(r"state=(.?)")
_CHANGED = re.compile(r"lastchange=([0-9]{1,20})")
# As strtol(3) finds one.
_INTEGER = re.compile(r"[ \t]*[+-]?[0-9]")
_BLANKS = " \t\r\n"
_OF_INTEREST = re.compile(r"(?i)DS|DNSKEY|TYPE43|TYPE48")
_MAX_SKIPPED = 1000
_STATES = {
    "0": StateOfKey.START,
    "1": StateOfKey.ADD_PENDING,
    "2": StateOfKey.VALID,
    "3": StateOfKey.MISSING,
    "4": StateOfKey.REVOKED,
    "5": StateOfKey.REMOVED,
}
_HOLD_DOWN = timedelta(days=30)
_WITH_HOLD_DOWN = frozenset({StateOfKey.ADD_PENDING, StateOfKey.REVOKED})
_WITHOUT_STATE = Finding(
    Check.AUDIT_IGNORED,
    Severity.WARNING,
    "Unbound 1.26 skips a record without ;;state= below ;;id:, Unbound 1.17 trusts it",
    remedy="stop Unbound, and put an anchor file without ;; lines in place of the state",
)
_REVOKED = Finding(
    Check.AUDIT_REVOKED,
    Severity.FAILURE,
    "every key was revoked: Unbound has no anchor for the root, and validates nothing",
    got=_ALL_REVOKED,
    want="a valid key",
    remedy="stop Unbound, and put a new anchor file in place of the state",
)


_REVOKED_BESIDE = _REVOKED._replace(
    severity=Severity.WARNING,
    message="every key in this state was revoked: Unbound uses the static anchors of the root",
    remedy="remove the state and its option, or put a new anchor file in its place",
)


def without_state(note: Note) -> Note:
    """What is told of a state beside static anchors of the root (tried on 1.17.1 and 1.26.2)."""
    return note._replace(finding=_REVOKED_BESIDE) if note.finding == _REVOKED else note


class Managed(NamedTuple):
    """A managed file as Unbound reads it.

    Attributes:
        held: the root's keys, with their states where it is a state.
        notes: what is to be told of the file.
        zone: the zone that the file is for, ``None`` where Unbound takes it for none.
        has_header: it has a line ``;;id:``, so it is a state, and must be the zone's only source.
        refusal: why Unbound does not start with the file, if so.
    """

    held: tuple[Held, ...] = ()
    notes: tuple[Note, ...] = ()
    zone: str | None = None
    has_header: bool = False
    refusal: Refusal | None = None


def read_managed(content: bytes, fixed: Collection[str] = ()) -> Managed:
    """What Unbound takes from a managed file at its start.

    Args:
        content: of the file.
        fixed: the zones that have anchors already; Unbound skips the records of these.

    Raises:
        MalformedAnchors: far more lines cannot be read than a managed file has.
    """
    reader = _Managed(frozenset(fixed))
    for line, text in _logical_lines(content.decode("latin-1")):
        reader.take(line, text)
    return reader.result()


class _Managed:
    """A managed file that is being read, line by line."""

    def __init__(self, fixed: frozenset[str]) -> None:
        self._fixed = fixed
        self._zone: str | None = None
        # One whose records are skipped, for it has anchors already.
        self._passed_over: str | None = None
        self._refusal: Refusal | None = None
        self._all_revoked = self._has_header = self._has_states = False
        self._held: list[Held] = []
        self._notes: list[Note] = []
        self._origin, self._owner = "", "."

    def take(self, line: int, text: str | None) -> None:
        """One logical line; behind one that Unbound refuses the file for, nothing is read."""
        if self._refusal is None:
            self._refusal = self._line(line, text)

    def _line(self, line: int, text: str | None) -> Refusal | None:
        if text is None:
            return Refusal(line, "a parenthesis is not closed, or never opened")
        if text.startswith(_ALL_REVOKED):
            return self._revoke(line)
        if text.startswith(_ID) and not self._all_revoked:
            return self._header(line, text)
        if text.startswith(_VARIABLES) and not self._all_revoked:
            return self._variable(line, text)
        return self._records(line, text)

    def _variable(self, line: int, text: str) -> Refusal | None:
        if self._zone is None:
            return Refusal(line, f"a line {text[:20]!r} stands before {_ID.strip()}")
        if _INTEGER.match(text.partition(": ")[2]) is None:
            return Refusal(line, f"there is no number in {text[:40]!r}")
        return None

    def _revoke(self, line: int) -> Refusal | None:
        if self._zone is not None and not self._all_revoked:
            return Refusal(line, f"{_ALL_REVOKED} must stand at the beginning")
        self._all_revoked = True
        self._notes.append(Note(_REVOKED, line))
        return None

    def _header(self, line: int, text: str) -> Refusal | None:
        if self._zone is not None:
            return Refusal(line, "trust anchor presented twice")
        zone, _, rdclass = text.removeprefix(_ID).partition(" ")
        if _INTEGER.match(rdclass) is None:
            return Refusal(line, f"there is no class in {text[:40]!r}")
        self._zone = zone.lower()
        self._has_header = True
        return None

    def _records(self, line: int, text: str) -> Refusal | None:
        """The record of a line; that it is of another zone than the others, if so."""
        data, _, comment = text.partition(";")
        if not self._may_be_anchor(data):
            return None
        record = self._record(data)
        if record is not None and record.rdtype not in OF_ANCHORS:
            return None
        if record is not None and zone_of(record) in self._fixed and not self._has_header:
            self._pass_over(record, line)
            return None
        if record is None or not self._hold(record, line, comment):
            if len(self._notes) >= _MAX_SKIPPED:
                raise MalformedAnchors(f"more than {_MAX_SKIPPED} lines are no records")
            self._notes.append(Note(_skipped(data), line))
            return None
        zone = zone_of(record)
        if self._zone is not None and zone != self._zone and not self._all_revoked:
            return Refusal(line, "it has anchors of more than one zone")
        self._zone = zone
        return None

    def _pass_over(self, record: Record, line: int) -> None:
        self._passed_over = zone_of(record)
        with contextlib.suppress(MalformedAnchors):
            anchor = anchor_of(record)
            if self._passed_over == ".":
                self._held.append(Held(anchor, Hold.IGNORED, line))

    def _may_be_anchor(self, data: str) -> bool:
        """Whether a line is worth parsing; the others may still say to what names belong."""
        text = data.strip(_BLANKS)
        if text.startswith("$ORIGIN"):
            self._origin = text if text != "$ORIGIN" else ""
        elif _OF_INTEREST.search(text) is not None:
            return True
        elif text and data[0] not in _BLANKS:
            self._owner = re.split(r"[ \t\r]", data, maxsplit=1)[0]
        return False

    def _record(self, data: str) -> Record | None:
        owner = self._owner if data[0] in _BLANKS else ""
        text = parse_zone(f"{self._origin}\n{owner}{data}".encode("latin-1"), ZONE_TEXT)
        if text.left_over or not text.records:
            return None
        self._owner = text.records[0].owner
        return text.records[0]

    def _hold(self, record: Record, line: int, comment: str) -> bool:
        """Keep the anchor; whether it could be read."""
        try:
            anchor = anchor_of(record)
        except MalformedAnchors:
            return False
        if zone_of(record) != ".":
            return True
        stated = _STATE.search(comment)
        self._has_states = self._has_states or stated is not None
        if self._all_revoked or not is_usable(record, anchor):
            self._held.append(Held(anchor, Hold.IGNORED, line))
        elif stated is None and self._has_header:
            self._held.append(Held(anchor, Hold.IGNORED, line))
            self._notes.append(Note(_WITHOUT_STATE, line))
        else:
            # Of a DS, the state does not count.
            state = _state(stated if record.rdtype == "DNSKEY" else None, comment)
            self._held.append(Held(anchor, Hold.STATE, line, state))
        return True

    def result(self) -> Managed:
        """What was read; a file in which no key has a state is a seed."""
        held = tuple(self._held)
        if not self._has_header and not self._has_states and not self._all_revoked:
            held = tuple(_as_seed(one) for one in held)
        # A file of nothing but what has anchors already is of that zone.
        zone = self._passed_over if self._zone is None else self._zone
        refusal = self._refusal
        if zone is None and not self._all_revoked and refusal is None:
            refusal = Refusal(1, "it has no DS or DNSKEY record")
        zone = None if self._all_revoked else zone
        return Managed(held, tuple(self._notes), zone, self._has_header, refusal)


def _as_seed(held: Held) -> Held:
    hold = Hold.IGNORED if held.hold is Hold.IGNORED else Hold.SEED
    return held._replace(hold=hold, state=None)


def _logical_lines(text: str) -> Iterator[tuple[int, str | None]]:
    """Lines, those within parentheses in one; ``None`` where these do not match."""
    begins, depth = 1, 0
    parts: list[str] = []
    for line, whole in enumerate(text.split("\n"), 1):
        if not parts and not whole.strip(_BLANKS):
            continue
        part = whole.partition("\0")[0]
        if not parts:
            begins = line
        data = part.partition(";")[0]
        for bracket in re.findall(r"[()]", data):
            depth += 1 if bracket == "(" else -1
            if depth < 0:
                yield line, None
                return
        parts.append(data if depth else part)
        if not depth:
            yield begins, " ".join(parts)
            parts = []
    if depth:
        yield begins, None


def _skipped(data: str) -> Finding:
    return Finding(
        Check.AUDIT_IGNORED,
        Severity.WARNING,
        "Unbound skips a line that it cannot read as a record",
        got=printable(data.strip(_BLANKS)[:60]),
        remedy="stop Unbound, and put a new anchor file in place of this one",
    )


def _state(stated: re.Match[str] | None, comment: str) -> Rfc5011State:
    if stated is None:
        return Rfc5011State(StateOfKey.VALID)
    # What is no state counts as new.
    state = _STATES.get(stated[1], StateOfKey.START)
    changed = _CHANGED.search(comment)
    # 0 is unset, as in a file that no Unbound has rewritten yet.
    if changed is None or not changed[1].strip("0"):
        return Rfc5011State(state)
    try:
        since = datetime.fromtimestamp(int(changed[1]), UTC)
        until = since + _HOLD_DOWN if state in _WITH_HOLD_DOWN else None
    except (ValueError, OverflowError, OSError):
        return Rfc5011State(state)
    return Rfc5011State(state, since, until)


def read_state(content: bytes, _path: str, _at: datetime) -> Reading | None:
    """Every key of the root with its state; what Unbound skips is ignored.

    Raises:
        MalformedAnchors: far more lines cannot be read than a state has.
    """
    if b"\0" in content or not content.lstrip(b" \t\r\n").startswith(_BEGINNINGS):
        return None
    if _HEADER.search(content) is None and _STATED.search(content) is None:
        return None
    managed = read_managed(content)
    notes = managed.notes
    if managed.refusal is not None:
        line, why = managed.refusal
        finding = refused(
            "Unbound does not start with this file as its auto-trust-anchor-file",
            got=printable(why),
            want="a state, or an anchor file",
        )
        notes = (*notes, Note(finding, line))
    return Reading(STATE, managed.held, notes=notes)


READER = Reader(0, read_state)
