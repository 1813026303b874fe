"""DNSKEY records in zone-file form, byte for byte as Debian's dns-root-data ships them."""

from __future__ import annotations

from anchors import records
from anchors.crosscheck import CrossCheck
from anchors.formats.found import FoundAnchors
from anchors.formats.zone import parse_zone
from anchors.model import Anchor, KeyState

__all__ = ["parse", "render"]


def render(cross_check: CrossCheck) -> bytes:
    """One ``. IN DNSKEY`` line for each anchor whose public key is published, once a key."""
    lines = dict.fromkeys(line for a in cross_check.anchors.anchors for line in _line(a))
    return "".join(lines).encode()


def _line(anchor: Anchor) -> list[str]:
    key = anchor.key
    if key.public_key is None or key.flags is None:
        return []
    comment = f"keytag {key.key_tag}"
    if anchor.state is KeyState.FUTURE:
        comment += f", not valid before {key.window.valid_from:%Y-%m-%d}"
    text = records.dnskey_text(key.flags, key.algorithm, key.public_key)
    return [f". IN DNSKEY {text} ; {comment}\n"]


def parse(data: bytes) -> FoundAnchors:
    """Read DS and DNSKEY records of the root in zone-file form.

    Raises:
        MalformedAnchors: not a zone file.
    """
    return parse_zone(data)
