"""Unbound's RFC 5011 state: what auto-trust-anchor-file becomes (unbound.conf(5)).

Of ``;;state=2 [  VALID  ]`` the digit counts alone; ``;;lastchange=`` is when the state began.
The file does not tell when a hold-down ends: ``until`` is computed, 30 days after that
(RFC 5011 2.4.1 and 2.4.2; Unbound's own default).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from anchors.auditing.place import Held, Hold, Note, Reading, Rfc5011State, StateOfKey, Syntax
from anchors.auditing.readers.text import decoded
from anchors.auditing.readers.zone import root_anchors
from anchors.checks import Check
from anchors.formats.found import MalformedAnchors
from anchors.model import Finding, Severity

__all__ = ["looks_like", "read"]

_BEGINNINGS = (b";", b".")
_ID, _ALL_REVOKED = ";;id:", ";;REVOKED"
_HEADER = re.compile(rb"(?m)^;;id:[ \t]*\.[ \t]")
_STATED = re.compile(rb"(?m)^\.[ \t][^;\n]{0,8192};[^\n]{0,256}?;state=")
_STATE = re.compile(r"state=(.?)")
_CHANGED = re.compile(r"lastchange=([0-9]+)")
_STATES = {
    "0": StateOfKey.START,
    "1": StateOfKey.ADD_PENDING,
    "2": StateOfKey.VALID,
    "3": StateOfKey.MISSING,
    "4": StateOfKey.REVOKED,
    "5": StateOfKey.REMOVED,
}
_HOLD_DOWN = timedelta(days=30)
_WITH_HOLD_DOWN = {StateOfKey.ADD_PENDING, StateOfKey.REVOKED}
_WITHOUT_STATE = Finding(
    Check.AUDIT_IGNORED,
    Severity.WARNING,
    "Unbound 1.26 skips a record without ;;state= below ;;id:, Unbound 1.17 trusts it",
    remedy="stop Unbound, and put an anchor file without ;; lines in place of the state",
)
_REVOKED = Finding(
    Check.AUDIT_REVOKED,
    Severity.FAILURE,
    "every key was revoked: Unbound takes the root as having no anchor, and validates nothing",
    got=_ALL_REVOKED,
    want="a valid key",
    remedy="stop Unbound, and put a new anchor file in place of the state",
)


def looks_like(content: bytes) -> bool:
    """Whether it has the header of such a file for the root, or a record with a state."""
    if not content.lstrip().startswith(_BEGINNINGS):
        return False
    return _HEADER.search(content) is not None or _STATED.search(content) is not None


def read(content: bytes, _at: datetime) -> Reading:
    """Every key of the root with its state; what Unbound skips is ignored.

    Raises:
        MalformedAnchors: a record, a state or a time cannot be read.
    """
    held: list[Held] = []
    has_header = all_revoked = False
    for number, line in enumerate(decoded(content).split("\n"), 1):
        if line.startswith(_ID):
            has_header = True
        elif line.startswith(_ALL_REVOKED):
            all_revoked = True
        else:
            held += _held(line, number, has_header=has_header)
    if all_revoked:
        # Unbound reads no further than to that line; below ;;id: it refuses the whole file.
        ignored = tuple(one._replace(hold=Hold.IGNORED) for one in held)
        return Reading(Syntax.UNBOUND_STATE, ignored, (), (Note(_REVOKED),))
    notes = (Note(_WITHOUT_STATE, one.line) for one in held if one.hold is Hold.IGNORED)
    return Reading(Syntax.UNBOUND_STATE, tuple(held), (), tuple(notes))


def _held(line: str, number: int, *, has_header: bool) -> list[Held]:
    record, _, comment = line.partition(";")
    if not record.strip():
        return []
    stated = _STATE.search(comment)
    try:
        anchors = [anchor for anchor, _ in root_anchors(record)]
        state = _state(stated, comment)
    except MalformedAnchors as error:
        raise MalformedAnchors(f"line {number}: {error}") from error
    if stated is None and has_header:
        return [Held(anchor, Hold.IGNORED, number) for anchor in anchors]
    return [Held(anchor, Hold.STATE, number, state) for anchor in anchors]


def _state(stated: re.Match[str] | None, comment: str) -> Rfc5011State:
    if stated is None:
        return Rfc5011State(StateOfKey.VALID)
    state = _STATES.get(stated[1])
    if state is None:
        raise MalformedAnchors(f"there is no state {stated[1]!r}")
    changed = _CHANGED.search(comment)
    # 0 is unset, as in a file that no Unbound has rewritten yet.
    if changed is None or not changed[1].strip("0"):
        return Rfc5011State(state)
    try:
        since = datetime.fromtimestamp(int(changed[1]), UTC)
        until = since + _HOLD_DOWN if state in _WITH_HOLD_DOWN else None
    except (ValueError, OverflowError, OSError) as error:
        raise MalformedAnchors(f"no such time: {changed[1]:.40}") from error
    return Rfc5011State(state, since, until)
