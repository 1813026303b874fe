"""Knot Resolver's RFC 5011 state: what a key file that it manages becomes.

``; STATE:TIMER`` stands right behind each record, and the whole line of a key that is not trusted
is commented out with ``; ``.  The timer is when the hold-down ends; a valid key has none, so
nobody can tell since when it is valid (trust_anchors.lua of Knot Resolver 5 and 6).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from anchors.auditing.place import Held, Hold, Reading, Rfc5011State, StateOfKey, Syntax
from anchors.auditing.readers.text import decoded
from anchors.auditing.readers.zone import root_anchors
from anchors.formats.found import FoundAnchor, MalformedAnchors

__all__ = ["looks_like", "read"]

_BEGINNINGS = (b";", b".")
_COMMENTED_OUT = "; "
_NAMES = "|".join(state.value for state in StateOfKey)
_STATE = re.compile(rf"\s*({_NAMES}):([0-9]*)")
_STATED = re.compile(
    rb"(?m)^(?:; )?\.[ \t][^;\n]{0,8192};[ \t]*(?:%b):[0-9]*[ \t]*;[ \t]*KeyTag:" % _NAMES.encode()
)


def looks_like(content: bytes) -> bool:
    """Whether a record of the root has a state behind it."""
    return content.lstrip().startswith(_BEGINNINGS) and _STATED.search(content) is not None


def read(content: bytes, _at: datetime) -> Reading:
    """Every key of the root with its state; one without a state is valid.

    Raises:
        MalformedAnchors: a record or a timer cannot be read.
    """
    held: list[Held] = []
    for number, line in enumerate(decoded(content).split("\n"), 1):
        commented_out = line.startswith(_COMMENTED_OUT)
        record, _, comment = line.removeprefix(_COMMENTED_OUT).partition(";")
        stated = _STATE.match(comment)
        if not record.strip() or (commented_out and stated is None):
            continue
        try:
            anchors = _anchors(record, commented_out=commented_out)
            state = _state(stated) if anchors else None
        except MalformedAnchors as error:
            raise MalformedAnchors(f"line {number}: {error}") from error
        held += [Held(anchor, Hold.STATE, number, state) for anchor in anchors]
    return Reading(Syntax.KNOT_STATE, tuple(held))


def _anchors(record: str, *, commented_out: bool) -> list[FoundAnchor]:
    try:
        return [anchor for anchor, _ in root_anchors(record)]
    except MalformedAnchors:
        # A comment that is no record is a comment.
        if commented_out:
            return []
        raise


def _state(stated: re.Match[str] | None) -> Rfc5011State:
    if stated is None:
        return Rfc5011State(StateOfKey.VALID)
    name, timer = stated.groups()
    if not timer:
        return Rfc5011State(StateOfKey(name))
    try:
        return Rfc5011State(StateOfKey(name), None, datetime.fromtimestamp(int(timer), UTC))
    except (ValueError, OverflowError, OSError) as error:
        raise MalformedAnchors(f"no such time: {timer:.40}") from error
