"""DNSKEY records in zone-file form, byte for byte as Debian's dns-root-data ships them."""

from __future__ import annotations

from anchors.crosscheck import CrossCheck
from anchors.formats.format import Form, Format
from anchors.formats.provenance import join_lines
from anchors.formats.zone import dnskey_rdata, parse_zone
from anchors.model import Anchor, KeyState

__all__ = ["FORMATS", "render"]


def render(cross_check: CrossCheck) -> bytes:
    """One ``. IN DNSKEY`` line for each anchor whose public key is published, once a key."""
    lines: dict[str, str] = {}
    for anchor in cross_check.anchors.anchors:
        rdata = dnskey_rdata(anchor)
        if rdata is not None:
            lines.setdefault(rdata, f". IN DNSKEY {rdata} ; {_comment(anchor)}")
    return join_lines(lines.values())


def _comment(anchor: Anchor) -> str:
    comment = f"keytag {anchor.key.key_tag}"
    if anchor.state is KeyState.FUTURE:
        comment += f", not valid before {anchor.key.window.valid_from:%Y-%m-%d}"
    return comment


FORMATS = (
    Format(
        name="dnskey",
        file_name="root.key",
        media_type="text/dns",
        consumer="Unbound, Knot Resolver 5 and 6, PowerDNS Recursor 4.8 and 5, ldns, getdns",
        form=Form.DNSKEY,
        install="Copy it to /usr/share/dns/root.key, as Debian's dns-root-data does.",
        render=render,
        parse=parse_zone,
    ),
)
