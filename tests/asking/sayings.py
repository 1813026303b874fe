"""What programs may say of the two keys."""

from __future__ import annotations

from anchors.asking.control import Witness
from anchors.consumers.driver import Held, HeldTags
from anchors.core.found import FoundAnchor, FoundAnchors, FoundDnskey, FoundDs
from tests.unit.auditing.basis import AFTER_THE_ROLL, keys

__all__ = [
    "KEYS",
    "NEW",
    "NEW_DIGEST",
    "NEW_KEY",
    "OLD",
    "OTHER",
    "UNTOLD",
    "WRONG",
    "saying",
    "tagging",
]

KEYS = {key.key_tag: key for key in keys(AFTER_THE_ROLL).keys}
NEW_DIGEST = KEYS[38696].digest(2) or b""
OLD = FoundDs(20326, 8, 2, KEYS[20326].digest(2) or b"")
NEW = FoundDs(38696, 8, 2, NEW_DIGEST)
WRONG = NEW._replace(digest=bytes([NEW_DIGEST[0] ^ 1, *NEW_DIGEST[1:]]))
OTHER = NEW._replace(digest=bytes(32))
NEW_KEY = FoundDnskey(257, 8, KEYS[38696].public_key or b"")
UNTOLD = Witness("BIND", None, "rndc: connect failed: 127.0.0.1#953: connection refused")


def saying(*anchors: FoundAnchor) -> Witness:
    return Witness("PowerDNS Recursor", Held(FoundAnchors(anchors), "rec_control get-tas"))


def tagging(*tags: int) -> Witness:
    return Witness("BIND", Held(HeldTags(tags), "rndc secroots"))
