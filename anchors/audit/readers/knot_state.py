"""Knot Resolver's RFC 5011 state: what a managed key file becomes.

``; State:TIMER`` stands behind each record; a key that is not trusted has its whole line commented
out.  The timer is when the hold-down ends; a valid key has none, so nobody can tell since when.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from anchors.audit.place import Held, Hold, Reading, Rfc5011State, StateOfKey, Syntax
from anchors.audit.readers.text import decoded
from anchors.audit.readers.zone import root_anchors
from anchors.formats.found import MalformedAnchors

__all__ = ["looks_like", "read"]

_NAMES = "|".join(state.value for state in StateOfKey)
_STATED = re.compile(rf";[ \t]*(?P<state>{_NAMES}):(?P<timer>\d{{0,12}})(?=[ \t]|$)")
_LOOKS = re.compile(
    rb"(?m)^(?:;[ \t]*)?\.[ \t][^;\n]{0,8192};[ \t]*(?:" + _NAMES.encode() + rb"):\d*[ \t]*;"
)


def looks_like(content: bytes) -> bool:
    """Whether a record of the root has a state behind it."""
    return _LOOKS.search(content) is not None


def read(content: bytes, _at: datetime) -> Reading:
    """Every key with its state.

    Raises:
        MalformedAnchors: a record or a timer cannot be read.
    """
    held: list[Held] = []
    for number, line in enumerate(decoded(content).split("\n"), 1):
        stated = _STATED.search(line)
        record = line.lstrip("; \t") if stated else line
        if not record.strip() or record.startswith(";"):
            continue
        try:
            anchors = root_anchors(record)
            state = _state(stated)
        except MalformedAnchors as error:
            raise MalformedAnchors(f"line {number}: {error}") from error
        held += [Held(anchor, Hold.STATE, number, state) for anchor, _ in anchors]
    return Reading(Syntax.KNOT_STATE, tuple(held))


def _state(stated: re.Match[str] | None) -> Rfc5011State:
    if stated is None:
        return Rfc5011State(StateOfKey.VALID)
    state = StateOfKey(stated["state"])
    if not stated["timer"]:
        return Rfc5011State(state)
    try:
        return Rfc5011State(state, None, datetime.fromtimestamp(int(stated["timer"]), UTC))
    except (ValueError, OverflowError, OSError) as error:
        raise MalformedAnchors(f"no such time: {stated['timer']}") from error
