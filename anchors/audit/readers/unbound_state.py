"""Unbound's RFC 5011 state: what auto-trust-anchor-file becomes (unbound.conf(5)).

Of ``;;state=2 [  VALID  ]`` the digit counts alone; ``lastchange`` is the last change of state.
Hold-downs take 30 days by default (RFC 5011 2.4.1 and 2.4.2), which the file does not repeat.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from anchors.audit.place import Held, Hold, Note, Reading, Rfc5011State, StateOfKey, Syntax
from anchors.audit.readers.text import decoded
from anchors.audit.readers.zone import root_anchors
from anchors.checks import Check
from anchors.formats.found import MalformedAnchors
from anchors.model import Finding, Severity

__all__ = ["looks_like", "read"]

_HEADER = re.compile(rb"(?m)^;;id:[ \t]*\.[ \t]")
_STATE_MARK = re.compile(rb"(?m)^[^;\n]{0,8192};[^\n]{0,256};;state=\d")
_STATE = re.compile(r";;state=(\d)")
_CHANGED = re.compile(r";;lastchange=(\d{1,12})\b")
_ALL_REVOKED = re.compile(r"(?m)^;;REVOKED")
_STATES = {
    0: StateOfKey.START,
    1: StateOfKey.ADD_PENDING,
    2: StateOfKey.VALID,
    3: StateOfKey.MISSING,
    4: StateOfKey.REVOKED,
    5: StateOfKey.REMOVED,
}
_HOLD_DOWN = timedelta(days=30)
_WAITING = {StateOfKey.ADD_PENDING, StateOfKey.REVOKED}
_WITHOUT_STATE = Finding(
    Check.AUDIT_IGNORED,
    Severity.WARNING,
    "Unbound 1.26 and newer skips a record without ;;state= in a file that has a header",
    remedy="stop Unbound, and remove the line or the whole state",
)
_REVOKED = Finding(
    Check.AUDIT_REVOKED,
    Severity.FAILURE,
    "every key was revoked: Unbound takes the root as having no anchor",
    got=";;REVOKED",
    want="a valid key",
    remedy="stop Unbound, and put a new anchor file in place of the state",
)


def looks_like(content: bytes) -> bool:
    """Whether it has the header of such a file for the root, or a record with a state."""
    return _HEADER.search(content) is not None or _STATE_MARK.search(content) is not None


def read(content: bytes, _at: datetime) -> Reading:
    """Every key with its state; what is skipped is ignored.

    Raises:
        MalformedAnchors: a record or a state cannot be read.
    """
    text = decoded(content)
    has_header = _HEADER.search(content) is not None
    held: list[Held] = []
    notes: list[Note] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.startswith(";"):
            continue
        stated = _STATE.search(line)
        try:
            anchors = [anchor for anchor, _ in root_anchors(line)]
        except MalformedAnchors as error:
            raise MalformedAnchors(f"line {number}: {error}") from error
        for anchor in anchors:
            if stated is None and has_header:
                held.append(Held(anchor, Hold.IGNORED, number))
                notes.append(Note(_WITHOUT_STATE, number))
            else:
                held.append(Held(anchor, Hold.STATE, number, _state(line, stated, number)))
    if _ALL_REVOKED.search(text):
        held = [one._replace(hold=Hold.IGNORED) for one in held]
        notes.append(Note(_REVOKED))
    return Reading(Syntax.UNBOUND_STATE, tuple(held), (), tuple(notes))


def _state(line: str, stated: re.Match[str] | None, number: int) -> Rfc5011State:
    if stated is None:
        return Rfc5011State(StateOfKey.VALID)
    state = _STATES.get(int(stated[1]))
    if state is None:
        raise MalformedAnchors(f"line {number}: there is no state {stated[1]}")
    changed = _CHANGED.search(line)
    if changed is None:
        return Rfc5011State(state)
    try:
        since = datetime.fromtimestamp(int(changed[1]), UTC)
        until = since + _HOLD_DOWN if state in _WAITING else None
    except (ValueError, OverflowError, OSError) as error:
        raise MalformedAnchors(f"line {number}: no such time: {changed[1]}") from error
    return Rfc5011State(state, since, until)
