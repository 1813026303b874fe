"""Knot Resolver's RFC 5011 state: what a key file that it manages becomes.

``; STATE:TIMER`` stands right behind each record, and the whole line of a key that is not trusted
is commented out with ``; ``.  The timer is when the hold-down ends; a valid key has none, so
nobody can tell since when it is valid (trust_anchors.lua of Knot Resolver 5 and 6).
"""

from __future__ import annotations

import re
from datetime import datetime

from anchors.consumers.knot import STATE
from anchors.consumers.knot.keyset import read_keyset
from anchors.consumers.reading import Hold, Reading, StateOfKey
from anchors.core.found import MalformedAnchors

__all__ = ["read"]

_BEGINNINGS = (b";", b".")
_NAMES = "|".join(state.value for state in StateOfKey)
_STATED = re.compile(
    rb"(?m)^(?:; )?\.[ \t][^;\n]{0,8192};[ \t]*(?:%b):[0-9]*[ \t]*;[ \t]*KeyTag:" % _NAMES.encode()
)


def read(content: bytes, _path: str, _at: datetime) -> Reading | None:
    """Every key of the root with its state; one without a state is valid.

    Raises:
        MalformedAnchors: Knot Resolver does not start with it.
    """
    is_state = content.lstrip().startswith(_BEGINNINGS) and _STATED.search(content) is not None
    if not is_state:
        return None
    keyset = read_keyset(content)
    if keyset.refusal:
        raise MalformedAnchors(f"line {keyset.line}: {keyset.refusal}")
    if not keyset.is_of_root:
        return Reading(STATE)
    keys = sorted(keyset.keys, key=lambda key: key.line)
    return Reading(STATE, tuple(key.held(Hold.STATE)._replace(state=key.state) for key in keys))
