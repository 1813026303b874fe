"""Compare one anchor with the verified keys."""

from __future__ import annotations

from collections.abc import Callable

from anchors.auditing.result import Judged, Standing
from anchors.consumers.reading import Held
from anchors.core import records
from anchors.core.found import FoundAnchor, FoundDs
from anchors.core.keys import KeyState
from anchors.core.match import match
from anchors.pipeline.root_keys import RootKey, VerifiedKeys

__all__ = ["Known", "judge_anchor", "standing_of"]

# What an anchor is worth.
Known = Callable[[Held], Judged]

_STANDINGS = {
    KeyState.CURRENT: Standing.CURRENT,
    KeyState.FUTURE: Standing.NOT_YET,
    KeyState.EXPIRED: Standing.RETIRED,
    KeyState.REVOKED: Standing.REVOKED,
}


def judge_anchor(held: Held, verified: VerifiedKeys) -> Judged:
    """The state of an anchor: by its digest or key, never by its tag."""
    found = match(held.anchor, verified.keys)
    if found is None and _is_zone_key(held.anchor, verified):
        return Judged(held, f"key {_tag_of(held.anchor)}", Standing.ZONE_KEY)
    if found is None:
        return Judged(held, f"key {_tag_of(held.anchor)}", Standing.FOREIGN)
    if found.fault is not None:
        return Judged(held, found.key.name, Standing.DAMAGED, found.fault)
    return Judged(held, found.key.name, standing_of(found.key, is_revoked=found.is_revoked))


def standing_of(key: RootKey, *, is_revoked: bool) -> Standing:
    """The state of a key as it was published, or with REVOKE (RFC 5011 7)."""
    return Standing.REVOKED if is_revoked else _STANDINGS[key.state]


def _is_zone_key(anchor: FoundAnchor, verified: VerifiedKeys) -> bool:
    """Whether it is one of the keys that the root zone was seen to have beside its KSKs."""
    return not isinstance(anchor, FoundDs) and anchor.public_key in verified.zone_keys


def _tag_of(anchor: FoundAnchor) -> int | str:
    if isinstance(anchor, FoundDs):
        return anchor.key_tag
    try:
        dnskey = records.dnskey(anchor.flags, anchor.algorithm, anchor.public_key)
    except ValueError:
        return "without a tag"
    return records.key_tag(dnskey)
