"""DS records in zone-file form, byte for byte as Debian's dns-root-data ships them.

No comment and no TTL: dnsmasq's init script in Debian turns either into a fatal argument.
"""

from __future__ import annotations

from anchors import records
from anchors.crosscheck import CrossCheck
from anchors.formats.found import FoundAnchors
from anchors.formats.zone import parse_zone

__all__ = ["parse", "render"]


def render(cross_check: CrossCheck) -> bytes:
    """One ``. IN DS`` line for each anchor."""
    keys = [anchor.key for anchor in cross_check.anchors.anchors]
    lines = [
        f". IN DS {records.ds_text(k.key_tag, k.algorithm, k.digest_type, k.digest)}\n"
        for k in keys
    ]
    return "".join(lines).encode()


def parse(data: bytes) -> FoundAnchors:
    """Read DS and DNSKEY records of the root in zone-file form.

    Raises:
        MalformedAnchors: not a zone file.
    """
    return parse_zone(data)
